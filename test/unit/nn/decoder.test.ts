// Decoding graphs against the training graph: prefill, token by token and in chunks must give the logits of the whole
// sequence; the Hugging Face graph with left padding must give those of the unpadded row.

import assert from 'node:assert/strict';
import { createRuntime } from '../../../src/engine/ort.ts';
import type { CausalLmConfig } from '../../../src/nn/config.ts';
import { appendDecoderGraph, decoderGraph, embedGraph } from '../../../src/nn/decoder.ts';
import { causalLm, embedTokens, lmHead } from '../../../src/nn/lm.ts';
import { modelBytes } from '../../../src/onnx/file.ts';
import { Graph } from '../../../src/onnx/graph.ts';
import { initWeights } from '../../../src/onnx/init.ts';
import type { Tensor } from '../../../src/onnx/runtime.ts';
import { tensorOf } from '../../../src/onnx/tensor.ts';

const config = (kv: number): CausalLmConfig => ({ vocabSize: 23, hiddenSize: 32, intermediateSize: 48, numLayers: 3, numHeads: 4, numKeyValueHeads: kv, maxPositions: 32 });
const T = 9;
const ids = [3, 1, 4, 1, 5, 9, 2, 6, 5];

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < actual.length; i++) assert.ok(Math.abs(actual[i]! - expected[i]!) < 2e-5, `${what}: ${actual[i]} against ${expected[i]} at ${i}`);
}

/** Logits [T, V], weights and embeddings from the training graph. */
async function reference(c: CausalLmConfig): Promise<{ logits: Float32Array; weights: Map<string, Tensor>; embeds: Float32Array }> {
  const g = new Graph();
  const x = embedTokens(g, c, g.input('ids', 'int32', [1, T]));
  g.output('logits', lmHead(g, c, causalLm(g, c, x).hidden));
  g.output('embeds', x);
  const weights = initWeights(g, 5);
  for (const [name, t] of weights) (t.data as Float32Array).forEach((v, i, a) => (a[i] = v * 4 + 0.05 * Math.sin(i + name.length)));
  const session = await (await createRuntime('cpu')).load(modelBytes(g, weights));
  const out = await session.run({ ids: tensorOf('int32', [1, T], ids) });
  return { logits: out.logits!.data as Float32Array, weights, embeds: out.embeds!.data as Float32Array };
}

