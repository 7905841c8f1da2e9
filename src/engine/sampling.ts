// Draws any grid (reconstruction, model input, token scores, label map) on the pixel grid of a scan's slice. The slice's
// pixel -> millimetre map and the grid's millimetre -> voxel map are composed once into an affine function of (column, row);
// per row the stretch that lies inside the grid is computed from three linear inequalities, and the inner loop only steps.
// A grid extends half a voxel beyond its outer voxel centres; beyond that a float result is NaN and a label is 0.

import type { Affine, SliceGeometry, Vec3 } from '../protocol/scan.ts';
import { invert } from '../scan/geometry.ts';

/** A scalar field: dims (i, j, k) with i fastest, affine voxel -> LPS millimetres. */
export interface Grid {
  data: Float32Array | Int16Array | Uint8Array;
  dims: Vec3;
  affine: Affine;
}

interface Stepper {
  /** Grid coordinates of pixel (0, 0) and their change per column and per row. */
  start: [number, number, number];
  perColumn: [number, number, number];
  perRow: [number, number, number];
}

/** Trilinear values, width * height, NaN outside. Values at the rim (within half a voxel) are those of the outer voxels. */
export function sampleLinear(grid: Grid, slice: SliceGeometry): Float32Array {
  const out = new Float32Array(slice.width * slice.height).fill(Number.NaN);
  forEachRow(grid, slice, (...row) => linearRow(out, grid.data, grid.dims, ...row));
  return out;
}

/** One stretch of a row. A grid of one voxel along an axis is constant along it. */
function linearRow(
  out: Float32Array, data: Grid['data'], dims: Vec3,
  offset: number, from: number, to: number, x0: number, y0: number, z0: number, dx: number, dy: number, dz: number,
): void {
  const ni = dims[0] | 0;
  const nj = dims[1] | 0;
  const nk = dims[2] | 0;
  const stepI = ni > 1 ? 1 : 0;
  const stepJ = nj > 1 ? ni : 0;
  const stepK = nk > 1 ? ni * nj : 0;
  // The lower corner of the cell is at most n - 2, so that its upper neighbours exist; the last voxel is reached by a weight of 1.
  const lastI = Math.max(0, ni - 2);
  const lastJ = Math.max(0, nj - 2);
  const lastK = Math.max(0, nk - 2);
  for (let c = from; c < to; c++) {
    const x = Math.min(Math.max(x0 + c * dx, 0), ni - 1);
    const y = Math.min(Math.max(y0 + c * dy, 0), nj - 1);
    const z = Math.min(Math.max(z0 + c * dz, 0), nk - 1);
    const i = Math.min(x | 0, lastI);
    const j = Math.min(y | 0, lastJ);
    const k = Math.min(z | 0, lastK);
    const fx = x - i;
    const fy = y - j;
    const at = i + j * ni + k * stepK;
    const up = at + stepK;
    const a = data[at]! + fx * (data[at + stepI]! - data[at]!);
    const b = data[at + stepJ]! + fx * (data[at + stepJ + stepI]! - data[at + stepJ]!);
    const e = data[up]! + fx * (data[up + stepI]! - data[up]!);
    const f = data[up + stepJ]! + fx * (data[up + stepJ + stepI]! - data[up + stepJ]!);
    const low = a + fy * (b - a);
    out[offset + c] = low + (z - k) * (e + fy * (f - e) - low);
  }
}

/** The value of the voxel each pixel falls into; NaN outside. */
export function sampleNearest(grid: Grid, slice: SliceGeometry): Float32Array {
  const out = new Float32Array(slice.width * slice.height).fill(Number.NaN);
  nearestInto(out, grid, slice);
  return out;
}

/** The same for label values 0..255; 0 outside. */
export function sampleLabels(grid: Grid, slice: SliceGeometry): Uint8Array {
  const out = new Uint8Array(slice.width * slice.height);
  nearestInto(out, grid, slice);
  return out;
}

function nearestInto(out: Float32Array | Uint8Array, { data, dims, affine }: Grid, slice: SliceGeometry): void {
  const [ni, nj, nk] = dims;
  const nij = ni * nj;
  forEachRow({ data, dims, affine }, slice, (offset, from, to, x0, y0, z0, dx, dy, dz) => {
    for (let c = from; c < to; c++) {
      const i = clamp(x0 + c * dx + 0.5, ni - 1) | 0;
      const j = clamp(y0 + c * dy + 0.5, nj - 1) | 0;
      const k = clamp(z0 + c * dz + 0.5, nk - 1) | 0;
      out[offset + c] = data[i + j * ni + k * nij]!;
    }
  });
}

/** Smallest and largest finite value; [0, 0] where there is none. */
export function extent(data: ArrayLike<number>): [number, number] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < data.length; n++) {
    const v = data[n]!;
    if (v < min) min = v;
    if (v > max) max = v;
  }
  return min <= max ? [min, max] : [0, 0];
}

type Row = (offset: number, from: number, to: number, x0: number, y0: number, z0: number, dx: number, dy: number, dz: number) => void;

function forEachRow(grid: Grid, slice: SliceGeometry, row: Row): void {
  const { start, perColumn, perRow } = compose(grid.affine, slice);
  for (let r = 0; r < slice.height; r++) {
    const x = start[0] + r * perRow[0];
    const y = start[1] + r * perRow[1];
    const z = start[2] + r * perRow[2];
    let from = 0;
    let to = slice.width;
    [from, to] = inside(x, perColumn[0], grid.dims[0], from, to);
    [from, to] = inside(y, perColumn[1], grid.dims[1], from, to);
    [from, to] = inside(z, perColumn[2], grid.dims[2], from, to);
    if (from < to) row(r * slice.width, from, to, x, y, z, perColumn[0], perColumn[1], perColumn[2]);
  }
}

function compose(affine: Affine, slice: SliceGeometry): Stepper {
  const m = invert(affine);
  const direction = (v: Vec3): [number, number, number] => [
    m[0]! * v[0] + m[1]! * v[1] + m[2]! * v[2],
    m[4]! * v[0] + m[5]! * v[1] + m[6]! * v[2],
    m[8]! * v[0] + m[9]! * v[1] + m[10]! * v[2],
  ];
  const [x, y, z] = direction(slice.origin);
  return { start: [x + m[3]!, y + m[7]!, z + m[11]!], perColumn: direction(slice.colStep), perRow: direction(slice.rowStep) };
}

/** Columns c in [from, to) with -0.5 <= start + c * step < n - 0.5; a hair of slack keeps pixels on the rim inside. */
function inside(start: number, step: number, n: number, from: number, to: number): [number, number] {
  const low = -0.5 - 1e-6;
  const high = n - 0.5 + 1e-6;
  if (Math.abs(step) < 1e-9) return start >= low && start <= high ? [from, to] : [0, 0];
  const a = (low - start) / step;
  const b = (high - start) / step;
  return [Math.max(from, Math.ceil(Math.min(a, b))), Math.min(to, Math.floor(Math.max(a, b)) + 1)];
}

function clamp(v: number, max: number): number {
  return v < 0 ? 0 : v > max ? max : v;
}
