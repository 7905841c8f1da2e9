// From a decoded scan to the exact tensor the encoder receives, with a line of numbers for every step that loses
// information: resampling onto the patient-aligned grid, what falls outside of it, padding, rounding to whole HU (as in
// training), and what each window cuts off. The geometry is shared with training: head-frame.ts and scan/resample.ts.

import type { Tensor } from '../onnx/runtime.ts';
import type { VolumePreprocess } from '../protocol/bundle.ts';
import { RoomError } from '../protocol/error.ts';
import type { LossyStep } from '../protocol/reading.ts';
import type { Affine, Vec3 } from '../protocol/scan.ts';
import { invert, spacing } from '../scan/geometry.ts';
import { composeMap, resampleVolume, subSamples, type GridData } from '../scan/resample.ts';
import { headGrid, windowChannels } from './head-frame.ts';

export interface Preprocessed {
  /** [1, C, D, H, W]. */
  input: Tensor;
  /** HU on the input grid before windowing, (D, H, W) row-major. */
  hu: Int16Array;
  /** Input voxel (i, j, k) -> LPS millimetres. */
  affine: Affine;
  lossy: LossyStep[];
}

const AIR_HU = -1000;
const TISSUE_HU = -300;

/** Throws 'unsupported' where the grid is to be laid on a head and none is found. */
export function preprocess(volume: GridData<Int16Array | Float32Array>, spec: VolumePreprocess): Preprocessed {
  const affine = headGrid(volume, spec);
  if (affine === undefined) {
    throw new RoomError('unsupported', 'No head was found in this scan: less than 200 ml of tissue in one piece', 'This bundle reads CT of the head in Hounsfield units. Check the scan, and the scaling of its values.');
  }
  const resampled = resampleVolume(volume, { dims: spec.dims, affine }, AIR_HU);
  const hu = new Int16Array(resampled.length);
  for (let n = 0; n < hu.length; n++) hu[n] = Math.max(-32768, Math.min(32767, Math.round(resampled[n]!)));
  const [w, h, d] = spec.dims;
  const input: Tensor = { dtype: 'float32', dims: [1, spec.channels.length, d, h, w], data: windowChannels(hu, spec) };
  const lossy: LossyStep[] = [resampleStep(volume, spec, affine)];
  const outside = tissueOutside(volume, spec.dims, affine);
  if (outside > 0.0005) lossy.push({ step: 'crop', what: `${percent(outside)} of the scan's tissue (above ${TISSUE_HU} HU) lies outside of the model's box and is not seen.` });
  const padded = gridOutside(volume, spec.dims, affine);
  if (padded > 0.0005) lossy.push({ step: 'pad', what: `${percent(padded)} of the model's box lies outside of the scan and is filled with ${AIR_HU} HU.` });
  lossy.push({ step: 'quantise', what: 'Values are rounded to whole HU after resampling (error at most 0.5 HU).' });
  for (const channel of spec.channels) lossy.push(windowStep(hu, channel));
  return { input, hu, affine, lossy };
}

function resampleStep(volume: GridData<Int16Array | Float32Array>, spec: VolumePreprocess, affine: Affine): LossyStep {
  const per = subSamples(composeMap(volume.affine, affine));
  const count = per[0] * per[1] * per[2];
  const how = count > 1 ? `each the mean of ${per.join(' x ')} trilinear samples` : 'trilinear';
  const mm = (v: Vec3): string => v.map((x) => Number(x.toFixed(2))).join(' x ');
  return {
    step: 'resample',
    what: `${volume.dims.join(' x ')} voxels of ${mm(spacing(volume.affine))} mm become ${spec.dims.join(' x ')} voxels of ${mm(spec.spacing)} mm, ${how}.`,
  };
}

function windowStep(hu: Int16Array, { name, low, high }: { name: string; low: number; high: number }): LossyStep {
  let tissue = 0;
  let below = 0;
  let above = 0;
  for (const value of hu) {
    if (value <= TISSUE_HU) continue;
    tissue++;
    if (value < low) below++;
    else if (value > high) above++;
  }
  const share = (count: number): string => percent(tissue === 0 ? 0 : count / tissue);
  return { step: 'window', what: `Channel '${name}' keeps ${low} to ${high} HU: of the tissue ${share(below)} below and ${share(above)} above become one value each.` };
}

/** Share of the scan's tissue voxels outside the grid, over at most about 200,000 voxels at even steps. */
function tissueOutside({ data, dims, affine }: GridData<Int16Array | Float32Array>, grid: Vec3, gridAffine: Affine): number {
  const map = composeMap(gridAffine, affine);
  const step = Math.max(1, Math.floor(Math.cbrt(data.length / 200_000)));
  let tissue = 0;
  let outside = 0;
  for (let k = 0; k < dims[2]; k += step) {
    for (let j = 0; j < dims[1]; j += step) {
      for (let i = 0; i < dims[0]; i += step) {
        if (data[i + dims[0] * (j + dims[1] * k)]! <= TISSUE_HU) continue;
        tissue++;
        if (!insideBox(map, i, j, k, grid)) outside++;
      }
    }
  }
  return tissue === 0 ? 0 : outside / tissue;
}

