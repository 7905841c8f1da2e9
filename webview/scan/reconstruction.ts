// <rr-reconstruction>: what the visual tokens still hold, as the probe reconstructs it, always beside the null baseline:
// a pane on the axial slice's own geometry, thumbnails, scores and the histogram of the error per token.

import { css, html, type TemplateResult } from 'lit';
import { customElement, query, queryAll } from 'lit/decorators.js';
import { fixed, signed } from '../shared/format.ts';
import { errorNotice, toggle } from '../shared/parts.ts';
import { placeSlice } from '../shared/pane/geometry.ts';
import type { Pane } from '../shared/pane/pane.ts';
import '../shared/pane/pane.ts';
import type { PaneGestures, Scene } from '../shared/pane/scene.ts';
import { Raster } from '../shared/pane/raster.ts';
import { base } from '../shared/styles.ts';
import { ModelView } from '../shared/view.ts';
import { histogram } from './histogram.ts';
import { paneGestures } from './pane-gestures.ts';
import type { ScanModel, Topic, Variant } from './model.ts';
import { errorScale, Scenes, variantRaster } from './scenes.ts';

const TILES: { variant: Variant; name: string }[] = [
  { variant: 'probe', name: 'Probe' },
  { variant: 'error', name: 'Error' },
  { variant: 'null', name: 'Null baseline' },
];

