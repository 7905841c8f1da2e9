// <rr-clue-card>: what the selected clue rests on. Names the method and sets the strength beside that of a random region of
// equal size; "no support found" is a result.

import { css, html, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { fixed, times } from '../shared/format.ts';
import { toPixel } from '../shared/pane/geometry.ts';
import { errorNotice, gauge } from '../shared/parts.ts';
import { base } from '../shared/styles.ts';
import { ModelView } from '../shared/view.ts';
import { lookOf, LOOK_WORD, type ClueEntry } from './clues.ts';
import type { Method, ScanModel, Topic } from './model.ts';

const METHOD_SAYS: Record<Method, string> = {
  occlusion: 'each visual token replaced by the mean token; fall of the words\u2019 log-probability',
  attention: 'mean over layers and heads of the words\u2019 attention to visual tokens; where it looked, not what it used',
};

/** The bar's least full scale, in nats or share of attention: what is next to nothing looks like it. */
const LEAST_SCALE = 0.1;

@customElement('rr-clue-card')
export class ClueCard extends ModelView<Topic, ScanModel> {
  static override styles = [
    base,
    css`
      .card.supported { --cc: var(--rr-supported); } .card.unsupported { --cc: var(--rr-unsupported); } .card.missed { --cc: var(--rr-missed); }
      .card.contradicted { --cc: var(--rr-contradicted); } .card.present { --cc: var(--vscode-textLink-foreground); } .card.absent, .card.normal, .card.uncertain { --cc: var(--rr-absent); }
      header b { overflow-wrap: anywhere; }
      .why { color: var(--rr-dim); margin-bottom: 4px; }
      nav { display: flex; gap: 14px; align-items: center; margin-top: 6px; border-top: 1px solid var(--rr-widget); padding-top: 6px; flex-wrap: wrap; }
      kbd { font: inherit; font-size: 10.5px; color: var(--rr-dim); margin-left: 4px; }
      .nothing { color: var(--rr-strong); }
    `,
  ];
  protected readonly topics = ['clue', 'reading', 'layout'] as const;

  /** Sum of log-probabilities of the clue's tokens. */
  private logProb(entry: ClueEntry): { sum: number; count: number } | undefined {
    const tokens = (this.model.open?.reading.tokens ?? []).filter((t) => t.span[1] > entry.clue.span[0] && t.span[0] < entry.clue.span[1]);
    return tokens.length === 0 ? undefined : { sum: tokens.reduce((s, t) => s + t.logProb, 0), count: tokens.length };
  }

  private region(tokens: readonly number[]): string {
    const { open, region, slices } = this.model;
    const [x, y, z] = open!.reading.visual.footprintMm;
    const ml = (tokens.length * x * y * z) / 1000;
    let range = '';
    const geometry = slices.geometry('axial', 0);
    if (geometry && region?.state === 'found') {
      const count = this.model.scan?.slices.axial ?? 1;
      const ends = region.region.box.map((p) => Math.min(count, Math.max(1, Math.round(toPixel(geometry, p)[2]) + 1))).sort((a, b) => a - b);
      range = `, slices ${ends[0]} to ${ends[1]}`;
    }
    return `${fixed(ml, 1)} mL in ${tokens.length} token${tokens.length === 1 ? '' : 's'}${range}`;
  }

  private strength(value: number, nullValue: number, unit: string): TemplateResult {
    const most = 1.15 * Math.max(value, nullValue, LEAST_SCALE);
    return html`<dt>Strength</dt><dd class="num" title=${unit}>${fixed(value, 2)}</dd><dd class="side">${gauge(value, nullValue, most)}<span>null ${fixed(nullValue, 2)} ${unit}</span></dd>`;
  }

  private support(entry: ClueEntry): TemplateResult {
    const { model } = this;
    const { region, method } = model;
    const method_ = html`<dt>Method</dt><dd class="wide" title=${METHOD_SAYS[method]}>${method}, ${method === 'occlusion' ? 'mean token' : 'mean of layers and heads'}, ${times(model.open!.reading.visual.grid)} tokens</dd>`;
    if (!region || region.state === 'loading') return html`<dl>${method_}<dt>Region</dt><dd class="wide dim">being looked up</dd></dl>`;
    if (region.state === 'failed') return errorNotice(region.error);
    const prob = this.logProb(entry);
    const words = prob && html`<dt>Log-prob</dt><dd class="num">${fixed(prob.sum, 2)}</dd><dd class="side">${prob.count} token${prob.count === 1 ? '' : 's'}, mean probability ${fixed(Math.exp(prob.sum / prob.count), 2)}</dd>`;
    if (region.state === 'none') {
      const link = entry.links.find((l) => l.method === method);
      return html`<dl>${method_}${link ? this.strength(link.strength, link.nullStrength, method === 'occlusion' ? 'nats' : 'of attention') : ''}${words}
        <dt>Region</dt><dd class="wide nothing">no support found</dd></dl>`;
    }
    const { strength, nullStrength, tokens } = region.region;
    return html`<dl>${method_}${this.strength(strength, nullStrength, method === 'occlusion' ? 'nats' : 'of attention')}${words}<dt>Region</dt><dd class="wide">${this.region(tokens)}</dd></dl>`;
  }

  private missed(entry: ClueEntry): TemplateResult {
    const volume = entry.links.find((l) => l.method === 'label-map');
    return html`<dl>
      <dt>Method</dt><dd class="wide">${volume ? 'label map of the scan' : 'none: the model wrote no words that could be traced'}</dd>
      ${volume ? html`<dt>Volume</dt><dd class="wide num">${fixed(volume.strength, 1)} mL</dd>` : ''}
    </dl>`;
  }

  protected override render(): unknown {
    const { model } = this;
    const entry = model.clue;
    if (!entry) return '';
    const against = model.show.reference && model.open?.reading.reference !== undefined;
    const look = lookOf(entry, against);
    const { clue } = entry;
    const facts = [clue.finding?.replaceAll('-', ' '), clue.side === 'none' ? undefined : clue.side, clue.entity, clue.acuity, clue.change].filter((f) => f).join(', ');
    return html`<div class="card ${look}" role="region" aria-label="Selected clue">
      <header><b>${clue.text}</b><span class="tag">${LOOK_WORD[look]}</span></header>
      ${facts ? html`<p class="why">${facts}</p>` : ''}
      ${against && entry.compared ? html`<p class="why">${entry.compared.why}</p>` : ''}
      ${entry.inModel ? this.support(entry) : this.missed(entry)}
      <nav>
        ${entry.inModel
          ? html`<div class="seg" role="group" aria-label="Method">
              ${(['occlusion', 'attention'] as const).map((m) => html`<button aria-pressed=${model.method === m ? 'true' : 'false'} title=${METHOD_SAYS[m]} @click=${() => model.setMethod(m)}>${m}</button>`)}
            </div>
            ${model.region?.state === 'found' ? html`<button class="link" @click=${() => model.region?.state === 'found' && model.setPoint(model.region.region.centre)}>Jump</button>` : ''}`
          : ''}
        <span class="grow"></span>
        <button class="link" @click=${() => model.nextClue(-1)}>Previous<kbd>p</kbd></button><button class="link" @click=${() => model.nextClue(1)}>Next<kbd>n</kbd></button>
      </nav>
    </div>`;
  }
}
