// <rr-start>: beside the slices while no reading is open: what reading does, the button, and the saved readings of this
// scan. Where reading is not possible it says why.

import '@vscode-elements/elements/dist/vscode-button/index.js';
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { errorNotice } from '../shared/parts.ts';
import { base } from '../shared/styles.ts';
import { capital, times } from '../shared/format.ts';
import { ModelView } from '../shared/view.ts';
import type { ScanModel, Topic } from './model.ts';

@customElement('rr-start')
export class Start extends ModelView<Topic, ScanModel> {
  static override styles = [
    base,
    css`
      :host { display: flex; flex-direction: column; overflow: auto; padding: 22px 20px; gap: 14px; }
      h2 { font-size: 13px; font-weight: 600; color: var(--rr-strong); }
      h3 { font-size: 11px; font-weight: 600; color: var(--rr-dim); margin: 8px 0 4px; }
      p { color: var(--rr-dim); font-size: 12px; line-height: 18px; }
      .do { display: flex; gap: 10px; align-items: center; } kbd { font: inherit; font-size: 11px; color: var(--rr-dim); }
      li button { display: block; width: 100%; padding: 4px 6px; border-radius: 3px; font-size: 12px; }
      li button:hover { background: var(--vscode-list-hoverBackground); }
      li button span { display: flex; gap: 8px; justify-content: space-between; }
      li .headline { color: var(--rr-strong); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 12px; font-size: 12px; }
      dt { color: var(--rr-dim); } dd { overflow-wrap: anywhere; }
      .warn { border-left: 2px solid var(--vscode-editorWarning-foreground); padding-left: 10px; font-size: 12px; }
    `,
  ];
  protected readonly topics = ['scan', 'readings', 'layout', 'reading'] as const;

  protected override render(): unknown {
    const { model } = this;
    const { scan, canRead, readings } = model;
    return html`
      <h2>No reading open</h2>
      <p>Let a model read this scan. Its report, what each clue rests on, and what its visual tokens still hold will stand beside the slices.</p>
      <div class="do"><vscode-button data-testid="read-button" ?disabled=${!canRead.ok} title=${canRead.ok ? 'Reading Room: Read Scan' : canRead.why} @click=${() => void model.read()}>Read Scan</vscode-button>${canRead.ok ? html`<kbd>Ctrl+Enter</kbd>` : ''}</div>
      ${canRead.ok ? '' : html`<p class="warn">${canRead.why}</p>`}
      ${model.readingError ? errorNotice(model.readingError) : ''}
      <section>
        <h3>Saved readings of this scan</h3>
        ${readings.length === 0
          ? html`<p>None yet.</p>`
          : html`<ul>
              ${readings.map(
                (r) => html`<li><button title=${r.path} @click=${() => void model.openReading(r.path)}>
                  <span><span class="headline">${r.headline}</span></span>
                  <span class="dim"><span>${r.bundle}</span><span>${when(r.created)}</span></span>
                </button></li>`,
              )}
            </ul>`}
      </section>
      ${scan
        ? html`<section>
            <h3>Scan</h3>
            <dl>
              <dt>Format</dt><dd>${scan.format}, ${scan.dtype}${scan.unit === 'HU' ? ', HU' : ''}</dd>
              <dt>Voxels</dt><dd>${times(scan.dims)}</dd>
              <dt>Spacing</dt><dd>${times(scan.spacing, 2)} mm</dd>
              <dt>Axes</dt><dd>${scan.axcodes}</dd>
              ${Object.entries(scan.facts).map(([name, value]) => html`<dt>${words(name)}</dt><dd>${value}</dd>`)}
            </dl>
          </section>
          ${scan.warnings.map((w) => html`<p class="warn">${w}</p>`)}`
        : ''}
    `;
  }
}

/** 'byteOrder' as 'Byte order'. */
const words = (key: string): string => capital(key).replace(/([a-z])([A-Z])/g, (_all, a: string, b: string) => `${a} ${b.toLowerCase()}`);

const when = (iso: string): string => {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
};