@customElement('rr-reconstruction')
export class Reconstruction extends ModelView<Topic, ScanModel> {
  static override styles = [
    base,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; overflow: auto; container-type: inline-size; }
      rr-pane { flex: 1 1 286px; min-height: 190px; }
      .tiles { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; padding: 10px 14px 0; flex: none; }
      .tile canvas { display: block; width: 100%; height: 84px; background: #000; border: 1px solid var(--rr-line); }
      .tile[aria-pressed='true'] canvas { border-color: var(--vscode-focusBorder); }
      .tile small { display: flex; justify-content: space-between; column-gap: 6px; font-size: 11px; line-height: 19px; color: var(--rr-dim); white-space: nowrap; }
      .tile[aria-pressed='true'] small { color: var(--rr-strong); }
      @container (max-width: 430px) { .tile small { flex-direction: column; line-height: 15px; padding: 2px 0; } }
      .scores { padding: 3px 14px 0; flex: none; }
      figure { padding: 8px 14px 8px; flex: none; }
      figcaption { display: flex; justify-content: space-between; gap: 8px; white-space: nowrap; font-size: 11px; color: var(--rr-dim); } figcaption span:first-child { color: var(--rr-strong); font-weight: 600; }
      figure svg { display: block; width: 100%; height: 104px; }
      .axis { stroke: var(--rr-widget); vector-effect: non-scaling-stroke; } .mark { stroke: var(--rr-token); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
      .null { fill: none; stroke: var(--rr-dim); stroke-width: 1; vector-effect: non-scaling-stroke; }
      .ticks { display: flex; justify-content: space-between; font-size: 10.5px; line-height: 14px; color: var(--rr-dim); margin-top: -14px; }
      .selected { font-size: 11px; line-height: 17px; color: var(--rr-dim); }
      .selected.on { color: var(--rr-strong); }
    `,
  ];
  protected readonly topics = ['view', 'slices', 'reading', 'clue', 'place', 'layout'] as const;
  @query('rr-pane') private pane: Pane | undefined;
  @queryAll('.tile canvas') private thumbs!: NodeListOf<HTMLCanvasElement>;
  private readonly rasters = TILES.map(() => new Raster());
  private frame = 0;
  private scene!: Scenes;
  private gestures!: PaneGestures;
  private readonly build = (): Scene | undefined => this.scene.build('recon');

  override connectedCallback(): void {
    this.scene = new Scenes(this.model);
    this.gestures = paneGestures(this.model, 'recon', this.scene);
    super.connectedCallback();
  }

  protected override modelChanged(topic: Topic): void {
    this.scene.want('recon');
    this.pane?.invalidate();
    if (this.frame === 0) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.drawThumbs();
      });
    }
    if (topic !== 'view' && topic !== 'slices') this.requestUpdate();
  }

  protected override firstUpdated(): void {
    this.scene.want('recon');
  }

  protected override updated(): void {
    this.drawThumbs();
  }

  private drawThumbs(): void {
    const { model } = this;
    const { open, slices } = model;
    const index = model.index('axial');
    const geometry = slices.geometry('axial', index);
    if (!open?.reading.probe || !geometry) return;
    this.thumbs.forEach((canvas, n) => {
      const { variant } = TILES[n]!;
      const image = slices.image('axial', index, { kind: 'reconstruction', readingId: open.readingId, variant });
      if (!image) return;
      const ratio = window.devicePixelRatio;
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      if (width === 0) return;
      if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
      if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
      const context = canvas.getContext('2d', { willReadFrequently: true });
      if (!context) return;
      context.clearRect(0, 0, canvas.width, canvas.height);
      this.rasters[n]!.draw(context, placeSlice(geometry, { scale: 1, panX: 0, panY: 0 }, width, height), { ...variantRaster(model, variant, image), thin: 'screen' }, ratio);
    });
  }

  private scores(): TemplateResult {
    const { probe, null: nothing } = this.model.open!.reading.probe!;
    const rows: [name: string, says: string, a: number, b: number, digits: number][] = [
      ['R\u00b2', 'Share of the variance of the target that is reconstructed', probe.r2, nothing.r2, 2],
      ['PSNR, dB', 'Peak signal-to-noise ratio over the probe\u2019s range', probe.psnr, nothing.psnr, 1],
      ['SSIM', 'Structural similarity, mean over windows', probe.ssim, nothing.ssim, 2],
    ];
    return html`<div class="scores"><table>
      <tr><th>whole reading</th><th>probe</th><th>null</th><th>probe over null</th></tr>
      ${rows.map(([name, says, a, b, digits]) => html`<tr title=${says}><td>${name}</td><td class="strong">${fixed(a, digits)}</td><td>${fixed(b, digits)}</td><td>${signed(a - b, digits)}</td></tr>`)}
    </table></div>`;
  }

  protected override render(): unknown {
    const { model } = this;
    const reading = model.open?.reading;
    if (!reading) return '';
    const { probe } = reading;
    if (!probe) {
      return html`<div class="head"><h2>Reconstruction</h2></div>
        <div class="notice" data-testid="reconstruction-none"><p class="what">Not available: this bundle ships no probe.</p>
        <p class="fix">Train one on its visual tokens with \u201creading-room probe train\u201d, add it to the bundle and read the scan again.</p></div>`;
    }
    const error = model.slices.error('recon');
    const note: Record<Variant, string> = { probe: `R\u00b2 ${fixed(probe.probe.r2, 2)}`, null: `R\u00b2 ${fixed(probe.null.r2, 2)}`, error: `to ${fixed(errorScale(model, probe.range[1] - probe.range[0]), 0)} HU` };
    const { place, tokenErrors } = model;
    const selected = place?.rmse === undefined ? undefined : { value: place.rmse, ...(place.percentile !== undefined && { percentile: place.percentile }) };
    return html`
      <div class="head"><h2>Reconstruction</h2><span class="dim">from ${probe.tap}</span><span class="grow"></span>
        ${toggle('Error map', model.show.error, () => model.toggle('error'), 'Absolute error of the reconstruction (e)')}
      </div>
      <rr-pane testid="reconstruction" note=${error ? 'No slice' : 'Loading the slice\u2026'} .scene=${this.build} .gestures=${this.gestures}></rr-pane>
      ${error ? errorNotice(error, html`<button class="link" @click=${() => model.slices.retry()}>Try again</button>`) : ''}
      <div class="tiles" role="group" aria-label="What is shown">
        ${TILES.map(
          ({ variant, name }) => html`<button class="tile" data-testid=${variant === 'null' ? 'null-baseline' : `tile-${variant}`} aria-pressed=${model.variant === variant ? 'true' : 'false'} @click=${() => model.setVariant(variant)}>
            <canvas></canvas><small><span>${name}</span><span>${note[variant]}</span></small></button>`,
        )}
      </div>
      ${this.scores()}
      ${tokenErrors ? histogram(tokenErrors, selected) : html`<p class="notice dim">Error per token: not stored in this reading.</p>`}
    `;
  }
}
