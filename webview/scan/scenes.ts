// From the editor's state to what each pane shows: which layers a channel asks for, and the scene drawn from those that
// have come. Until a wanted slice arrives the pane keeps the last one it had, with that slice's own number.

import type { Layer, Plane, SliceGeometry, SliceImage } from '../../src/protocol/scan.ts';
import { capital, fixed, niceCeil, spoken, times } from '../shared/format.ts';
import { FIRE, GREY } from '../shared/pane/colour.ts';
import { add, gridBox, length } from '../shared/pane/geometry.ts';
import type { RasterLayer } from '../shared/pane/raster.ts';
import type { CornerLine, Scene } from '../shared/pane/scene.ts';
import { LOOK_WORD, lookOf } from './clues.ts';
import type { Channel, ScanModel, Variant } from './model.ts';

/** Outline of a clue's region: tokens above half of the strongest, as ClueRegion has them. */
export const HEAT_LEVEL = 0.5;

export const planeOf = (channel: Channel): Plane => (channel === 'recon' ? 'axial' : channel);
const convention = (left: string): string => (left === 'R' ? 'radiological' : left === 'L' ? 'neurological' : 'oblique');

function clueLayer(model: ScanModel): Layer | undefined {
  const { open, clue, method } = model;
  if (!open || !clue?.inModel || !model.show.region || model.region?.state !== 'found') return undefined;
  return { kind: 'clue', readingId: open.readingId, clueId: clue.clue.id, method };
}

const labelsLayer = (model: ScanModel): Layer | undefined => (model.show.labels && model.scan?.labels ? { kind: 'labels' } : undefined);

function baseLayer(model: ScanModel, channel: Channel): Layer {
  const { open } = model;
  if (open && channel === 'recon') return { kind: 'reconstruction', readingId: open.readingId, variant: model.variant };
  if (open && model.view === 'model') return { kind: 'input', readingId: open.readingId, channel: model.inputChannel };
  return { kind: 'scan' };
}

/** Layers a channel needs for one slice, base first. */
export function layersOf(model: ScanModel, channel: Channel): Layer[] {
  const layers: Layer[] = [];
  const { open } = model;
  if (channel === 'recon' && open) {
    const variants: Variant[] = ['probe', 'error', 'null'];
    layers.push(...variants.map((variant): Layer => ({ kind: 'reconstruction', readingId: open.readingId, variant })));
  } else {
    layers.push(baseLayer(model, channel));
    const labels = labelsLayer(model);
    if (labels) layers.push(labels);
  }
  const clue = clueLayer(model);
  if (clue) layers.push(clue);
  return layers;
}

/** Upper end of the error scale in HU, the same for all slices of a reading. */
export function errorScale(model: ScanModel, seen: number): number {
  const errors = model.tokenErrors?.probe;
  if (!errors) return niceCeil(seen);
  let most = 0;
  for (const v of errors) if (v > most) most = v;
  return niceCeil(most);
}

export function windowName(model: ScanModel): string {
  const { width, level } = model.window;
  const preset = model.presets.find((p) => p.width === width && p.level === level);
  return preset ? `${preset.name.toLowerCase()} window` : `window ${Math.round(width)}, level ${Math.round(level)}`;
}

/** Pixel values to grey or colour for a variant of the reconstruction. */
export function variantRaster(model: ScanModel, variant: Variant, image: SliceImage): RasterLayer {
  const { width, level } = model.window;
  if (variant === 'error') return { image, palette: FIRE, low: 0, high: errorScale(model, image.max), smooth: true };
  return { image, palette: GREY, low: level - width / 2, high: level + width / 2, smooth: true };
}

export class Scenes {
  private readonly model: ScanModel;
  private readonly last = new Map<Channel, number>();
  /** Values of an input channel seen so far, so that its grey scale does not change from slice to slice. */
  private readonly seen = new Map<string, { low: number; high: number }>();

  constructor(model: ScanModel) {
    this.model = model;
  }

