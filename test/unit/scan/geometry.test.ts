// Axis codes, display orientation and slices for all 48 ways of laying a volume on the patient axes, against closed forms.

import assert from 'node:assert/strict';
import { affineFromColumns, axcodes, directionLetters, invert, mmToVoxel, planeAxes, shearAngle, spacing, voxelToMm, type Affine, type Vec3 } from '../../../src/scan/geometry.ts';
import { extractSlice } from '../../../src/scan/slice.ts';

const permutations: [number, number, number][] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
const signs = Array.from({ length: 8 }, (_, n) => [n & 1 ? -1 : 1, n & 2 ? -1 : 1, n & 4 ? -1 : 1] as Vec3);
const sizes: Vec3 = [0.5, 0.75, 3];
const dims: [number, number, number] = [4, 5, 6];

/** Voxel axis c runs along patient axis axes[c] with the given sign. */
function layout(axes: readonly number[], sign: Vec3): Affine {
  const columns = axes.map((axis, c) => {
    const v: Vec3 = [0, 0, 0];
    v[axis] = (sign[c] as number) * (sizes[c] as number);
    return v;
  }) as [Vec3, Vec3, Vec3];
  return affineFromColumns(...columns, [10, -20, 30]);
}

const letter = (axis: number, sign: number): string => (sign > 0 ? 'LPS' : 'RAI').charAt(axis);

describe('scan geometry', () => {
  it('names axes and orients planes for all 48 layouts', () => {
    for (const axes of permutations) {
      for (const sign of signs) {
        const affine = layout(axes, sign);
        const codes = axes.map((axis, c) => letter(axis, sign[c] as number)).join('');
        assert.equal(axcodes(affine), codes);
        assert.deepEqual(spacing(affine), sizes);
        assert.equal(planeAxes(affine, 'axial').normal, axes.indexOf(2));
        assert.equal(planeAxes(affine, 'coronal').normal, axes.indexOf(1));
        assert.equal(planeAxes(affine, 'sagittal').normal, axes.indexOf(0));
      }
    }
  });

  it('cuts slices in the radiological convention, with pixels at their millimetres, for all 48 layouts', () => {
    const edges = {
      axial: { left: 'R', right: 'L', top: 'A', bottom: 'P' },
      coronal: { left: 'R', right: 'L', top: 'S', bottom: 'I' },
      sagittal: { left: 'A', right: 'P', top: 'S', bottom: 'I' },
    } as const;
    for (const axes of permutations) {
      for (const sign of signs) {
        const affine = layout(axes, sign);
        // A voxel's value tells its LPS place: x + 100 y + 10000 z in quarter millimetres.
        const code = (mm: Vec3): number => 4 * (mm[0] + 100 * mm[1] + 10000 * mm[2]);
        const data = new Float32Array(dims[0] * dims[1] * dims[2]);
        for (let k = 0, n = 0; k < dims[2]; k++) for (let j = 0; j < dims[1]; j++) for (let i = 0; i < dims[0]; i++) data[n++] = code(voxelToMm(affine, [i, j, k]));
        for (const plane of ['axial', 'coronal', 'sagittal'] as const) {
          const slice = extractSlice(data, dims, affine, plane, 2);
          assert.deepEqual(slice.edges, edges[plane]);
          for (let row = 0; row < slice.height; row++) {
            for (let x = 0; x < slice.width; x++) {
              const mm = slice.origin.map((o, n) => o + x * (slice.colStep[n] as number) + row * (slice.rowStep[n] as number)) as Vec3;
              assert.equal(slice.data[row * slice.width + x], code(mm));
            }
          }
          assert.equal(Math.max(...slice.colStep), slice.colStep[plane === 'sagittal' ? 1 : 0], 'screen right is left (axial, coronal) or posterior (sagittal)');
        }
      }
    }
  });

  it('inverts and measures shear', () => {
    const tilt = (16.5 * Math.PI) / 180;
    const sheared = affineFromColumns([0.4, 0, 0], [0, 0.4 * Math.cos(tilt), 0.4 * Math.sin(tilt)], [0, 0, 2.5], [-100, 5, 700]);
    assert.ok(Math.abs(shearAngle(sheared) - 16.5) < 1e-9);
    const back = mmToVoxel(sheared, voxelToMm(sheared, [3.25, 7, 1]));
    assert.ok(Math.max(...back.map((v, n) => Math.abs(v - ([3.25, 7, 1][n] as number)))) < 1e-9);
    assert.throws(() => invert(affineFromColumns([1, 0, 0], [2, 0, 0], [0, 0, 1], [0, 0, 0])), { code: 'format' });
  });

  it('writes oblique directions with up to three letters', () => {
    assert.equal(directionLetters([0, 0.9, 0.1]), 'P');
    assert.equal(directionLetters([0, -0.6, 0.8]), 'SA');
    assert.equal(directionLetters([-1, -1.1, -1.2]), 'IAR');
  });
});
