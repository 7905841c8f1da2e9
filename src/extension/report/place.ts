// Where in the scan a clue's region lies, from the saved reading alone: the axial slice through the centre of its tokens. No
// 'vscode' in here.

import type { Reading } from '../../protocol/reading.ts';
import type { Affine } from '../../protocol/scan.ts';

/** 1-based axial slice number and count, or undefined where no region supports the clue. */
export function axialSlice(reading: Reading, tokens: readonly number[]): { number: number; count: number } | undefined {
  if (tokens.length === 0) return undefined;
  const [ni, nj] = reading.visual.grid;
  const centre = [0, 0, 0];
  for (const token of tokens) {
    const ijk = [token % ni, Math.floor(token / ni) % nj, Math.floor(token / (ni * nj))];
    apply(reading.visual.affine, ijk).forEach((mm, axis) => {
      centre[axis] = (centre[axis] ?? 0) + mm / tokens.length;
    });
  }
  const voxel = solve(reading.scan.affine, centre);
  // The axial slices count voxels along the axis that runs most along the body.
  const along = [0, 1, 2].map((axis) => Math.abs(reading.scan.affine[8 + axis] ?? 0) / columnLength(reading.scan.affine, axis));
  const axis = along.indexOf(Math.max(...along));
  const count = reading.scan.dims[axis] ?? 1;
  return { number: 1 + Math.min(count - 1, Math.max(0, Math.round(voxel[axis] ?? 0))), count };
}

function columnLength(affine: Affine, axis: number): number {
  return Math.hypot(affine[axis] ?? 0, affine[4 + axis] ?? 0, affine[8 + axis] ?? 0) || 1;
}

function apply(affine: Affine, [i = 0, j = 0, k = 0]: readonly number[]): number[] {
  return [0, 4, 8].map((row) => (affine[row] ?? 0) * i + (affine[row + 1] ?? 0) * j + (affine[row + 2] ?? 0) * k + (affine[row + 3] ?? 0));
}

/** Voxel of a point by Cramer's rule. */
function solve(affine: Affine, point: readonly number[]): number[] {
  const a = [0, 4, 8].map((row) => [0, 1, 2].map((column) => affine[row + column] ?? 0));
  const b = [3, 7, 11].map((at, axis) => (point[axis] ?? 0) - (affine[at] ?? 0));
  const whole = determinant(a);
  return [0, 1, 2].map((column) => determinant(a.map((row, r) => row.map((value, c) => (c === column ? (b[r] ?? 0) : value)))) / whole);
}

function determinant(m: number[][]): number {
  const at = (row: number, column: number): number => m[row]?.[column] ?? 0;
  return (
    at(0, 0) * (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) -
    at(0, 1) * (at(1, 0) * at(2, 2) - at(1, 2) * at(2, 0)) +
    at(0, 2) * (at(1, 0) * at(2, 1) - at(1, 1) * at(2, 0))
  );
}
