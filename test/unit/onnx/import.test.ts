// Files and surgery: what is written can be read, run, cut and differentiated again, with the same numbers; files that lie
// about their sizes or point outside their folder are refused with a reason.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntime } from '../../../src/engine/ort.ts';
import { decoderGraph } from '../../../src/nn/decoder.ts';
import { mlp } from '../../../src/nn/layers.ts';
import { causalLm, embedTokens, lmHead } from '../../../src/nn/lm.ts';
import { crossEntropy, mse } from '../../../src/nn/loss.ts';
import { vit } from '../../../src/nn/vit.ts';
import { gradients } from '../../../src/onnx/autodiff.ts';
import { modelBytes, writeModel } from '../../../src/onnx/file.ts';
import { Graph, type Value } from '../../../src/onnx/graph.ts';
import { importModel, readWeights } from '../../../src/onnx/import.ts';
import { initWeights } from '../../../src/onnx/init.ts';
import { add, mul } from '../../../src/onnx/ops.ts';
import type { Tensor } from '../../../src/onnx/runtime.ts';
import { cut, firstLayers, layerCount, withTaps } from '../../../src/onnx/surgery.ts';
import { fromHalf, tensorOf, toHalf } from '../../../src/onnx/tensor.ts';
import { RoomError } from '../../../src/protocol/error.ts';
import { randomTensor } from './gradcheck.ts';

const lm = { vocabSize: 17, hiddenSize: 16, intermediateSize: 24, numLayers: 4, numHeads: 4, numKeyValueHeads: 2, maxPositions: 16 };
const ids = tensorOf('int32', [2, 5], [1, 2, 3, 4, 5, 5, 9, 0, 0, 10]);
const labels = tensorOf('int32', [2, 5], [2, 3, 4, 5, 6, 9, 0, 0, 10, -100]);

