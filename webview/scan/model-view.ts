// <rr-model-view>: what the encoder received: channels with their windows, size and spacing of the tensor, and one line per
// step on the way from the file that lost information. The slices then show the chosen channel in model units.

import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { fixed, times } from '../shared/format.ts';
import { affineColumn, length } from '../shared/pane/geometry.ts';
import { base } from '../shared/styles.ts';
import { ModelView as View } from '../shared/view.ts';
import type { ScanModel, Topic } from './model.ts';

@customElement('rr-model-view')
export class ModelInput extends View<Topic, ScanModel> {
  static override styles = [
    base,
    css`
      :host { display: block; padding: 8px 14px 10px; font-size: 12px; }
      header { display: flex; align-items: center; gap: 10px; margin-bottom: 6px; }
      .says { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; }
      h3 { white-space: nowrap; font-size: 12px; font-weight: 600; color: var(--rr-strong); }
      h4 { font-size: 11px; font-weight: 600; color: var(--rr-dim); margin: 8px 0 2px; }
      li { display: grid; grid-template-columns: 72px 1fr; column-gap: 10px; } li span:first-child { color: var(--rr-dim); }
      tr.on td { color: var(--rr-strong); background: var(--vscode-list-inactiveSelectionBackground); }
    `,
  ];
  protected readonly topics = ['reading', 'layout'] as const;

  protected override render(): unknown {
    const { model } = this;
    const reading = model.open?.reading;
    if (!reading) return '';
    const { input, scan, lossy } = reading;
    const spacing = [0, 1, 2].map((j) => length(affineColumn(input.affine, j)));
    return html`<section data-testid="model-view" aria-label="Model view">
      <header><h3>Model view</h3><span class="dim says">the tensor that the encoder received</span><span class="grow"></span>
        <div class="seg" role="group" aria-label="Channel">${input.channels.map((c, n) => html`<button aria-pressed=${n === model.inputChannel ? 'true' : 'false'} @click=${() => model.setInputChannel(n)}>${c.name}</button>`)}</div>
      </header>
      <table>
        <tr><th></th><th>scan</th><th>model input</th></tr>
        <tr><td>Voxels</td><td>${times(scan.dims)}</td><td>${times(input.dims)}</td></tr>
        <tr><td>Spacing, mm</td><td>${times(scan.spacing, 2)}</td><td>${times(spacing, 2)}</td></tr>
        ${input.channels.map((c, n) => html`<tr class=${n === model.inputChannel ? 'on' : ''}><td>Channel ${c.name}</td><td>HU</td><td>${fixed(c.low, 0)} to ${fixed(c.high, 0)} HU</td></tr>`)}
      </table>
      <h4>${lossy.length === 0 ? 'No step lost information' : 'Lossy steps'}</h4>
      <ol>${lossy.map((s) => html`<li data-testid="lossy-step"><span>${s.step}</span><span>${s.what}</span></li>`)}</ol>
    </section>`;
  }
}
