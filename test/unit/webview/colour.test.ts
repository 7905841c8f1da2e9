import assert from 'node:assert/strict';
import { FIRE, GREY, fireLab, int16Lut, windowIndex } from '../../../webview/shared/pane/colour.ts';
import { paint } from '../../../webview/shared/pane/raster.ts';

const rgba = (p: number): number[] => [p & 255, (p >> 8) & 255, (p >> 16) & 255, p >>> 24];

describe('colours', () => {
  it('windows linearly: W 80 L 40 takes 0, 40, 80 HU to 0, 128, 255 and clamps outside', () => {
    assert.deepEqual([-500, 0, 40, 80, 900].map((v) => windowIndex(v, 0, 80)), [0, 0, 128, 255, 255]);
  });

  it('a lookup table gives the same pixel as the formula for every int16 value', () => {
    for (const [low, high] of [[0, 80], [-800, 2000], [-40000, 90000], [10.5, 11.25], [32760, 40000]] as const) {
      const lut = int16Lut(low, high, GREY);
      for (let v = -32768; v <= 32767; v++) if (lut[v + 32768] !== GREY[windowIndex(v, low, high)]) assert.fail(`${v} in ${low}..${high}`);
    }
  });

  it('the fire map runs from black to nearly white in equal OKLab steps (13 % shorter at the one cusp of the gamut)', () => {
    const lab = fireLab();
    const steps = lab.slice(1).map((p, n) => Math.hypot(p[0] - lab[n]![0], p[1] - lab[n]![1], p[2] - lab[n]![2]));
    const mean = steps.reduce((a, b) => a + b) / steps.length;
    assert.ok(Math.max(...steps) < 1.01 * mean && Math.min(...steps) > 0.87 * mean, `${Math.min(...steps) / mean}..${Math.max(...steps) / mean}`);
    lab.slice(1).forEach((p, n) => assert.ok(p[0] > lab[n]![0], 'lightness rises'));
    assert.deepEqual(rgba(FIRE[0]!), [0, 0, 0, 255]);
    assert.ok(rgba(FIRE[255]!)[1]! > 230);
  });

  it('paints NaN as nothing and int16 and float alike', () => {
    const out = new Uint32Array(3);
    paint(Float32Array.from([NaN, 40, 80]), out, 3, 1, 0, 80, GREY, undefined);
    assert.deepEqual([...out].map(rgba), [[0, 0, 0, 0], [128, 128, 128, 255], [255, 255, 255, 255]]);
    paint(Int16Array.from([-5, 40, 80]), out, 3, 1, 0, 80, GREY, int16Lut(0, 80, GREY));
    assert.deepEqual([...out].map((p) => rgba(p)[0]), [0, 128, 255]);
    const values = Float32Array.from({ length: 4001 }, (_, n) => n / 40 - 10);
    const all = new Uint32Array(values.length);
    paint(values, all, values.length, 1, 0, 80, GREY, undefined);
    values.forEach((v, n) => assert.equal(rgba(all[n]!)[0], windowIndex(v, 0, 80), String(v)));
  });

  it('thins a 5 x 3 slice to every second pixel and row', () => {
    const out = new Uint32Array(6);
    paint(Uint8Array.from({ length: 15 }, (_, n) => n), out, 5, 2, 0, 255, GREY, undefined);
    assert.deepEqual([...out].map((p) => rgba(p)[0]), [0, 2, 4, 10, 12, 14]);
  });
});
