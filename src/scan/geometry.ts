// Affine maths for scans: voxel (i, j, k) <-> patient millimetres, axis codes, and how each plane lies on the voxel axes.
// Inside the product millimetres are LPS (+x left, +y posterior, +z superior), as in DICOM; NIfTI and nibabel use RAS, and
// `flipLpsRas` converts. Axis assignment follows nibabel's io_orientation (polar part of the matrix, greedy by size), so
// `axcodes` prints what nibabel prints. Display follows the radiological convention (patient's left on screen right).

import { RoomError } from '../protocol/error.ts';
import type { Affine, Plane } from '../protocol/scan.ts';

export type Vec3 = [number, number, number];

export type { Affine, Plane };

const at = (values: ArrayLike<number>, index: number): number => values[index] as number;

/** Column `c` (0..3) of an affine: a voxel step in millimetres, or the origin for 3. */
export function column(affine: Affine, c: number): Vec3 {
  return [at(affine, c), at(affine, 4 + c), at(affine, 8 + c)];
}

export function affineFromColumns(i: Vec3, j: Vec3, k: Vec3, origin: Vec3): Affine {
  return [i[0], j[0], k[0], origin[0], i[1], j[1], k[1], origin[1], i[2], j[2], k[2], origin[2], 0, 0, 0, 1];
}

/** The same affine with x and y negated: LPS millimetres to RAS millimetres, or back. */
export function flipLpsRas(affine: Affine): Affine {
  return affine.map((v, n) => (n < 8 ? 0 - v : v));
}

export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const norm = (a: Vec3): number => Math.hypot(a[0], a[1], a[2]);
export const scale = (a: Vec3, s: number): Vec3 => [a[0] * s, a[1] * s, a[2] * s];
export const add = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const sub = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** Voxel size in millimetres: lengths of the affine's columns. */
export function spacing(affine: Affine): Vec3 {
  return [norm(column(affine, 0)), norm(column(affine, 1)), norm(column(affine, 2))];
}

export function voxelToMm(affine: Affine, voxel: Vec3): Vec3 {
  const row = (r: number): number =>
    at(affine, r) * voxel[0] + at(affine, r + 1) * voxel[1] + at(affine, r + 2) * voxel[2] + at(affine, r + 3);
  return [row(0), row(4), row(8)];
}

/** Inverse affine. Throws 'format' when the voxel axes do not span space. */
export function invert(affine: Affine): Affine {
  const [a, b, c] = [column(affine, 0), column(affine, 1), column(affine, 2)];
  const det = dot(a, cross(b, c));
  if (!Number.isFinite(det) || Math.abs(det) <= 1e-12 * norm(a) * norm(b) * norm(c)) {
    throw new RoomError('format', 'The voxel axes of the scan are not independent: its affine cannot be inverted.', 'Write the scan again with valid orientation fields.');
  }
  const rows = [scale(cross(b, c), 1 / det), scale(cross(c, a), 1 / det), scale(cross(a, b), 1 / det)] as const;
  const origin = column(affine, 3);
  return [...rows.flatMap((r) => [...r, -dot(r, origin)]), 0, 0, 0, 1];
}

/** Millimetres -> continuous voxel coordinates. Invert once and use `voxelToMm` where many points are mapped. */
export function mmToVoxel(affine: Affine, mm: Vec3): Vec3 {
  return voxelToMm(invert(affine), mm);
}

/** For each voxel axis: the nearest patient axis (0 x, 1 y, 2 z) and the sign of the step along it. */
export type Orientation = [AxisOrientation, AxisOrientation, AxisOrientation];
export interface AxisOrientation {
  patientAxis: 0 | 1 | 2;
  sign: 1 | -1;
}

/** Orientation in the affine's own patient axes (LPS affine in, LPS signs out). */
export function orientation(affine: Affine): Orientation {
  const r = polarRotation([0, 1, 2].map((c) => unit(column(affine, c))) as [Vec3, Vec3, Vec3]);
  const largest = (c: number): number => Math.max(...at3(r, c).map((v) => v * v));
  const order = [0, 1, 2].sort((p, q) => largest(q) - largest(p) || p - q);
  const taken = new Set<number>();
  const result: AxisOrientation[] = [];
  for (const c of order) {
    const v = at3(r, c);
    let best = -1;
    for (let axis = 0; axis < 3; axis++) {
      if (!taken.has(axis) && (best < 0 || Math.abs(at(v, axis)) > Math.abs(at(v, best)))) best = axis;
    }
    taken.add(best);
    result[c] = { patientAxis: best as 0 | 1 | 2, sign: at(v, best) < 0 ? -1 : 1 };
  }
  return result as Orientation;
}

