// Histogram of the reconstruction error over all visual tokens, with the selected token marked.

import { html, svg, type TemplateResult } from 'lit';
import { fixed, niceCeil } from '../shared/format.ts';
import { cssColour, FIRE } from '../shared/pane/colour.ts';

export interface Bins {
  counts: number[];
  median: number;
}

/** Counts in equal bins from 0 to `high`; what lies above is counted in the last bin. */
export function binErrors(values: ArrayLike<number>, bins: number, high: number): Bins {
  const sorted = Float64Array.from(Array.from(values).filter((v) => Number.isFinite(v))).sort();
  const counts = new Array<number>(bins).fill(0);
  for (const v of sorted) counts[Math.min(bins - 1, Math.floor((bins * v) / high))]!++;
  const middle = sorted.length >> 1;
  const median = sorted.length === 0 ? NaN : sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { counts, median };
}

const BINS = 25;
const [WIDTH, HEIGHT, BASE, TOP] = [300, 130, 110, 95];

/** Bars: the probe. Stepped line: the null baseline, on the same scale. */
export function histogram(errors: { probe: Float32Array; null: Float32Array }, selected: { value: number; percentile?: number } | undefined): TemplateResult {
  const most = (values: Float32Array): number => values.reduce((m, v) => (v > m ? v : m), 0);
  const high = niceCeil(Math.max(most(errors.probe), most(errors.null)));
  const probe = binErrors(errors.probe, BINS, high);
  const nothing = binErrors(errors.null, BINS, high);
  const tallest = Math.max(1, ...probe.counts, ...nothing.counts);
  const x = (v: number): number => (WIDTH * Math.min(v, high)) / high;
  const y = (count: number): number => BASE - (TOP * count) / tallest;
  const step = nothing.counts.map((n, b) => `H${(WIDTH * b) / BINS} V${y(n)} H${(WIDTH * (b + 1)) / BINS}`).join(' ');
  const mark = selected && x(selected.value);
  const says = `median ${fixed(probe.median, 1)} HU, null ${fixed(nothing.median, 1)} HU`;
  return html`<figure>
    <figcaption><span>Error per token</span><span>${says}</span></figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Histogram of the error per token: ${says}${selected ? `, selected token ${fixed(selected.value, 1)} HU` : ''}">
      ${probe.counts.map((n, b) => svg`<rect x=${(WIDTH * b) / BINS + 0.5} y=${y(n)} width=${WIDTH / BINS - 1} height=${BASE - y(n)} fill=${cssColour(FIRE, 0.3 + (0.6 * b) / BINS)}></rect>`)}
      ${svg`<path class="null" d="M0 ${BASE} ${step} V${BASE}"></path><line class="axis" x1="0" x2=${WIDTH} y1=${BASE} y2=${BASE}></line>`}
      ${mark === undefined ? '' : svg`<line class="mark" x1=${mark} x2=${mark} y1="6" y2=${BASE}></line>`}
    </svg>
    <div class="ticks">${[0, 0.2, 0.4, 0.6, 0.8, 1].map((t) => html`<span>${fixed(t * high, Number.isInteger(Math.round(high * 1e6) / 5e6) ? 0 : 1)}${t === 1 ? ' HU' : ''}</span>`)}</div>
    <p class="selected">${selected ? `selected token ${fixed(selected.value, 1)} HU${selected.percentile === undefined ? '' : `, percentile ${fixed(selected.percentile, 0)}`}` : `RMSE of ${errors.probe.length} tokens; line: null baseline`}</p>
  </figure>`;
}
