// <rr-making>: a reading in the making: stages with progress, the text as its tokens come, cancel; afterwards what failed
// and how to mend it.

import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { css, html, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { capital, fixed } from '../shared/format.ts';
import { errorNotice } from '../shared/parts.ts';
import { base } from '../shared/styles.ts';
import { ModelView } from '../shared/view.ts';
import type { ScanModel, Topic } from './model.ts';
import type { Making } from './progress.ts';

/** Tokens of a smaller probability are marked while the text comes. */
const LOW = 0.5;

@customElement('rr-making')
export class MakingView extends ModelView<Topic, ScanModel> {
  static override styles = [
    base,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; height: 100%; }
      ol { padding: 10px 14px 6px; flex: none; }
      li { display: grid; grid-template-columns: 1fr max-content; column-gap: 12px; font-size: 12px; line-height: 20px; margin-bottom: 4px; }
      vscode-progress-bar, .rest { grid-column: 1 / 3; height: 2px; background: color-mix(in srgb, var(--vscode-foreground) 14%, transparent); }
      .text { flex: 1; overflow: auto; padding: 8px 14px; font-size: 13.5px; line-height: 21px; color: var(--rr-strong); white-space: pre-wrap; }
      .low { color: var(--rr-dim); font-style: italic; }
      .actions { display: flex; gap: 8px; padding: 10px 14px; flex: none; }
    `,
  ];
  protected readonly topics = ['progress', 'layout'] as const;

  protected override updated(): void {
    const text = this.renderRoot.querySelector('.text');
    if (text && this.model.making?.state === 'running') text.scrollTop = text.scrollHeight;
  }

  /** Stages before the last one are done; the last one moves as far as it says, or shows that it runs. */
  private stage(making: Making, n: number): TemplateResult {
    const s = making.stages[n]!;
    const running = making.state === 'running' || making.state === 'cancelling';
    const over = n < making.stages.length - 1;
    const share = over ? 1 : s.moved && s.total > 0 ? Math.min(1, s.done / s.total) : undefined;
    const measure = over ? 'done' : share === undefined ? '' : s.total > 9999 ? `${Math.round(100 * share)} %` : `${s.done} of ${s.total}`;
    return html`<li data-testid="stage"><span>${capital(s.name)}</span><span class="dim">${s.detail || measure}</span>
      ${share === undefined && !running ? html`<span class="rest"></span>` : html`<vscode-progress-bar aria-label=${s.name} .value=${100 * (share ?? 0)} ?indeterminate=${share === undefined}></vscode-progress-bar>`}
    </li>`;
  }

  protected override render(): unknown {
    const { model } = this;
    const { making } = model;
    if (!making) return '';
    const title = { running: 'Reading', cancelling: 'Cancelling', failed: 'The reading failed', cancelled: 'The reading was cancelled' }[making.state];
    const running = making.state === 'running' || making.state === 'cancelling';
    return html`
      <div class="head"><h2>${title}</h2><span class="dim">${making.tokens.length > 0 ? `${making.tokens.length} tokens, italic where the probability is under ${LOW}` : ''}</span><span class="grow"></span>
        ${running ? html`<vscode-button data-testid="cancel-button" secondary ?disabled=${making.state === 'cancelling'} @click=${() => void model.cancel()}>Cancel</vscode-button>` : ''}
      </div>
      <ol aria-label="Stages">
        ${making.stages.map((_s, n) => this.stage(making, n))}
      </ol>
      ${making.error ? errorNotice(making.error) : ''}
      ${running
        ? ''
        : html`<div class="actions">
            <vscode-button @click=${() => void model.read()}>Read again</vscode-button>
            <vscode-button secondary @click=${() => model.dismiss()}>${model.open ? 'Back to the reading' : 'Close'}</vscode-button>
          </div>`}
      <div class="text" aria-live="polite">${making.tokens.map((t) => (t.logProb < Math.log(LOW) ? html`<span class="low" title="probability ${fixed(Math.exp(t.logProb), 2)}">${t.text}</span>` : t.text))}</div>
    `;
  }
}
