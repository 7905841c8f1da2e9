import assert from 'node:assert/strict';
import { extent, sampleLabels, sampleLinear, sampleNearest } from '../../../src/engine/sampling.ts';
import type { SliceGeometry } from '../../../src/protocol/scan.ts';

const slice = (part: Partial<SliceGeometry>): SliceGeometry => ({
  plane: 'axial', index: 0, width: 9, height: 7, origin: [0, 0, 0], colStep: [1, 0, 0], rowStep: [0, 1, 0], sliceStep: [0, 0, 1],
  edges: { left: 'R', right: 'L', top: 'A', bottom: 'P' }, ...part,
});

describe('layers on the grid of a slice', () => {
  // f(x, y, z) = 2x - 3y + 5z + 7 in millimetres is linear, so trilinear interpolation must give it back exactly.
  const f = (x: number, y: number, z: number): number => 2 * x - 3 * y + 5 * z + 7;
  const dims = [6, 5, 4] as const;
  const affine = [0.2, 2, 0.1, -4, -1.5, 0.1, 0.2, 6, 0.1, -0.2, 2.5, -3, 0, 0, 0, 1];
  const mm = (i: number, j: number, k: number): [number, number, number] => [0, 4, 8].map((r) => affine[r]! * i + affine[r + 1]! * j + affine[r + 2]! * k + affine[r + 3]!) as [number, number, number];
  const data = new Float32Array(120);
  for (let k = 0; k < 4; k++) for (let j = 0; j < 5; j++) for (let i = 0; i < 6; i++) data[i + 6 * (j + 5 * k)] = f(...mm(i, j, k));

  it('reproduces a linear field under a sheared, rotated affine and an oblique slice', () => {
    const oblique = slice({ width: 64, height: 64, origin: [-6, -6, -4], colStep: [0.21, 0.02, 0.1], rowStep: [-0.03, 0.22, 0.07] });
    const out = sampleLinear({ data, dims, affine }, oblique);
    let inside = 0;
    for (let r = 0; r < 64; r++) {
      for (let c = 0; c < 64; c++) {
        const value = out[64 * r + c]!;
        if (Number.isNaN(value)) continue;
        const p = [0, 1, 2].map((a) => oblique.origin[a]! + c * oblique.colStep[a]! + r * oblique.rowStep[a]!) as [number, number, number];
        // Within half a voxel of the rim the value is that of the rim; compare only where all eight neighbours exist.
        if (!between(p, affine, dims)) continue;
        inside++;
        assert.ok(Math.abs(value - f(...p)) < 1e-4);
      }
    }
    assert.ok(inside > 200);
  });

  it('has NaN exactly where the point is more than half a voxel outside', () => {
    const unit = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    const out = sampleNearest({ data: new Float32Array(2 * 2 * 1).fill(3), dims: [2, 2, 1], affine: unit }, slice({ width: 12, height: 1, origin: [-1, 0, 0], colStep: [0.25, 0, 0] }));
    assert.deepEqual([...out].map((v) => Number.isNaN(v)), [true, true, false, false, false, false, false, false, false, false, false, true]);
  });

  it('takes the nearest voxel, and label 0 outside', () => {
    const unit = [10, 0, 0, 0, 0, 10, 0, 0, 0, 0, 10, 0, 0, 0, 0, 1];
    const labels = { data: Uint8Array.from([1, 2, 3, 4]), dims: [2, 2, 1] as const, affine: unit };
    const out = sampleLabels(labels, slice({ width: 5, height: 2, origin: [-6, 4, 4], colStep: [5.4, 0, 0], rowStep: [0, 2, 0] }));
    assert.deepEqual([...out], [0, 1, 1, 2, 0, 0, 3, 3, 4, 0]);
  });

  it('is constant along an axis with one voxel', () => {
    const out = sampleLinear({ data: Float32Array.from([4, 8]), dims: [2, 1, 1], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }, slice({ width: 3, height: 1, origin: [0, 0.3, -0.4], colStep: [0.5, 0, 0] }));
    assert.deepEqual([...out], [4, 6, 8]);
  });

  it('ignores NaN in the extent', () => {
    assert.deepEqual(extent(Float32Array.from([Number.NaN, 3, -2])), [-2, 3]);
    assert.deepEqual(extent(Float32Array.from([Number.NaN])), [0, 0]);
  });
});

function between(p: readonly [number, number, number], affine: number[], dims: readonly number[]): boolean {
  // Solve A v = p - t by Cramer's rule, independent of the code under test.
  const [a, b, c] = [0, 1, 2].map((col) => [affine[col]!, affine[4 + col]!, affine[8 + col]!]) as [number[], number[], number[]];
  const t = [p[0] - affine[3]!, p[1] - affine[7]!, p[2] - affine[11]!];
  const det = (x: number[], y: number[], z: number[]): number => x[0]! * (y[1]! * z[2]! - y[2]! * z[1]!) - y[0]! * (x[1]! * z[2]! - x[2]! * z[1]!) + z[0]! * (x[1]! * y[2]! - x[2]! * y[1]!);
  const whole = det(a, b, c);
  const v = [det(t, b, c) / whole, det(a, t, c) / whole, det(a, b, t) / whole];
  return v.every((x, axis) => x >= 0 && x <= dims[axis]! - 1);
}
