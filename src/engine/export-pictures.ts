// Pictures of an exported reading: axial slices of the scan (or, where the scan is gone, of the model's own input) in the
// brain window, with a clue's region outlined, and the same slice of reconstruction and null.

import type { ClueRegion } from '../protocol/engine.ts';
import type { Layer, SliceGeometry, SliceReply, Vec3 } from '../protocol/scan.ts';
import { norm } from '../scan/geometry.ts';
import { applyWindow, autoWindow, windowPresets } from '../scan/window.ts';
import { pngDataUri } from './png.ts';
import type { OpenReading } from './reading-store.ts';
import { sampleLinear, sampleNearest } from './sampling.ts';

/** Slices of the scan that was read. */
export interface SliceSource {
  count: number;
  axial(index: number, layers: Layer[]): Promise<SliceReply>;
}

export interface Picture {
  uri: string;
  width: number;
  height: number;
  /** Height over width in millimetres. */
  aspect: number;
  alt: string;
}

const OUTLINE = [255, 176, 0] as const;

export class Pictures {
  private readonly open: OpenReading;
  private readonly readingId: string;
  private readonly source: SliceSource | undefined;

  constructor(open: OpenReading, readingId: string, source: SliceSource | undefined) {
    this.open = open;
    this.readingId = readingId;
    this.source = source;
  }

  /** Whether the pictures are of the scan itself. */
  get ofScan(): boolean {
    return this.source !== undefined;
  }

  /** The axial slice through a clue's region, its outline drawn. */
  async region(region: ClueRegion, words: string): Promise<Picture> {
    const { geometry, values } = await this.background(region.centre);
    const tokens = new Set(region.tokens);
    const member = Float32Array.from({ length: this.open.tokens.count }, (_, token) => (tokens.has(token) ? 1 : 0));
    const mask = sampleNearest({ data: member, dims: this.open.tokens.grid, affine: this.open.tokens.affine }, geometry);
    const rgb = this.grey(values);
    outline(rgb, mask, geometry.width, geometry.height);
    return this.picture(rgb, geometry, `Axial slice with the region of "${words}" outlined`);
  }

  /** Scan, reconstruction and null at one height of the input volume (0 bottom .. 1 top). */
  async triple(height: number): Promise<Picture[]> {
    const { dims, affine } = this.open.reading.input;
    const at = (axis: 0 | 1 | 2): number => (dims[axis] - 1) * (axis === 2 ? height : 0.5);
    const point = [0, 4, 8].map((r) => affine[r]! * at(0) + affine[r + 1]! * at(1) + affine[r + 2]! * at(2) + affine[r + 3]!) as unknown as Vec3;
    const { geometry, values } = await this.background(point);
    const pictures = [this.picture(this.grey(values), geometry, 'Scan')];
    if (this.open.reading.probe === undefined) return pictures;
    for (const [variant, alt] of [['probe', 'Reconstruction'], ['null', 'Null baseline']] as const) {
      const sampled = sampleLinear(this.open.grid({ kind: 'reconstruction', readingId: this.readingId, variant }), geometry);
      pictures.push(this.picture(this.grey(sampled), geometry, alt));
    }
    return pictures;
  }

  private async background(point: Vec3): Promise<{ geometry: SliceGeometry; values: Int16Array | Float32Array }> {
    if (this.source !== undefined) {
      const { origin, sliceStep: step } = (await this.source.axial(0, [])).geometry;
      const along = step[0] * (point[0] - origin[0]) + step[1] * (point[1] - origin[1]) + step[2] * (point[2] - origin[2]);
      const index = Math.round(along / (step[0] ** 2 + step[1] ** 2 + step[2] ** 2));
      const { geometry, images } = await this.source.axial(Math.max(0, Math.min(this.source.count - 1, index)), [{ kind: 'scan' }]);
      return { geometry, values: images[0]!.data as Int16Array | Float32Array };
    }
    const { dims, affine } = this.open.reading.input;
    const k = Math.max(0, Math.min(dims[2] - 1, Math.round((point[2] - affine[11]!) / affine[10]!)));
    const geometry: SliceGeometry = {
      plane: 'axial', index: k, width: dims[0], height: dims[1],
      origin: [affine[3]!, affine[7]!, affine[11]! + k * affine[10]!],
      colStep: [affine[0]!, 0, 0], rowStep: [0, affine[5]!, 0], sliceStep: [0, 0, affine[10]!],
      edges: { left: 'R', right: 'L', top: 'A', bottom: 'P' },
    };
    return { geometry, values: sampleNearest(this.open.grid({ kind: 'input', readingId: this.readingId, channel: 0 }), geometry) };
  }

  private grey(values: Int16Array | Float32Array): Uint8Array {
    const grey = applyWindow(values, this.source === undefined ? autoWindow(values) : windowPresets[0]!);
    const rgb = new Uint8Array(3 * grey.length);
    for (let n = 0; n < grey.length; n++) rgb.fill(grey[n]!, 3 * n, 3 * n + 3);
    return rgb;
  }

  private picture(rgb: Uint8Array, { width, height, colStep, rowStep }: SliceGeometry, alt: string): Picture {
    const aspect = (height * norm([...rowStep])) / (width * norm([...colStep]));
    return { uri: pngDataUri(rgb, width, height), width, height, aspect, alt };
  }
}

/** Draws the inner border of the mask, as thick as a 1/128 of the picture. */
function outline(rgb: Uint8Array, mask: Float32Array, width: number, height: number): void {
  const reach = Math.max(1, Math.round(width / 256));
  const inside = (c: number, r: number): boolean => c >= 0 && r >= 0 && c < width && r < height && mask[r * width + c] === 1;
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      if (!inside(c, r)) continue;
      if (inside(c - reach, r) && inside(c + reach, r) && inside(c, r - reach) && inside(c, r + reach)) continue;
      rgb.set(OUTLINE, 3 * (r * width + c));
    }
  }
}
