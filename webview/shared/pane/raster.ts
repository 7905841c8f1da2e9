// Draws one slice layer to a canvas: values through a window and a palette into a pixel image of the slice's own size,
// then scaled to its place, nearest or linear. The pixel image is kept until the data, window or palette change. All
// canvases ask for willReadFrequently: it keeps them on the CPU, which is faster here than a trip through a software GPU.

import type { SliceImage } from '../../../src/protocol/scan.ts';
import type { Placement } from './geometry.ts';
import { int16Lut, windowIndex, type Palette } from './colour.ts';

export interface RasterLayer {
  image: SliceImage;
  palette: Palette;
  low: number;
  high: number;
  smooth: boolean;
}

/** Fills `out` (width * height pixels) from slice data; NaN becomes transparent. `lut` is for Int16Array data. */
export function paint(data: SliceImage['data'], out: Uint32Array, low: number, high: number, palette: Palette, lut: Uint32Array | undefined): void {
  const n = Math.min(data.length, out.length);
  if (data instanceof Int16Array && lut) {
    for (let p = 0; p < n; p++) out[p] = lut[data[p]! + 32768]!;
    return;
  }
  for (let p = 0; p < n; p++) {
    const v = data[p]!;
    out[p] = v === v ? palette[windowIndex(v, low, high)]! : 0;
  }
}

/** One lookup table for int16 slices, shared by panes that show the same window. */
const shared = { low: NaN, high: NaN, palette: undefined as Palette | undefined, lut: new Uint32Array(65536) };

function lutFor(low: number, high: number, palette: Palette): Uint32Array {
  if (shared.low !== low || shared.high !== high || shared.palette !== palette) {
    int16Lut(low, high, palette, shared.lut);
    Object.assign(shared, { low, high, palette });
  }
  return shared.lut;
}

export class Raster {
  private canvas: HTMLCanvasElement | undefined;
  private pixels: ImageData | undefined;
  private drawn: { image: SliceImage; low: number; high: number; palette: Palette } | undefined;

  /** Draws over what is there; `ratio` is device pixels per CSS pixel. */
  draw(context: CanvasRenderingContext2D, place: Placement, layer: RasterLayer, ratio: number): void {
    const { width, height } = place.geometry;
    this.canvas ??= document.createElement('canvas');
    const own = this.canvas.getContext('2d', { willReadFrequently: true });
    if (!own) return;
    if (!this.pixels || this.pixels.width !== width || this.pixels.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.pixels = own.createImageData(width, height);
      this.drawn = undefined;
    }
    const { image, low, high, palette, smooth } = layer;
    const d = this.drawn;
    if (!d || d.image !== image || d.low !== low || d.high !== high || d.palette !== palette) {
      const lut = image.data instanceof Int16Array ? lutFor(low, high, palette) : undefined;
      paint(image.data, new Uint32Array(this.pixels.data.buffer), low, high, palette, lut);
      own.putImageData(this.pixels, 0, 0);
      this.drawn = { image, low, high, palette };
    }
    const [a, b, c, dd, e, f] = place.matrix;
    context.setTransform(a * ratio, b * ratio, c * ratio, dd * ratio, e * ratio, f * ratio);
    context.imageSmoothingEnabled = smooth;
    context.imageSmoothingQuality = 'low';
    context.drawImage(this.canvas, 0, 0);
    context.setTransform(1, 0, 0, 1, 0, 0);
  }
}
