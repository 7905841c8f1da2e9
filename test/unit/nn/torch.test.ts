// A whole model (2-D ViT, projector, Llama-like LM, cross-entropy) against PyTorch: test/golden/make_transformer.py computed
// the golden in float64. Forward within 1e-5, gradients within 1e-4 of each tensor's largest element, three AdamW steps.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { createRuntime } from '../../../src/engine/ort.ts';
import { linear } from '../../../src/nn/layers.ts';
import { causalLm, embedTokens, lmHead } from '../../../src/nn/lm.ts';
import { crossEntropy } from '../../../src/nn/loss.ts';
import { vit } from '../../../src/nn/vit.ts';
import { gradients } from '../../../src/onnx/autodiff.ts';
import { modelBytes } from '../../../src/onnx/file.ts';
import { Graph, type Value } from '../../../src/onnx/graph.ts';
import { concat, slice } from '../../../src/onnx/ops.ts';
import type { Tensor } from '../../../src/onnx/runtime.ts';
import { readSafetensors } from '../../../src/onnx/safetensors.ts';
import { Trainer } from '../../../src/onnx/trainer.ts';
import type { TrainerOptions, Weights } from '../../../src/onnx/training.ts';

const golden = readSafetensors(fileURLToPath(new URL('../../golden/transformer.safetensors', import.meta.url))).tensors;
const lm = { vocabSize: 13, hiddenSize: 16, intermediateSize: 24, numLayers: 2, numHeads: 4, numKeyValueHeads: 2, maxPositions: 16 };

function model(g: Graph): { loss: Value; logits: Value } {
  const pixels = g.input('pixels', 'float32', [2, 2, 8, 8]);
  const { tokens } = g.scope('vision', () => vit(g, { image: [8, 8], patch: [4, 4], channels: 2, width: 24, depth: 2, heads: 3 }, pixels));
  const visual = linear(g, 'projector', tokens, 16);
  const x = concat(g, [visual, embedTokens(g, lm, g.input('ids', 'int32', [2, 5]))], 1);
  const logits = lmHead(g, lm, slice(g, causalLm(g, lm, x).hidden, 1, 3, 8));
  return { loss: crossEntropy(g, logits, g.input('labels', 'int32', [2, 5])), logits };
}

const group = (prefix: string): Weights => new Map([...golden].flatMap(([name, t]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), t] as const] : [])));
const feeds = Object.fromEntries(['pixels', 'ids', 'labels'].map((name) => [name, golden.get(name)!]));

function worst(actual: Tensor, expected: Tensor): number {
  assert.deepEqual(actual.dims, expected.dims);
  let error = 0;
  let scale = 1e-8;
  for (let i = 0; i < expected.data.length; i++) {
    error = Math.max(error, Math.abs(Number(actual.data[i]) - Number(expected.data[i])));
    scale = Math.max(scale, Math.abs(Number(expected.data[i])));
  }
  return error / scale;
}

/** A bias of keys has no effect on attention: its gradient is rounding noise, which AdamW blows up to full steps. Left out. */
function withoutKeys(name: string, t: Tensor): Tensor {
  if (!name.endsWith('qkv.bias')) return t;
  const n = t.data.length / 3;
  const data = t.data as Float32Array;
  return { ...t, dims: [2 * n], data: Float32Array.of(...data.subarray(0, n), ...data.subarray(2 * n)) };
}

describe('against PyTorch', () => {
  it('has the same parameters, forward pass and gradients', async () => {
    const g = new Graph();
    const { loss, logits } = model(g);
    const weights = group('weight/');
    assert.deepEqual([...g.params.keys()].sort(), [...weights.keys()].sort());
    const params = [...g.params.values()].map((p) => p.value);
    const grads = gradients(g, loss, params);
    g.output('loss', loss);
    g.output('logits', logits);
    params.forEach((p, i) => g.output(`grad/${p.name}`, grads[i]!));
    const out = await (await (await createRuntime('cpu')).load(modelBytes(g, weights))).run(feeds);
    assert.ok(Math.abs(Number(out.loss!.data[0]) / Number(golden.get('loss')!.data[0]) - 1) < 1e-5);
    assert.ok(worst(out.logits!, golden.get('logits')!) < 1e-5);
    for (const p of params) {
      const error = worst(out[`grad/${p.name}`]!, golden.get(`grad/${p.name}`)!);
      assert.ok(error < 1e-4, `gradient of ${p.name}: ${error}`);
    }
  });

  const steps = async (options: Partial<TrainerOptions>, batches: (t: Trainer, lr: number) => ReturnType<Trainer['step']>): Promise<void> => {
    const state = { step: 0, weights: group('weight/'), m: new Map(), v: new Map() };
    const trainer = await Trainer.create({ runtime: await createRuntime('cpu'), build: model, state, ...options });
    for (let i = 0; i < 3; i++) {
      const { loss, gradNorm } = await batches(trainer, 1e-2 / (i + 1));
      assert.ok(Math.abs(loss / Number(golden.get('losses')!.data[i]) - 1) < 1e-4, `loss ${loss} at ${i}`);
      assert.ok(Math.abs(gradNorm / Number(golden.get('norms')!.data[i]) - 1) < 1e-4, `norm ${gradNorm} at ${i}`);
    }
    for (const [name, t] of state.weights) {
      const error = worst(withoutKeys(name, t), withoutKeys(name, golden.get(`after/${name}`)!));
      assert.ok(error < 1e-4, `${name} after three steps: ${error}`);
    }
  };

  it('takes the same AdamW steps with clipping and decay', () => steps({}, (t, lr) => t.step(feeds, { lr })));
  it('takes the same steps when two equal micro-batches are accumulated', () => steps({ accumulate: 2 }, (t, lr) => t.step([feeds, feeds], { lr })));
});