  /** Asks for what the channel shows now. */
  want(channel: Channel): void {
    const { model } = this;
    if (!model.scan || (channel === 'recon' && !model.open?.reading.probe)) return;
    const plane = planeOf(channel);
    model.slices.want(channel, plane, model.index(plane), layersOf(model, channel));
  }

  build(channel: Channel): Scene | undefined {
    const { model } = this;
    const plane = planeOf(channel);
    const layer = baseLayer(model, channel);
    let index = model.index(plane);
    let image = model.slices.image(plane, index, layer);
    if (!image) {
      index = this.last.get(channel) ?? -1;
      image = model.slices.image(plane, index, layer);
    }
    const geometry = model.slices.geometry(plane, index);
    if (!image || !geometry || !model.scan) return undefined;
    this.last.set(channel, index);
    const zoom = model.zooms[plane];
    const clue = clueLayer(model);
    const labels = channel === 'recon' ? undefined : labelsLayer(model);
    const heat = clue && model.slices.image(plane, index, clue);
    const labelImage = labels && model.slices.image(plane, index, labels);
    const label = labelImage && this.labelAtPoint();
    const visual = model.open?.reading.visual;
    const base = this.raster(channel, layer, image);
    const count = model.scan.slices[plane];
    const errors = channel === 'recon' && model.variant === 'error';
    return {
      geometry,
      base,
      heatLevel: HEAT_LEVEL,
      heatFill: channel !== 'recon',
      zoom,
      point: model.point,
      ...(labelImage && { labels: labelImage, ...(label !== undefined && { label }) }),
      ...(heat && { heat }),
      ...(visual && model.show.tokens && channel !== 'recon' && { grid: { affine: visual.affine, size: visual.grid } }),
      ...(visual && model.place && { token: gridBox(visual.affine, model.place.at) }),
      ...(errors && { scale: { low: '0', high: `${fixed(base.high, 0)} HU` } }),
      corners: this.corners(channel, count, geometry, base),
      ...(channel === 'axial' && { scaleNote: convention(geometry.edges.left) }),
      spoken: this.spoken(channel, index, count),
    };
  }

  private raster(channel: Channel, layer: Layer, image: SliceImage): RasterLayer {
    const { model } = this;
    const { width, level } = model.window;
    if (channel === 'recon') return variantRaster(model, model.variant, image);
    if (layer.kind === 'input') {
      const key = `${layer.readingId}/${layer.channel}`;
      const before = this.seen.get(key);
      const low = Math.min(before?.low ?? Infinity, Number.isFinite(image.min) ? image.min : 0);
      const high = Math.max(before?.high ?? -Infinity, Number.isFinite(image.max) ? image.max : 1);
      this.seen.set(key, { low, high });
      const w = model.modelWindow ?? { low, high: high > low ? high : low + 1 };
      return { image, palette: GREY, ...w, smooth: false };
    }
    return { image, palette: GREY, low: level - width / 2, high: level + width / 2, smooth: true };
  }

  /** The window now shown in model units, to start a drag from. */
  modelWindow(): { low: number; high: number } {
    const { open, inputChannel, modelWindow } = this.model;
    return modelWindow ?? this.seen.get(`${open?.readingId}/${inputChannel}`) ?? { low: 0, high: 1 };
  }

