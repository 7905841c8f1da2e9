import assert from 'node:assert/strict';
import { area, contours, labelContours } from '../../../webview/shared/pane/contour.ts';

describe('contours', () => {
  it('draw a disc whose area is pi r^2 within 0.2 %', () => {
    const [n, r] = [64, 20.3];
    const field = Float32Array.from({ length: n * n }, (_, p) => r - Math.hypot((p % n) - 31.2, Math.floor(p / n) - 30.7) + 0.5);
    const lines = contours(field.map((v) => Math.max(0, v)), n, n, 0.5);
    assert.equal(lines.length, 1);
    assert.ok(Math.abs(Math.abs(area(lines[0]!)) / (Math.PI * r * r) - 1) < 0.002);
  });

  it('close around one pixel as a diamond of area 0.5 and at the border of the grid', () => {
    for (const [x, y] of [[2, 2], [0, 0], [4, 3]] as const) {
      const field = new Uint8Array(20);
      field[y * 5 + x] = 1;
      const lines = contours(field, 5, 4, 0.5);
      assert.equal(lines.length, 1);
      assert.equal(Math.abs(area(lines[0]!)), 0.5);
    }
  });

  it('run the other way around holes', () => {
    const field = new Uint8Array(49).fill(1);
    field[24] = 0;
    const signs = contours(field, 7, 7, 0.5).map((l) => Math.sign(area(l))).sort();
    assert.deepEqual(signs, [-1, 1]);
  });

  it('keep corners that touch at a saddle apart', () => {
    const lines = contours([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], 4, 4, 0.5);
    assert.equal(lines.length, 2);
    const other = contours([0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], 4, 4, 0.5);
    assert.equal(other.length, 2);
  });

  it('treat NaN as outside', () => {
    const field = Float32Array.from([NaN, NaN, NaN, NaN, 1, NaN, NaN, NaN, NaN]);
    assert.equal(contours(field, 3, 3, 0.5).length, 1);
  });

  it('outline each label at its own place', () => {
    const labels = new Uint8Array(100);
    for (let y = 2; y < 5; y++) for (let x = 6; x < 9; x++) labels[y * 10 + x] = 7;
    labels[95] = 2;
    const found = labelContours(labels, 10, 10);
    assert.deepEqual(found.map((f) => f.value), [2, 7]);
    const xs = [...found[1]!.lines[0]!].filter((_, n) => n % 2 === 0);
    assert.equal(Math.min(...xs), 5.5);
    assert.equal(Math.max(...xs), 8.5);
  });

  it('outline random labels with the areas that marching squares of each mask gives', () => {
    const [w, h] = [23, 17];
    let seed = 5;
    const labels = Uint8Array.from({ length: w * h }, () => ((seed = (seed * 1664525 + 1013904223) >>> 0) >>> 24) % 4);
    for (let pass = 0; pass < 2; pass++) {
      const found = labelContours(labels, w, h);
      assert.deepEqual(found.map((f) => f.value), [1, 2, 3]);
      for (const { value, lines } of found) {
        const mask = contours(labels.map((v) => (v === value ? 1 : 0)), w, h, 0.5);
        const sum = (list: Float32Array[]): number => list.reduce((s, l) => s + area(l), 0);
        assert.equal(lines.length, mask.length);
        assert.ok(Math.abs(sum(lines) - sum(mask)) < 1e-3);
      }
    }
  });

  it('leave out the points of straight runs', () => {
    const labels = new Uint8Array(400);
    for (let y = 3; y < 13; y++) for (let x = 4; x < 16; x++) labels[y * 20 + x] = 1;
    assert.ok(labelContours(labels, 20, 20)[0]!.lines[0]!.length <= 2 * 9);
  });
});