/** Share of the grid's voxels whose centre lies outside the scan. */
function gridOutside({ dims, affine }: GridData<Int16Array | Float32Array>, grid: Vec3, gridAffine: Affine): number {
  const map = composeMap(affine, gridAffine);
  let outside = 0;
  for (let k = 0; k < grid[2]; k++) for (let j = 0; j < grid[1]; j++) for (let i = 0; i < grid[0]; i++) if (!insideBox(map, i, j, k, dims)) outside++;
  return outside / (grid[0] * grid[1] * grid[2]);
}

function insideBox(map: Float64Array, i: number, j: number, k: number, dims: Vec3): boolean {
  for (const axis of [0, 1, 2] as const) {
    const at = map[4 * axis]! * i + map[4 * axis + 1]! * j + map[4 * axis + 2]! * k + map[4 * axis + 3]!;
    if (!(at >= -0.5 && at <= dims[axis] - 0.5)) return false;
  }
  return true;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** The token grid in the input grid: where tokens are and what they stand for. */
export class TokenGrid {
  readonly grid: Vec3;
  /** Input voxels per token along i, j, k. */
  readonly block: Vec3;
  /** Token (i, j, k) -> LPS millimetres of its footprint's centre. */
  readonly affine: Affine;
  private readonly dims: Vec3;
  private readonly inputAffine: Affine;

  constructor(grid: Vec3, dims: Vec3, inputAffine: Affine) {
    this.grid = grid;
    this.dims = dims;
    this.inputAffine = inputAffine;
    this.block = [dims[0] / grid[0], dims[1] / grid[1], dims[2] / grid[2]];
    const column = (axis: 0 | 1 | 2, row: number): number => inputAffine[4 * row + axis]! * this.block[axis];
    const rows = [0, 1, 2].map((row) => {
      let origin = inputAffine[4 * row + 3]!;
      for (const axis of [0, 1, 2] as const) origin += inputAffine[4 * row + axis]! * ((this.block[axis] - 1) / 2);
      return [column(0, row), column(1, row), column(2, row), origin];
    });
    this.affine = [...rows.flat(), 0, 0, 0, 1];
  }

  get count(): number {
    return this.grid[0] * this.grid[1] * this.grid[2];
  }

  at(token: number): Vec3 {
    const [gi, gj] = this.grid;
    return [token % gi, Math.floor(token / gi) % gj, Math.floor(token / (gi * gj))];
  }

  /** Token whose footprint holds a point; undefined outside. */
  tokenAt(point: Vec3): number | undefined {
    const m = invert(this.affine);
    const at = [0, 1, 2].map((row) => Math.round(m[4 * row]! * point[0] + m[4 * row + 1]! * point[1] + m[4 * row + 2]! * point[2] + m[4 * row + 3]!));
    const [i, j, k] = at as [number, number, number];
    const [gi, gj, gk] = this.grid;
    return i < 0 || j < 0 || k < 0 || i >= gi || j >= gj || k >= gk ? undefined : i + gi * (j + gj * k);
  }

  /** Corners [min, max] of the footprint along the input grid's axes, LPS millimetres. */
  footprint(token: number): readonly [Vec3, Vec3] {
    const at = this.at(token);
    const corner = (side: 0 | 1): Vec3 => {
      const v = [0, 1, 2].map((axis) => (at[axis]! + side) * this.block[axis]! - 0.5);
      return [0, 4, 8].map((r) => this.inputAffine[r]! * v[0]! + this.inputAffine[r + 1]! * v[1]! + this.inputAffine[r + 2]! * v[2]! + this.inputAffine[r + 3]!) as unknown as Vec3;
    };
    return [corner(0), corner(1)];
  }

  /** Calls `visit` with the index of each input voxel of the footprint. */
  eachVoxel(token: number, visit: (voxel: number) => void): void {
    const at = this.at(token);
    const [w, h] = this.dims;
    const [bi, bj, bk] = this.block;
    for (let k = at[2] * bk; k < (at[2] + 1) * bk; k++) {
      for (let j = at[1] * bj; j < (at[1] + 1) * bj; j++) {
        for (let i = at[0] * bi; i < (at[0] + 1) * bi; i++) visit(i + w * (j + h * k));
      }
    }
  }

  /** Tokens whose footprint holds nothing but air (below -500 HU). */
  air(hu: ArrayLike<number>): boolean[] {
    return Array.from({ length: this.count }, (_, token) => {
      let max = Number.NEGATIVE_INFINITY;
      this.eachVoxel(token, (voxel) => {
        if (hu[voxel]! > max) max = hu[voxel]!;
      });
      return max < -500;
    });
  }
}