const at3 = (r: readonly Vec3[], c: number): Vec3 => r[c] as Vec3;
const unit = (v: Vec3): Vec3 => (norm(v) > 0 ? scale(v, 1 / norm(v)) : [0, 0, 0]);

/** Nearest rotation to three unit columns, by Newton's iteration for the polar factor; the columns themselves if singular. */
function polarRotation(columns: [Vec3, Vec3, Vec3]): [Vec3, Vec3, Vec3] {
  let r = columns;
  for (let step = 0; step < 30; step++) {
    const [a, b, c] = r;
    const det = dot(a, cross(b, c));
    if (!Number.isFinite(det) || Math.abs(det) < 1e-9) return columns;
    const next: [Vec3, Vec3, Vec3] = [
      scale(add(a, scale(cross(b, c), 1 / det)), 0.5),
      scale(add(b, scale(cross(c, a), 1 / det)), 0.5),
      scale(add(c, scale(cross(a, b), 1 / det)), 0.5),
    ];
    const moved = Math.max(...[0, 1, 2].map((n) => norm(sub(at3(next, n), at3(r, n)))));
    r = next;
    if (moved < 1e-14) break;
  }
  return r;
}

/** Three letters, one per voxel axis, naming the direction it points to, as nibabel's aff2axcodes: 'LPS' for plain axial DICOM. */
export function axcodes(affine: Affine): string {
  return orientation(affine)
    .map(({ patientAxis, sign }) => (sign > 0 ? 'LPS' : 'RAI').charAt(patientAxis))
    .join('');
}

/** How a plane lies on the voxel axes: which axis is stepped by `index`, and which run along columns and rows of the screen. */
export interface PlaneAxes {
  normal: 0 | 1 | 2;
  /** Screen x: voxel axis, and whether it runs backwards on screen. */
  x: { axis: 0 | 1 | 2; flip: boolean };
  /** Screen y, downwards. */
  y: { axis: 0 | 1 | 2; flip: boolean };
}

// Screen right and screen down in LPS signs. Axial: right = left of patient, down = posterior; coronal: down = inferior;
// sagittal: right = posterior, down = inferior.
const screen: Record<Plane, { normal: number; x: number; y: number; ySign: 1 | -1 }> = {
  axial: { normal: 2, x: 0, y: 1, ySign: 1 },
  coronal: { normal: 1, x: 0, y: 2, ySign: -1 },
  sagittal: { normal: 0, x: 1, y: 2, ySign: -1 },
};

/** Axes of a plane in radiological display orientation, for an LPS affine. */
export function planeAxes(affine: Affine, plane: Plane): PlaneAxes {
  const axes = orientation(affine);
  const find = (patientAxis: number): 0 | 1 | 2 => axes.findIndex((a) => a.patientAxis === patientAxis) as 0 | 1 | 2;
  const want = screen[plane];
  const x = find(want.x);
  const y = find(want.y);
  return {
    normal: find(want.normal),
    x: { axis: x, flip: axes[x].sign < 0 },
    y: { axis: y, flip: axes[y].sign !== want.ySign },
  };
}

/** Letters for a direction in LPS millimetres, largest part first; parts under sin 15 degrees are left out: 'L', 'AS'. */
export function directionLetters(direction: Vec3): string {
  const u = unit(direction);
  return [0, 1, 2]
    .filter((n) => Math.abs(at(u, n)) > 0.2588)
    .sort((p, q) => Math.abs(at(u, q)) - Math.abs(at(u, p)))
    .map((n) => (at(u, n) > 0 ? 'LPS' : 'RAI').charAt(n))
    .join('');
}

/** Angle in degrees between the k step and the normal of the (i, j) plane: 0 for a box, the gantry tilt for sheared CT. */
export function shearAngle(affine: Affine): number {
  const n = cross(column(affine, 0), column(affine, 1));
  const k = column(affine, 2);
  const cos = Math.abs(dot(n, k)) / (norm(n) * norm(k));
  return (Math.acos(Math.min(1, cos)) * 180) / Math.PI;
}
