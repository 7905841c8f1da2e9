// Drawing layers on a 512 x 512 slice: reconstruction (trilinear), model input and token scores (nearest), on a tilted grid so
// that no fast path helps. The bound is 5 ms per layer; the reference is one pass over as many floats that rounds and clamps.

import { sampleLinear, sampleNearest, type Grid } from '../src/engine/sampling.ts';
import type { BenchRow } from '../src/protocol/run.ts';
import type { SliceGeometry } from '../src/protocol/scan.ts';
import { bestMs, row } from './index.ts';

export async function layers(): Promise<BenchRow[]> {
  const slice: SliceGeometry = {
    plane: 'axial', index: 0, width: 512, height: 512, origin: [-110, -110, 3], colStep: [0.43, 0.01, 0.02], rowStep: [-0.01, 0.43, 0.03], sliceStep: [0, 0, 1],
    edges: { left: 'R', right: 'L', top: 'A', bottom: 'P' },
  };
  const field = (dims: [number, number, number], step: number): Grid => ({
    dims, data: Float32Array.from({ length: dims[0] * dims[1] * dims[2] }, (_, n) => n % 97),
    affine: [step, 0, 0, -110, 0, step, 0, -110, 0, 0, step, -20, 0, 0, 0, 1],
  });
  const volume = field([96, 96, 48], 2.3);
  const tokens = field([8, 8, 6], 27.5);
  const plain = new Float32Array(512 * 512);
  const out = new Float32Array(512 * 512);
  const reference = await bestMs(15, () => {
    for (let n = 0; n < plain.length; n++) out[n] = Math.max(0, Math.min(1, Math.round(plain[n]!)));
  });
  const name = 'one pass over 512 x 512 floats';
  return [
    row('reconstruction, trilinear', await bestMs(15, () => sampleLinear(volume, slice)), 'ms', name, reference),
    row('model input, nearest', await bestMs(15, () => sampleNearest(volume, slice)), 'ms', name, reference),
    row('token scores, nearest', await bestMs(15, () => sampleNearest(tokens, slice)), 'ms', name, reference),
  ];
}
