import assert from 'node:assert/strict';
import { resampleLabels, resampleVolume } from '../../../src/scan/resample.ts';

/** Linear ramp 2 x - 3 y + z in millimetres on a rotated, anisotropic grid. */
const source = () => {
  const dims = [20, 22, 18] as const;
  const affine = [0, -1.5, 0, 12, 2, 0, 0, -20, 0, 0, -2.5, 20, 0, 0, 0, 1];
  const data = new Float32Array(dims[0] * dims[1] * dims[2]);
  for (let k = 0, n = 0; k < dims[2]; k++)
    for (let j = 0; j < dims[1]; j++)
      for (let i = 0; i < dims[0]; i++, n++) data[n] = 2 * (-1.5 * j + 12) - 3 * (2 * i - 20) + (-2.5 * k + 20);
  return { data, dims, affine };
};

describe('resampling', () => {
  for (const step of [0.7, 3, 5]) {
    it(`reproduces a linear function exactly at ${step} mm, averaged or not`, () => {
      const dims = [4, 4, 3] as const;
      const affine = [step, 0, 0, -6, 0, step, 0, -7, 0, 0, step, -4, 0, 0, 0, 1];
      const out = resampleVolume(source(), { dims, affine });
      for (let k = 0, n = 0; k < 3; k++)
        for (let j = 0; j < 4; j++)
          for (let i = 0; i < 4; i++, n++) {
            const expected = 2 * (step * i - 6) - 3 * (step * j - 7) + (step * k - 4);
            assert.ok(Math.abs(out[n]! - expected) < 1e-3, `${i},${j},${k}: ${out[n]} against ${expected}`);
          }
    });
  }

  it('averages a checkerboard to its mean when the target voxel covers it', () => {
    const data = new Float32Array(8 * 8 * 8).map((_, n) => (((n & 1) + ((n >> 3) & 1) + ((n >> 6) & 1)) & 1) * 100);
    const out = resampleVolume({ data, dims: [8, 8, 8], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }, { dims: [4, 4, 4], affine: [2, 0, 0, 0.5, 0, 2, 0, 0.5, 0, 0, 2, 0.5, 0, 0, 0, 1] });
    for (const value of out) assert.equal(value, 50);
  });

  it('fills outside the source and takes the nearest label', () => {
    const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    const target = { dims: [4, 1, 1] as const, affine: [1, 0, 0, -1.3, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
    assert.deepEqual([...resampleVolume({ data: new Int16Array([10, 20]), dims: [2, 1, 1], affine: identity }, target)].map(Math.round), [-1000, 10, 17, -1000]);
    assert.deepEqual([...resampleLabels({ data: new Uint8Array([7, 9]), dims: [2, 1, 1], affine: identity }, target)], [0, 7, 9, 0]);
  });
});
