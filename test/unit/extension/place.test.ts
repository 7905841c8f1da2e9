import assert from 'node:assert/strict';
import { axialSlice } from '../../../src/extension/report/place.ts';
import type { Reading } from '../../../src/protocol/reading.ts';

// A 4 x 4 x 2 token grid of 32 mm tokens over a scan of 2 mm slices: token k = 1 has its centre at z = 48 mm, voxel 24.
function reading(affine: number[], dims: [number, number, number]): Reading {
  const visual = { grid: [4, 4, 2], affine: [32, 0, 0, 16, 0, 32, 0, 16, 0, 0, 32, 16, 0, 0, 0, 1] };
  return { scan: { affine, dims }, visual } as unknown as Reading;
}
const AXIAL = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1];

describe('axial slice of a region', () => {
  it('is the slice through the centre of its tokens, counted from 1', () => {
    assert.deepEqual(axialSlice(reading(AXIAL, [128, 128, 32]), [16, 31]), { number: 25, count: 32 });
    assert.deepEqual(axialSlice(reading(AXIAL, [128, 128, 32]), [0, 16]), { number: 17, count: 32 });
  });

  it('counts along the axis that runs head to foot, whichever it is and wherever it points', () => {
    const sagittal = [0, 0, 1, 0, 1, 0, 0, 0, 0, -2, 0, 62, 0, 0, 0, 1];
    assert.deepEqual(axialSlice(reading(sagittal, [128, 32, 128]), [16]), { number: 8, count: 32 });
  });

  it('stays inside the scan', () => {
    assert.deepEqual(axialSlice(reading(AXIAL, [128, 128, 10]), [16]), { number: 10, count: 10 });
  });

  it('is not given without support', () => {
    assert.equal(axialSlice(reading(AXIAL, [128, 128, 32]), []), undefined);
  });
});
