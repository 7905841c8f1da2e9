// Histogram of the reconstruction error over all visual tokens, with the selected token marked.

import { html, svg, type TemplateResult } from 'lit';
import { fixed, niceCeil } from '../shared/format.ts';
import { cssColour, FIRE } from '../shared/pane/colour.ts';

export interface Bins {
  counts: number[];
  /** Upper end of the scale; values above it are counted in the last bin. */
  high: number;
  median: number;
}

/** Equal bins from 0 to a round number at or above the largest value. */
export function binErrors(values: ArrayLike<number>, bins: number): Bins {
  const sorted = Float64Array.from(Array.from(values).filter((v) => Number.isFinite(v))).sort();
  const high = niceCeil(sorted[sorted.length - 1] ?? 1);
  const counts = new Array<number>(bins).fill(0);
  for (const v of sorted) counts[Math.min(bins - 1, Math.floor((bins * v) / high))]!++;
  const middle = sorted.length >> 1;
  const median = sorted.length === 0 ? NaN : sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { counts, high, median };
}

export function histogram(values: Float32Array, selected: { value: number; percentile?: number } | undefined): TemplateResult {
  const { counts, high, median } = binErrors(values, 25);
  const most = Math.max(1, ...counts);
  const [width, height, base] = [300, 130, 110];
  const x = (v: number): number => (width * Math.min(v, high)) / high;
  const mark = selected && x(selected.value);
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  return html`<figure>
    <figcaption><span>Error per token, RMSE</span><span>${values.length} tokens, median ${fixed(median, 1)} HU</span></figcaption>
    <svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="Histogram of the error of ${values.length} tokens, median ${fixed(median, 1)} HU${selected ? `, selected token ${fixed(selected.value, 1)} HU` : ''}">
      ${counts.map((n, b) => svg`<rect x=${(width * b) / counts.length + 0.5} y=${base - (95 * n) / most} width=${width / counts.length - 1} height=${(95 * n) / most} fill=${cssColour(FIRE, 0.3 + (0.6 * b) / counts.length)}></rect>`)}
      ${svg`<line class="axis" x1="0" x2=${width} y1=${base} y2=${base}></line>`}
      ${mark === undefined ? '' : svg`<line class="mark" x1=${mark} x2=${mark} y1="6" y2=${base}></line>`}
    </svg>
    <div class="ticks">${ticks.map((t, n) => html`<span>${fixed(t * high, high < 4 ? 1 : 0)}${n === 4 ? ' HU' : ''}</span>`)}</div>
    <p class="selected">${selected ? `selected token ${fixed(selected.value, 1)} HU${selected.percentile === undefined ? '' : `, percentile ${fixed(selected.percentile, 0)}`}` : 'click a place to mark its token'}</p>
  </figure>`;
}
