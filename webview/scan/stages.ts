// <rr-stages>: the stages of the open reading in order, each with its time and the shape of what it gave on. It stands
// where the verdict per stage for a clue will stand.

import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { capital, duration } from '../shared/format.ts';
import { base } from '../shared/styles.ts';
import { ModelView } from '../shared/view.ts';
import type { ScanModel, Topic } from './model.ts';

@customElement('rr-stages')
export class Stages extends ModelView<Topic, ScanModel> {
  static override styles = [
    base,
    css`
      :host { display: block; border-top: 1px solid var(--rr-line); padding: 9px 14px 10px; overflow-x: auto; }
      ol { display: flex; align-items: stretch; gap: 0; }
      li { flex: 1; min-width: max-content; padding: 0 14px; border-left: 1px solid var(--rr-line); }
      li:first-child { padding-left: 0; border-left: 0; }
      .name { font-size: 12px; white-space: nowrap; color: var(--rr-strong); font-weight: 600; }
      .value { font-size: 16px; line-height: 24px; color: var(--rr-strong); white-space: nowrap; }
      .shape { font-size: 11px; line-height: 15px; white-space: nowrap; }
    `,
  ];
  protected readonly topics = ['reading'] as const;

  protected override render(): unknown {
    const reading = this.model.open?.reading;
    if (!reading) return '';
    const { settings, bundle } = reading;
    const total = reading.stages.reduce((sum, s) => sum + s.ms, 0);
    return html`<ol aria-label="Stages of the reading">
      ${reading.stages.map(
        (s) => html`<li data-testid="stage" title=${s.kind}>
          <div class="name">${s.kind === 'probe' ? `Probe ${s.name}` : capital(s.name)}</div><div class="value">${duration(s.ms)}</div><div class="shape dim">${s.shape.join(' \u00d7 ') || '\u00a0'}</div>
        </li>`,
      )}
      <li title="sha256 ${bundle.sha256}">
        <div class="name">All stages</div><div class="value">${duration(total)}</div><div class="shape dim">${settings.device}, ${settings.precision}, ${settings.decoding}, seed ${settings.seed}</div>
      </li>
    </ol>`;
  }
}
