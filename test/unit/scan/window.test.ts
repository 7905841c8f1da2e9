// Windowing against the closed form of DICOM PS3.3 C.11.2.1.2.1 and the presets' ends.

import assert from 'node:assert/strict';
import { applyWindow, autoWindow, windowPresets } from '../../../src/scan/window.ts';

describe('windows', () => {
  it('maps every preset from black to white around its level', () => {
    assert.deepEqual(windowPresets.map((p) => p.id), ['brain', 'subdural', 'stroke', 'bone', 'soft-tissue', 'lung', 'abdomen']);
    for (const { width, level } of windowPresets) {
      const low = level - 0.5 - (width - 1) / 2;
      const high = level - 0.5 + (width - 1) / 2;
      assert.deepEqual([...applyWindow(Float32Array.of(low - 5, low, (low + high) / 2, high, high + 5), { width, level })], [0, 0, 128, 255, 255]);
      assert.deepEqual([...applyWindow(Float32Array.of(low, high), { width, level }, true)], [255, 0]);
    }
    assert.deepEqual([...applyWindow(Int16Array.of(0, 20, 40, 60, 80), { width: 80, level: 40 })], [0, 65, 129, 194, 255]);
    assert.deepEqual([...applyWindow(Float32Array.of(NaN), { width: 80, level: 40 })], [0]);
  });

  it('guesses a window from percentiles', () => {
    const data = Float32Array.from({ length: 1001 }, (_, n) => n);
    assert.deepEqual(autoWindow(data), { width: 980, level: 500 });
  });
});
