// Whole networks in float64 against central differences: a ViT that feeds a language model with cross-entropy, and the
// losses; the composites with gradients of their own (RMSNorm, SiLU, rotary positions, cross-entropy, BCE) against the same.

import assert from 'node:assert/strict';
import { causalLm, embedTokens, lmHead, rotate } from '../../../src/nn/lm.ts';
import { linear, rmsNorm, silu } from '../../../src/nn/layers.ts';
import { bceWithLogits, crossEntropy, mse } from '../../../src/nn/loss.ts';
import { vit } from '../../../src/nn/vit.ts';
import { crossAttention } from '../../../src/nn/attention.ts';
import { add, concat, mul, slice } from '../../../src/onnx/ops.ts';
import { tensorOf } from '../../../src/onnx/tensor.ts';
import { gradError, paramGradError, randomTensor } from '../onnx/gradcheck.ts';

const below = (error: number, limit: number): void => assert.ok(error <= limit, `relative error ${error}`);

describe('gradients of networks in float64', () => {
  it('two transformer layers with cross-entropy, every parameter', async () => {
    const c = { vocabSize: 11, hiddenSize: 12, intermediateSize: 16, numLayers: 2, numHeads: 2, numKeyValueHeads: 1, maxPositions: 8 };
    const { worst, tensors } = await paramGradError((g) => {
      const x = embedTokens(g, c, g.input('ids', 'int32', [2, 5]));
      return crossEntropy(g, lmHead(g, c, causalLm(g, c, x).hidden), g.input('labels', 'int32', [2, 5]));
    }, { ids: tensorOf('int32', [2, 5], [1, 2, 3, 4, 5, 5, 9, 0, 0, 10]), labels: tensorOf('int32', [2, 5], [2, 3, 4, 5, -100, 9, 0, -100, 10, 1]) });
    assert.equal(tensors, 20);
    below(worst, 1e-6);
  });

  it('a 3-D ViT stem read by a language model through cross-attention, every parameter', async () => {
    const c = { vocabSize: 7, hiddenSize: 8, intermediateSize: 8, numLayers: 1, numHeads: 2, maxPositions: 16 };
    const { worst } = await paramGradError((g) => {
      const pixels = g.input('pixels', 'float64', [2, 1, 2, 4, 4]);
      // exact GELU needs Erf, which has no float64 kernel: depth 0 checks patches, positions and norm
      const { tokens } = g.scope('vision', () => vit(g, { image: [2, 4, 4], patch: [2, 2, 2], channels: 1, width: 12, depth: 0, heads: 2 }, pixels));
      const seen = crossAttention(g, 'read', tokens, tokens, 2);
      const x = concat(g, [linear(g, 'projector', seen, 8), embedTokens(g, c, g.input('ids', 'int32', [2, 3]))], 1);
      const mask = g.constant(tensorOf('float64', [2, 7], [1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1]));
      const logits = lmHead(g, c, slice(g, causalLm(g, c, x, { mask }).hidden, 1, 3, 6));
      return crossEntropy(g, logits, g.input('labels', 'int32', [2, 3]));
    }, { pixels: randomTensor('pixels', [2, 1, 2, 4, 4]), ids: tensorOf('int32', [2, 3], [1, 2, 3, 4, 5, 5]), labels: tensorOf('int32', [2, 3], [2, 3, 6, 5, 0, -100]) });
    below(worst, 1e-6);
  });

  it('composites with gradients of their own', async () => {
    below(await gradError({ shapes: [[2, 3, 6]], build: (g, x) => silu(g, x) }), 1e-6);
    const table = [0, 1, 2].flatMap((t) => [Math.cos(t), Math.cos(t / 3)]);
    const sines = [0, 1, 2].flatMap((t) => [Math.sin(t), Math.sin(t / 3)]);
    below(await gradError({ shapes: [[2, 3, 4]], build: (g, x) => rotate(g, mul(g, x, x), g.constant(tensorOf('float64', [3, 2], table)), g.constant(tensorOf('float64', [3, 2], sines))) }), 1e-6);
    below((await paramGradError((g) => mse(g, rmsNorm(g, 'n', linear(g, 'l', g.input('x', 'float64', [2, 3, 4]), 5)), g.input('y', 'float64', [2, 3, 5])), { x: randomTensor('a', [2, 3, 4]), y: randomTensor('b', [2, 3, 5]) })).worst, 1e-6);
  });

  it('losses', async () => {
    const target = randomTensor('t', [3, 4], 'float64', (x) => (x > 0 ? 1 : 0));
    const weights = randomTensor('w', [3, 4], 'float64', (x) => 1.5 + x);
    below(await gradError({ shapes: [[3, 4]], build: (g, z) => bceWithLogits(g, mul(g, z, z), g.constant(target)) }), 1e-6);
    below(await gradError({ shapes: [[3, 4]], build: (g, z) => bceWithLogits(g, z, g.constant(target), { weights: g.constant(weights), positive: 3 }) }), 1e-6);
    below(await gradError({ shapes: [[3, 4], [3, 4]], build: (g, a, b) => mse(g, a, b, g.constant(weights)) }), 1e-6);
    const labels = tensorOf('int32', [3], [2, -100, 0]);
    below(await gradError({ shapes: [[3, 4]], build: (g, z) => add(g, crossEntropy(g, z, g.constant(labels), { weights: g.constant(randomTensor('v', [3], 'float64', (x) => 1.5 + x)) }), mse(g, z, g.scalar(0))) }), 1e-6);
  });
});