  private corners(channel: Channel, count: number, geometry: SliceGeometry, base: RasterLayer): Scene['corners'] {
    const { model } = this;
    const plane = planeOf(channel);
    const axis = plane === 'axial' ? 2 : plane === 'coronal' ? 1 : 0;
    const middle = add(add(geometry.origin, geometry.colStep, (geometry.width - 1) / 2), geometry.rowStep, (geometry.height - 1) / 2);
    const at = `${'xyz'[axis]} ${fixed(middle[axis]!, 1)} mm`;
    const slice = `${capital(plane)} ${geometry.index + 1}/${count}`;
    const small = plane !== 'axial';
    const tl: CornerLine[] = [];
    const tr: CornerLine[] = [];
    const bl: CornerLine[] = [];
    const br: CornerLine[] = [];
    if (channel === 'recon') {
      tl.push({ text: model.variant === 'probe' ? 'Reconstructed' : model.variant === 'null' ? 'Null baseline' : 'Absolute error' }, { text: slice, tone: 'dim' });
      const probe = model.open?.reading.probe;
      if (probe) tr.push({ text: `tap ${probe.tap}`, tone: 'dim' }, { text: `probe ${probe.steps} steps`, tone: 'dim' });
      if (model.variant !== 'error') bl.push({ text: `W ${Math.round(model.window.width)}  L ${Math.round(model.window.level)}` });
      const rmse = model.variant === 'null' ? model.place?.nullRmse : model.place?.rmse;
      if (rmse !== undefined) br.push({ text: `token RMSE ${fixed(rmse, 1)} HU`, tone: 'token' });
      return { tl, tr, bl, br };
    }
    const inModelView = model.view === 'model' && model.open;
    if (plane === 'axial') {
      const name = model.scan?.path.split(/[\\/]/).pop() ?? '';
      tl.push({ text: name }, { text: slice }, { text: `${fixed(length(geometry.sliceStep), 1)} mm, ${at}`, tone: 'dim' });
      if (inModelView) {
        const c = model.open!.reading.input.channels[model.inputChannel];
        tl.push({ text: `model input, ${c?.name ?? `channel ${model.inputChannel}`}`, tone: 'token' });
        bl.push({ text: `${fixed(base.low, 2)} to ${fixed(base.high, 2)} in model units` });
      } else bl.push({ text: `W ${Math.round(model.window.width)}  L ${Math.round(model.window.level)}` });
      const label = this.labelAtPoint();
      if (label !== undefined) tl.push({ text: model.scan?.labels?.names[label] ?? `label ${label}` });
      this.clueCorner(tr);
      const { place: token } = model;
      const footprint = model.open?.reading.visual.footprintMm;
      if (token && footprint) br.push({ text: `token ${token.token} (${token.at.join(', ')})`, tone: 'token' }, { text: `${times(footprint, 1)} mm`, tone: 'dim' });
    } else {
      tl.push({ text: slice }, { text: at, tone: 'dim' });
    }
    return { tl, tr: small ? [] : tr, bl: small ? [] : bl, br: small ? [] : br };
  }

  /** Value of the label under the crosshair while labels are shown. */
  private labelAtPoint(): number | undefined {
    const { model } = this;
    if (!model.show.labels || !model.scan?.labels) return undefined;
    return model.valueAt('axial', model.point, { kind: 'labels' }) || undefined;
  }

  private clueCorner(lines: CornerLine[]): void {
    const { model } = this;
    const { clue, region } = model;
    if (!clue) return;
    lines.push({ text: clue.clue.text.length > 34 ? `${clue.clue.text.slice(0, 33)}\u2026` : clue.clue.text, tone: 'region' });
    if (!clue.inModel) lines.push({ text: LOOK_WORD[lookOf(clue, true)], tone: 'dim' });
    else if (region?.state === 'found') {
      const unit = region.region.method === 'occlusion' ? ' nats' : '';
      lines.push({ text: `${region.region.method} ${fixed(region.region.strength, 2)}${unit}, null ${fixed(region.region.nullStrength, 2)}`, tone: 'dim' });
      if (!model.show.region) lines.push({ text: 'region hidden', tone: 'dim' });
    } else if (region?.state === 'none') lines.push({ text: 'no support found', tone: 'dim' });
  }

  private spoken(channel: Channel, index: number, count: number): string {
    const { model } = this;
    const plane = planeOf(channel);
    const what = channel === 'recon' ? `, ${model.variant === 'error' ? 'absolute error of the reconstruction' : model.variant === 'null' ? 'null baseline' : 'reconstruction'}` : model.view === 'model' ? ', model input' : '';
    const clue = model.clue && model.region?.state === 'found' && model.show.region ? `, region of ${model.clue.clue.text}` : '';
    return `${capital(plane)} slice ${index + 1} of ${count}${what}, ${windowName(model)}, crosshair at ${spoken(model.point)}${clue}`;
  }
}
