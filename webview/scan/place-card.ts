// <rr-place-card>: the visual token at the clicked place: where it is, how well it is reconstructed beside the null
// baseline, and the words that change when it is occluded.

import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { fixed, times } from '../shared/format.ts';
import { gauge } from '../shared/parts.ts';
import { base } from '../shared/styles.ts';
import { ModelView } from '../shared/view.ts';
import type { ScanModel, Topic } from './model.ts';

@customElement('rr-place-card')
export class PlaceCard extends ModelView<Topic, ScanModel> {
  static override styles = [
    base,
    css`
      .card { --cc: var(--rr-token); }
      .chips { display: flex; flex-wrap: wrap; gap: 4px; }
      .chip { border: 1px solid var(--rr-widget); border-radius: 2px; padding: 0 6px; line-height: 17px; font-size: 11px; }
      .chip:hover { border-color: var(--rr-token); } .chip[aria-pressed='true'] { border-color: var(--rr-token); background: color-mix(in srgb, var(--rr-token) 22%, transparent); }
      .chip span { color: var(--rr-dim); margin-left: 4px; }
      .close { margin-left: auto; color: var(--rr-dim); font-size: 11px; } .close:hover { color: var(--rr-strong); }
    `,
  ];
  protected readonly topics = ['place', 'reading'] as const;

  protected override render(): unknown {
    const { model } = this;
    const { place, placeState } = model;
    const close = html`<button class="close" title="Close (Esc)" @click=${() => model.closePlace()}>Close</button>`;
    if (placeState === 'outside') return html`<div class="card" data-testid="place-card"><header><b>No token here</b>${close}</header><p class="dim">This place lies outside the model\u2019s input.</p></div>`;
    if (placeState === 'failed' && model.placeError) return html`<div class="card" data-testid="place-card"><header><b>Token</b>${close}</header><p>${model.placeError.message}</p><p class="dim">${model.placeError.fix}</p></div>`;
    if (!place) return html`<div class="card" data-testid="place-card"><header><b>Token</b>${close}</header><p class="dim">Being looked up\u2026</p></div>`;
    const { rmse, nullRmse, percentile } = place;
    return html`<div class="card" data-testid="place-card" role="region" aria-label="Selected token">
      <header><b>Token ${place.token}</b><span class="dim">(${place.at.join(', ')}), ${times(model.open!.reading.visual.footprintMm, 1)} mm</span>${close}</header>
      <dl>
        ${rmse === undefined
          ? html`<dt>RMSE</dt><dd class="wide dim">not available: this bundle ships no probe</dd>`
          : html`<dt>RMSE</dt><dd class="num">${fixed(rmse, 1)} HU</dd><dd class="side">${nullRmse === undefined ? '' : html`${gauge(rmse, nullRmse, 1.15 * Math.max(rmse, nullRmse))}<span>null ${fixed(nullRmse, 1)}</span>`}</dd>${percentile === undefined ? '' : html`<dt>Percentile</dt><dd class="num">${fixed(percentile, 0)}</dd><dd class="side">of the error of all tokens</dd>`}`}
        <dt>Words</dt>
        <dd class="wide">${place.words.length === 0
          ? html`<span class="dim">drove no word more than a random token does (null ${fixed(place.nullStrength, 2)} nats)</span>`
          : html`<div class="chips">${place.words.map((w) => html`<button class="chip" aria-pressed=${model.picked?.start === w.span[0] ? 'true' : 'false'} title="Fall of log-probability ${fixed(w.strength, 2)} nats, null ${fixed(place.nullStrength, 2)}" @click=${() => model.pickWords(w.span[0], w.span[1])}>${w.text.trim()}<span>${fixed(w.strength, 2)}</span></button>`)}</div>`}</dd>
      </dl>
    </div>`;
  }
}