for (const kv of [4, 2])
  describe(`decoders with ${kv} key-value heads`, () => {
    const c = config(kv);
    const { vocabSize: V, hiddenSize: d } = c;
    const D = d / c.numHeads;

    it('appends: one prefill, chunks, and single tokens give the training logits', async () => {
      const ref = await reference(c);
      const session = await (await createRuntime('cpu')).load(modelBytes(appendDecoderGraph(c), ref.weights));
      for (const chunks of [[9], [4, 5], [1, 1, 1, 1, 1, 1, 1, 1, 1], [5, 1, 3]]) {
        const room = 12;
        const caches = Array.from({ length: c.numLayers * 2 }, () => new Float32Array(room * kv * D).fill(0.3));
        let past = 0;
        for (const n of chunks) {
          const feeds: Record<string, Tensor> = {
            inputs_embeds: tensorOf('float32', [1, n, d], ref.embeds.subarray(past * d, (past + n) * d)),
            position_ids: tensorOf('int64', [1, n], Array.from({ length: n }, (_, i) => past + i)),
          };
          // rows behind the past are there and are ignored
          for (let i = 0; i < c.numLayers; i++) for (const [k, kind] of ['key', 'value'].entries()) feeds[`past_key_values.${i}.${kind}`] = { dtype: 'float32', dims: [kv, room, D], data: caches[2 * i + k]! };
          const out = await session.run(feeds);
          close(out.logits!.data as Float32Array, ref.logits.subarray(past * V, (past + n) * V), `chunk of ${n} at ${past}`);
          for (let i = 0; i < c.numLayers; i++) for (const [k, kind] of ['key', 'value'].entries()) {
            const rows = out[`present.${i}.${kind}`]!;
            assert.deepEqual(rows.dims, [kv, n, D]);
            for (let h = 0; h < kv; h++) caches[2 * i + k]!.set((rows.data as Float32Array).subarray(h * n * D, (h + 1) * n * D), (h * room + past) * D);
          }
          past += n;
        }
      }
      await session.release();
    });

    it('gives the last logits alone on demand', async () => {
      const ref = await reference(c);
      const session = await (await createRuntime('cpu')).load(modelBytes(appendDecoderGraph(c, { lastOnly: true }), ref.weights));
      const feeds: Record<string, Tensor> = { inputs_embeds: tensorOf('float32', [1, T, d], ref.embeds), position_ids: tensorOf('int64', [1, T], ids.map((_, i) => i)) };
      for (let i = 0; i < c.numLayers; i++) for (const kind of ['key', 'value']) feeds[`past_key_values.${i}.${kind}`] = tensorOf('float32', [kv, 1, D]);
      const out = await session.run(feeds);
      assert.deepEqual(out.logits!.dims, [1, 1, V]);
      close(out.logits!.data as Float32Array, ref.logits.subarray((T - 1) * V), 'last');
    });

    it('runs in the Hugging Face layout, with left padding and a cache', async () => {
      const ref = await reference(c);
      const runtime = await createRuntime('cpu');
      const session = await runtime.load(modelBytes(decoderGraph(c), ref.weights));
      assert.deepEqual(session.inputs.slice(0, 5), ['inputs_embeds', 'attention_mask', 'position_ids', 'past_key_values.0.key', 'past_key_values.0.value']);
      const embed = await runtime.load(modelBytes(embedGraph(c), ref.weights));
      // row 0 whole, row 1 the first 7 tokens behind two of padding
      const padded = [...ids, 0, 0, ...ids.slice(0, 7)];
      const x = (await embed.run({ input_ids: tensorOf('int64', [2, T], padded) })).inputs_embeds!;
      close((x.data as Float32Array).subarray(0, T * d), ref.embeds, 'embeds');
      const mask = [...Array(T).fill(1), 0, 0, ...Array(7).fill(1)];
      const positions = [...ids.map((_, i) => i), 0, 0, 0, 1, 2, 3, 4, 5, 6];
      const take = (source: ArrayLike<number>, width: number, from: number, to: number): Float64Array => Float64Array.from([0, 1].flatMap((b) => Array.from(source).slice((b * T + from) * width, (b * T + to) * width)));
      let cache: Record<string, Tensor> = {};
      for (let i = 0; i < c.numLayers; i++) for (const kind of ['key', 'value']) cache[`past_key_values.${i}.${kind}`] = tensorOf('float32', [2, kv, 0, D]);
      for (const [from, to] of [[0, 6], [6, 7], [7, 9]] as const) {
        const n = to - from;
        const out = await session.run({
          inputs_embeds: tensorOf('float32', [2, n, d], take(x.data as Float32Array, d, from, to)),
          attention_mask: tensorOf('int64', [2, to], take(mask, 1, 0, to)),
          position_ids: tensorOf('int64', [2, n], take(positions, 1, from, to)),
          ...cache,
        });
        const logits = out.logits!.data as Float32Array;
        assert.deepEqual(out.logits!.dims, [2, n, V]);
        close(logits.subarray(0, n * V), ref.logits.subarray(from * V, to * V), `row 0, ${from}..${to}`);
        const skip = Math.max(0, 2 - from);
        close(logits.subarray((n + skip) * V, 2 * n * V), ref.logits.subarray(Math.max(0, from - 2) * V, (to - 2) * V), `row 1, ${from}..${to}`);
        cache = Object.fromEntries(Object.keys(cache).map((name) => [name, out[name.replace('past_key_values', 'present')]!]));
        assert.deepEqual(cache['past_key_values.0.key']!.dims, [2, kv, to, D]);
      }
    });
  });
