// Draws one slice layer to a canvas: values through a window and a palette into a pixel image of the slice's own size,
// then scaled to its place, nearest or linear. The pixel image is kept until the data, window or palette change. All
// canvases ask for willReadFrequently: it keeps them on the CPU, which is faster here than a trip through a software GPU.

import type { SliceImage } from '../../../src/protocol/scan.ts';
import type { Placement } from './geometry.ts';
import { int16Lut, type Palette } from './colour.ts';

export interface RasterLayer {
  image: SliceImage;
  palette: Palette;
  low: number;
  high: number;
  smooth: boolean;
  /** Takes only every n-th pixel and row: 'screen' as many as the canvas can show (thumbnails), 'half' every second one
   *  (token scores, which are constant over many pixels). */
  thin?: 'screen' | 'half';
}

/**
 * Fills `out` from slice data of `width` pixels per row, taking every `stride`-th pixel of every `stride`-th row; NaN
 * becomes transparent. `lut` is for Int16Array data. Rounds as windowIndex does.
 */
export function paint(data: SliceImage['data'], out: Uint32Array, width: number, stride: number, low: number, high: number, palette: Palette, lut: Uint32Array | undefined): void {
  const across = Math.ceil(width / stride);
  const scale = 255 / (high - low);
  let p = 0;
  for (let row = 0; p < out.length && row < data.length; row += width * stride) {
    if (data instanceof Int16Array && lut) {
      for (let c = 0, q = row; c < across; c++, q += stride) out[p++] = lut[data[q]! + 32768]!;
    } else {
      for (let c = 0, q = row; c < across; c++, q += stride) {
        const v = data[q]!;
        const t = (v - low) * scale + 0.5;
        out[p++] = v === v ? palette[t < 1 ? 0 : t >= 255 ? 255 : t | 0]! : 0;
      }
    }
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
    const { image, low, high, palette, smooth } = layer;
    const [a, b, c, dd, e, f] = place.matrix;
    const stride = layer.thin === 'half' ? 2 : layer.thin === 'screen' ? Math.max(1, Math.floor(1 / (ratio * Math.max(a, dd)))) : 1;
    const [across, down] = [Math.ceil(width / stride), Math.ceil(height / stride)];
    if (!this.pixels || this.pixels.width !== across || this.pixels.height !== down) {
      this.canvas.width = across;
      this.canvas.height = down;
      this.pixels = own.createImageData(across, down);
      this.drawn = undefined;
    }
    const d = this.drawn;
    if (!d || d.image !== image || d.low !== low || d.high !== high || d.palette !== palette) {
      const lut = image.data instanceof Int16Array ? lutFor(low, high, palette) : undefined;
      paint(image.data, new Uint32Array(this.pixels.data.buffer), width, stride, low, high, palette, lut);
      own.putImageData(this.pixels, 0, 0);
      this.drawn = { image, low, high, palette };
    }
    context.setTransform(a * ratio, b * ratio, c * ratio, dd * ratio, e * ratio, f * ratio);
    context.imageSmoothingEnabled = smooth;
    context.imageSmoothingQuality = 'low';
    context.drawImage(this.canvas, 0, 0, across * stride, down * stride);
    context.setTransform(1, 0, 0, 1, 0, 0);
  }
}