async function run(g: Graph, feeds: Record<string, Tensor>, weights?: Map<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await (await createRuntime('cpu')).load(modelBytes(g, weights));
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

function near(a: Tensor, b: Tensor, limit = 1e-5): void {
  assert.deepEqual(a.dims, b.dims);
  for (let i = 0; i < a.data.length; i++) assert.ok(Math.abs(Number(a.data[i]) - Number(b.data[i])) <= limit, `${a.data[i]} against ${b.data[i]} at ${i}`);
}

function trainingGraph(): { g: Graph; loss: Value } {
  const g = new Graph();
  const x = embedTokens(g, lm, g.input('ids', 'int32', [2, 5]));
  const loss = crossEntropy(g, lmHead(g, lm, causalLm(g, lm, x).hidden), g.input('labels', 'int32', [2, 5]));
  g.output('loss', loss);
  return { g, loss };
}

describe('ONNX files', () => {
  let folder = '';
  before(() => (folder = mkdtempSync(join(tmpdir(), 'onnx-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const rejects = (work: () => unknown, code: string, text: RegExp): void => {
    assert.throws(work, (e: unknown) => e instanceof RoomError && e.code === code && text.test(e.message), `expected ${code} ${text}`);
  };

  it('writes weights beside the graph, in fp32 or fp16, and reads them back', async () => {
    const { g } = trainingGraph();
    const weights = initWeights(g, 1);
    const expected = (await run(g, { ids, labels }, weights)).loss!;
    for (const storage of ['float32', 'float16'] as const) {
      const path = join(folder, `${storage}.onnx`);
      writeModel(path, g, { weights, storage, metadata: { made: 'test' } });
      const session = await (await createRuntime('cpu')).load({ path });
      near((await session.run({ ids, labels })).loss!, expected, storage === 'float32' ? 1e-7 : 1e-3);
      const read = readWeights(path);
      for (const [name, t] of weights) {
        assert.deepEqual(read.get(name)!.dims, t.dims);
        const expect = storage === 'float32' ? t.data : Float32Array.from(t.data as Float32Array, (x) => fromHalf(toHalf(x)));
        assert.deepEqual(read.get(name)!.data, expect, name);
      }
      const { graph, weights: again } = importModel(path);
      for (const name of weights.keys()) assert.ok(graph.params.has(name), name);
      near((await run(graph, { ids, labels }, again)).loss!, expected, storage === 'float32' ? 1e-7 : 1e-3);
    }
    const sizes = ['float32', 'float16'].map((s) => readFileSync(join(folder, `${s}.onnx_data`)).length);
    assert.ok(sizes[1]! < 0.6 * sizes[0]!);
  });

  it('differentiates an imported graph by the rules of its ops, to the gradients of the original', async () => {
    const { g } = trainingGraph();
    const weights = initWeights(g, 1);
    const { graph, weights: read } = importModel(modelBytes(g, weights));
    const grads = (h: Graph): void => {
      const params = [...weights.keys()].map((n) => h.get(n));
      gradients(h, h.get('loss'), params).forEach((d, i) => h.output(`grad/${params[i]!.name}`, d));
    };
    grads(g);
    grads(graph);
    const [a, b] = [await run(g, { ids, labels }, weights), await run(graph, { ids, labels }, read)];
    for (const name of weights.keys()) near(a[`grad/${name}`]!, b[`grad/${name}`]!);
  });

  it('keeps the detach mark through a file', async () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [3]);
    g.output('y', add(g, mul(g, x, x), g.detach(mul(g, x, 2))));
    const { graph } = importModel(modelBytes(g));
    const [d] = gradients(graph, graph.get('y'), [graph.get('x')], graph.constant(tensorOf('float32', [3], [1, 1, 1])));
    graph.output('d', d!);
    near((await run(graph, { x: tensorOf('float32', [3], [1, 2, 3]) })).d!, tensorOf('float32', [3], [2, 4, 6]));
  });

  it('binds the sizes of a decoder with a cache and folds its shape arithmetic', async () => {
    const g = decoderGraph(lm);
    const weights = initWeights(g, 2);
    const { graph, weights: read } = importModel(modelBytes(g, weights), { dims: { batch_size: 1, sequence_length: 5, past_sequence_length: 2, total_sequence_length: 7 } });
    assert.deepEqual(graph.get('logits').shape, [1, 5, 17]);
    assert.ok(!graph.nodes.some((n) => n.op === 'Shape'));
    const feeds: Record<string, Tensor> = { inputs_embeds: randomTensor('e', [1, 5, 16], 'float32'), attention_mask: tensorOf('int64', [1, 7], Array(7).fill(1)), position_ids: tensorOf('int64', [1, 5], [2, 3, 4, 5, 6]) };
    for (let i = 0; i < 4; i++) for (const kind of ['key', 'value']) feeds[`past_key_values.${i}.${kind}`] = randomTensor(kind + i, [1, 2, 2, 4], 'float32');
    near((await run(graph, feeds, read)).logits!, (await run(g, feeds, weights)).logits!);
  });

  it('refuses weights outside the folder, also through links, and files cut short', () => {
    const { g } = trainingGraph();
    const weights = initWeights(g, 1);
    mkdirSync(join(folder, 'in'));
    const path = join(folder, 'in', 'm.onnx');
    writeModel(path, g, { weights });
    const bytes = readFileSync(path);
    const forge = (name: string, to: string): string => {
      // same length, so that the protobuf stays whole
      assert.equal(to.length, 'm.onnx_data'.length);
      const forged = join(folder, 'in', name);
      writeFileSync(forged, Buffer.from(bytes.toString('latin1').replaceAll('m.onnx_data', to), 'latin1'));
      return forged;
    };
    writeFileSync(join(folder, 'secret_d'), readFileSync(`${path}_data`));
    rejects(() => importModel(forge('up.onnx', '../secret_d')), 'format', /outside the model's folder/);
    rejects(() => importModel(forge('abs.onnx', '/etc/passwd')), 'format', /outside/);
    symlinkSync(join(folder, 'secret_d'), join(folder, 'in', 'link_______'));
    rejects(() => importModel(forge('link.onnx', 'link_______')), 'format', /outside/);
    rejects(() => importModel(forge('gone.onnx', 'not-here---')), 'not-found', /missing/);
    rejects(() => importModel(new Uint8Array(bytes)), 'format', /stored outside a model that was given as bytes/);
    truncateSync(`${path}_data`, 1000);
    rejects(() => importModel(path), 'format', /do not fit/);
    rejects(() => importModel(bytes.subarray(0, 500)), 'format', /not an ONNX model/);
    rejects(() => importModel(join(folder, 'nothing.onnx')), 'not-found', /does not exist/);
  });

  it('names op and node where a rule is missing', () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [4]);
    const y = g.op('Round', [x]);
    rejects(() => gradients(g, y, [x], x), 'unsupported', /^Round \(node Round_0\) has no gradient rule/);
    rejects(() => g.op('Nonsense', [x]), 'unsupported', /Nonsense/);
    rejects(() => g.op('MatMul', [g.input('a', 'float32', [2, 3]), g.input('b', 'float32', [2, 3])]), 'invalid', /inner sizes 3 and 2/);
    rejects(() => gradients(g, x, [x]), 'invalid', /only scalars/);
  });
});

describe('graph surgery', () => {
  it('takes the first layers of a decoder, ours or read from a file', async () => {
    const g = new Graph();
    const x = g.input('embeds', 'float32', [1, 6, 16]);
    const { hidden, layers } = causalLm(g, lm, x);
    g.output('logits', lmHead(g, lm, hidden));
    layers.forEach((v, i) => g.output(`layer${i}`, v));
    const weights = initWeights(g, 3);
    const whole = await run(g, { embeds: randomTensor('e', [1, 6, 16], 'float32') }, weights);
    const plain = new Graph();
    plain.output('logits', lmHead(plain, lm, causalLm(plain, lm, plain.input('embeds', 'float32', [1, 6, 16])).hidden));
    const imported = importModel(modelBytes(plain, weights));
    for (const [source, own] of [[plain, weights], [imported.graph, imported.weights]] as const) {
      assert.equal(layerCount(source), 4);
      for (const n of [1, 2, 4]) {
        const first = firstLayers(source, n);
        const names = [...first.params.keys()];
        assert.ok(names.every((name) => Number(/layers\.(\d)/.exec(name)?.[1] ?? -1) < n), names.join());
        const out = await run(first, { embeds: randomTensor('e', [1, 6, 16], 'float32') }, own);
        near(Object.values(out)[0]!, whole[`layer${n - 1}`]!);
      }
    }
    assert.throws(() => firstLayers(plain, 5), /has 4 layers/);
  });

  it('cuts between tensors and adds taps', async () => {
    const g = new Graph();
    const pixels = g.input('pixels', 'float32', [1, 1, 8, 8]);
    const { tokens, blocks } = vit(g, { image: [8, 8], patch: [4, 4], channels: 1, width: 8, depth: 2, heads: 2 }, pixels);
    g.output('y', mlp(g, 'head', tokens, 8, 3));
    const weights = initWeights(g, 4);
    const feeds = { pixels: randomTensor('p', [1, 1, 8, 8], 'float32') };
    const tapped = await run(withTaps(g, [blocks[0]!.name, g.taps.get('blocks.0.attn.weights')!.name]), feeds, weights);
    assert.deepEqual(Object.keys(tapped), ['y', blocks[0]!.name, g.taps.get('blocks.0.attn.weights')!.name]);
    const rest = cut(g, { inputs: [blocks[0]!.name], outputs: ['y'] });
    assert.deepEqual(rest.inputs.map((v) => v.name), [blocks[0]!.name]);
    assert.ok(![...rest.params.keys()].some((n) => n.startsWith('blocks.0') || n.startsWith('patch_embed')));
    near((await run(rest, { [blocks[0]!.name]: tapped[blocks[0]!.name]! }, weights)).y!, tapped.y!);
    assert.throws(() => cut(g, { outputs: ['nothing'] }), /no tensor named nothing/);
  });
});

describe('detach', () => {
  it('changes no number forward and stops every gradient', async () => {
    const build = (mark: boolean): Graph => {
      const g = new Graph();
      const x = g.input('x', 'float32', [2, 4]);
      const shallow = mlp(g, 'shallow', x, 6, 4);
      const deep = mlp(g, 'deep', shallow, 6, 4);
      const loss = mse(g, add(g, deep, mark ? g.detach(shallow) : shallow), g.scalar(1));
      const direct = mse(g, mark ? g.detach(shallow) : shallow, g.scalar(0.5));
      const params = [...g.params.values()].map((p) => p.value);
      g.output('loss', loss);
      gradients(g, loss, params).forEach((d, i) => g.output(`grad/${params[i]!.name}`, d));
      gradients(g, direct, params).forEach((d, i) => g.output(`direct/${params[i]!.name}`, d));
      return g;
    };
    const weights = initWeights(build(false), 6);
    const feeds = { x: randomTensor('x', [2, 4], 'float32', (v) => v * 2) };
    const [joint, detached] = [await run(build(false), feeds, weights), await run(build(true), feeds, weights)];
    assert.deepEqual(detached.loss!.data, joint.loss!.data);
    for (const name of weights.keys()) {
      const [a, b] = [joint[`grad/${name}`]!, detached[`grad/${name}`]!];
      if (name.startsWith('deep')) assert.deepEqual(a.data, b.data, name);
      else assert.notDeepEqual(a.data, b.data, name);
      assert.ok((detached[`direct/${name}`]!.data as Float32Array).every((v) => v === 0), name);
    }
    assert.ok((joint['direct/shallow.fc1.weight']!.data as Float32Array).some((v) => v !== 0));
  });
});
