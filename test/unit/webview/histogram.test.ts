import assert from 'node:assert/strict';
import { binErrors } from '../../../webview/scan/histogram.ts';
import { fixed, niceCeil, signed } from '../../../webview/shared/format.ts';

describe('error histogram', () => {
  it('counts into equal bins, the top value and what is above into the last', () => {
    assert.deepEqual(binErrors([0, 0.9, 1, 3.99, 4, 9], 4, 4).counts, [2, 1, 0, 3]);
  });

  it('gives the median of finite values', () => {
    assert.equal(binErrors([5, 1, NaN, 3], 2, 10).median, 3);
    assert.equal(binErrors([4, 1, 2, 3], 2, 10).median, 2.5);
    assert.ok(Number.isNaN(binErrors([], 2, 10).median));
  });
});

describe('numbers', () => {
  it('have a true minus sign and no negative zero', () => {
    assert.deepEqual([fixed(-1.25, 1), fixed(-0.001, 2), fixed(2, 2), fixed(NaN, 1)], ['\u22121.3', '0.00', '2.00', 'n/a']);
    assert.deepEqual([signed(0.614, 2), signed(-0.614, 2), signed(0.001, 2)], ['+0.61', '\u22120.61', '0.00']);
  });

  it('round up to the end of a scale', () => {
    assert.deepEqual([0.3, 1, 1.2, 2, 4.1, 7, 16, 100, 0].map(niceCeil).map((v) => Number(v.toPrecision(6))), [0.3, 1, 1.5, 2, 5, 8, 20, 100, 1]);
  });
});
