// Image, clinical and retrieval metrics: scikit-image goldens (test/golden/metrics.py) and closed forms.

import assert from 'node:assert/strict';
import { bootstrapInterval, clinicalScore } from '../../../src/metrics/clinical.ts';
import { psnr, rSquared, ssim, ssimSlices } from '../../../src/metrics/image.ts';
import { recallAtK } from '../../../src/metrics/retrieval.ts';
import golden from '../../golden/metrics.json' with { type: 'json' };

function close(actual: number, expected: number, tolerance = 1e-9): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
}

/** The image of test/golden/metrics.py. */
function image(seed: number, w: number, h: number): number[] {
  let state = seed;
  const out: number[] = [];
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      out.push((0.5 * x) / w + 0.3 * (y / h) ** 2 + (0.2 * state) / 2 ** 32);
    }
  }
  return out;
}

describe('image metrics', () => {
  const { w, h } = golden.image;
  const a = image(1, w, h);
  const b = image(2, w, h);
  it('equal scikit-image', () => {
    close(ssim(a, b, w, h, 1), golden.image.ssim);
    const shifted = a.map((_, i) => a[Math.floor(i / w) * w + (((i % w) - 2 + w) % w)]!);
    close(ssim(a, shifted, w, h, 1), golden.image.ssimShifted);
    close(psnr(a, b, 1), golden.image.psnr);
    close(rSquared(a, b), golden.image.r2);
  });
  it('have their fixed points', () => {
    assert.equal(ssim(a, a, w, h, 1), 1);
    assert.equal(psnr(a, a, 1), Infinity);
    assert.equal(rSquared(a, a), 1);
    const mean = b.reduce((x, y) => x + y, 0) / b.length;
    close(rSquared(b.map(() => mean), b), 0);
    close(psnr([0, 0], [1, 1], 10), 20);
  });
  it('average SSIM over slices, and refuse small or unequal images', () => {
    close(ssimSlices([...a, ...b], [...b, ...b], [w, h, 2], 1), (golden.image.ssim + 1) / 2);
    assert.throws(() => ssim([0], [0], 1, 1, 1), RangeError);
    assert.throws(() => psnr([0], [0, 1], 1), RangeError);
  });
});

describe('clinical scores', () => {
  const cases = [
    { predicted: new Set(['a|left', 'b|none']), reference: new Set(['a|left', 'a|right']) },
    { predicted: new Set(['c|none']), reference: new Set(['c|none']) },
    { predicted: new Set<string>(), reference: new Set<string>() },
  ];
  it('count micro over labels and macro over groups', () => {
    const score = clinicalScore(cases, (label) => label.split('|')[0]!);
    close(score.micro.precision, 2 / 3);
    close(score.micro.recall, 2 / 3);
    close(score.micro.f1, 2 / 3);
    close(score.perLabel['a']!.f1, 2 / 3);
    assert.equal(score.perLabel['b']!.f1, 0);
    assert.equal(score.perLabel['c']!.f1, 1);
    close(score.macroF1, (2 / 3 + 0 + 1) / 3);
  });
  it('call silence about nothing perfect', () => {
    assert.equal(clinicalScore([cases[2]!]).micro.f1, 1);
  });
  it('give seeded intervals of the right width', () => {
    // Mean of 400 fair coins: standard error 0.025, so the 95 % interval is about 0.098 wide.
    const coins = Array.from({ length: 400 }, (_, i) => i % 2);
    const mean = (sample: readonly number[]): number => sample.reduce((x, y) => x + y, 0) / sample.length;
    const [low, high] = bootstrapInterval(coins, mean, { seed: 7 });
    assert.deepEqual(bootstrapInterval(coins, mean, { seed: 7 }), [low, high]);
    assert.notDeepEqual(bootstrapInterval(coins, mean, { seed: 8 }), [low, high]);
    assert.ok(low < 0.5 && high > 0.5 && high - low > 0.085 && high - low < 0.112, `${low} ${high}`);
  });
});

describe('recall@K', () => {
  it('counts targets among the K best, ties against them', () => {
    const similarity = [0.9, 0.1, 0.2, 0.8, 0.5, 0.1, 0.3, 0.3, 0.3];
    close(recallAtK(similarity, 3, 3, 1), 1 / 3);
    close(recallAtK(similarity, 3, 3, 2), 2 / 3);
    close(recallAtK(similarity, 3, 3, 3), 1);
    close(recallAtK(similarity, 3, 3, 1, [0, 0, 0]), 2 / 3);
  });
});
