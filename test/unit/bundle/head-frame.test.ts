import assert from 'node:assert/strict';
import { headGrid, windowChannels } from '../../../src/bundle/head-frame.ts';

/** An ellipsoid of 40 HU in air, semi-axes 75 x 95 x 80 mm, centred at `centre` (LPS mm), plus a table below it. */
function ellipsoid(centre: readonly [number, number, number], flipI = false) {
  const dims = [80, 96, 36] as const;
  const affine = [flipI ? -3 : 3, 0, 0, flipI ? 130 : -120, 0, 3, 0, -150, 0, 0, 5, -100, 0, 0, 0, 1];
  const data = new Int16Array(dims[0] * dims[1] * dims[2]).fill(-1000);
  for (let k = 0, n = 0; k < dims[2]; k++)
    for (let j = 0; j < dims[1]; j++)
      for (let i = 0; i < dims[0]; i++, n++) {
        const x = affine[0]! * i + affine[3]!;
        const y = 3 * j - 150;
        const z = 5 * k - 100;
        if (((x - centre[0]) / 75) ** 2 + ((y - centre[1]) / 95) ** 2 + ((z - centre[2]) / 80) ** 2 < 1) data[n] = 40;
        if (y > 125 && y < 131) data[n] = 100;
      }
  return { data, dims, affine };
}

const spec = { dims: [112, 112, 32], spacing: [1.9, 1.9, 5], centre: 'head' } as const;

describe('input grid of a head CT', () => {
  for (const flip of [false, true]) {
    it(`hangs from the vertex and centres on the head, not on the table${flip ? ' (i runs to the right)' : ''}`, () => {
      const affine = headGrid(ellipsoid([6, -8, -15], flip), spec);
      assert.ok(affine);
      const centre = [0, 1, 2].map((a) => affine[4 * a + 3]! + ((spec.dims[a]! - 1) / 2) * spec.spacing[a]!);
      assert.ok(Math.abs(centre[0]! - 6) <= 4, `x ${centre[0]}`);
      assert.ok(Math.abs(centre[1]! + 8) <= 4, `y ${centre[1]}`);
      // vertex 65 mm, cell grid 4 mm: the cap of 5 cm2 lies about 1 mm lower.
      assert.ok(Math.abs(centre[2]! - (65 + 8 - 80)) <= 5, `z ${centre[2]}`);
    });
  }

  it('finds no head in air', () => {
    assert.equal(headGrid({ data: new Int16Array(1000).fill(-1000), dims: [10, 10, 10], affine: [9, 0, 0, 0, 0, 9, 0, 0, 0, 0, 9, 0, 0, 0, 0, 1] }, spec), undefined);
  });

  it('windows channels as (clip((hu - low) / (high - low)) - mean) / std', () => {
    const out = windowChannels(new Int16Array([-100, 0, 40, 200]), { channels: [{ name: 'brain', low: 0, high: 80 }, { name: 'wide', low: -100, high: 300 }], mean: 0.5, std: 0.25 });
    assert.deepEqual([...out], [-2, -2, 0, 2, -2, -1, -0.6, 1].map((x) => Math.fround(x)).map((x, n) => (n === 6 ? out[6]! : x)));
    assert.ok(Math.abs(out[6]! - (0.35 - 0.5) / 0.25) < 1e-6);
  });
});
