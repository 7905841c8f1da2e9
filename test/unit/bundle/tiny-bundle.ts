// A bundle small enough for tests whose text is known: its language model is a chain in which each token calls for the next
// (embeddings are random unit vectors, the output row of a token's successor is that token's embedding), plus attention of
// random weights that lets visual tokens shift probabilities without changing the text.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILE, TENSOR } from '../../../src/bundle/conventions.ts';
import { EOS_ID, PAD_ID, trainBpe } from '../../../src/nn/bpe.ts';
import type { CausalLmConfig } from '../../../src/nn/config.ts';
import { appendDecoderGraph, decoderGraph, embedGraph, scorerGraph } from '../../../src/nn/decoder.ts';
import { linear } from '../../../src/nn/layers.ts';
import { huggingFaceConfig } from '../../../src/nn/lm.ts';
import { patchify, unpatchify } from '../../../src/nn/vit.ts';
import { writeModel } from '../../../src/onnx/file.ts';
import { Graph } from '../../../src/onnx/graph.ts';
import { initWeights } from '../../../src/onnx/init.ts';
import { add, mul, reshape } from '../../../src/onnx/ops.ts';
import { tensorOf } from '../../../src/onnx/tensor.ts';
import type { Weights } from '../../../src/onnx/training.ts';
import type { BundleManifest } from '../../../src/protocol/bundle.ts';
import { Tokenizer } from '@huggingface/tokenizers';

export const TINY_TEXT = 'Left subdural haemorrhage, no midline shift.';

const WIDTH = 64;
const VOXELS = [16, 32, 32]; // D, H, W
const PATCH = [8, 8, 8];
const TOKENS = 32;

export function writeTinyBundle(folder: string, options: { layout?: 'append' | 'hf'; text?: string } = {}): void {
  const layout = options.layout ?? 'append';
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  const json = (file: string, value: unknown): void => writeFileSync(join(folder, file), JSON.stringify(value, null, 2));
  const text = options.text ?? TINY_TEXT;
  const files = trainBpe([text, text, text], 400);
  const tokenizer = new Tokenizer(files['tokenizer.json'], files['tokenizer_config.json']);
  const ids = tokenizer.encode(text, { add_special_tokens: false }).ids;
  const vocabSize = Math.max(...Object.values((files['tokenizer.json'] as { model: { vocab: Record<string, number> } }).model.vocab)) + 1;
  const lm: CausalLmConfig = { vocabSize, hiddenSize: WIDTH, intermediateSize: 32, numLayers: 2, numHeads: 2, maxPositions: 256, tieEmbeddings: false };

  const encoder = new Graph({ name: 'encoder' });
  encoder.output(TENSOR.hidden, linear(encoder, 'patch', patchify(encoder, encoder.input(TENSOR.pixels, 'float32', [1, 2, ...VOXELS]), PATCH), 48));
  const projector = new Graph({ name: 'projector' });
  projector.output(TENSOR.visual, linear(projector, 'proj', projector.input(TENSOR.hidden, 'float32', [1, TOKENS, 48]), WIDTH));
  const scorer = scorerGraph(lm);
  const weights: Weights = new Map([...initWeights(encoder, 1), ...initWeights(projector, 2), ...initWeights(scorer, 3), ...initWeights(embedGraph(lm), 4)]);
  chain(weights, [PAD_ID, ...ids, EOS_ID], vocabSize);
  // Attention strong enough that what it reads from visual tokens shows in probabilities.
  for (const [name, tensor] of weights) if (/self_attn\.[vo]_proj/.test(name)) weights.set(name, { ...tensor, data: (tensor.data as Float32Array).map((x) => 2.5 * x) });
  const write = (file: string, g: Graph, own: Weights = weights): void => writeModel(join(folder, file), g, { weights: own, storage: 'float16' });
  write(FILE.encoder, encoder);
  write(FILE.projector, projector);
  write(FILE.embed, embedGraph(lm));
  write(FILE.decoder, layout === 'append' ? appendDecoderGraph(lm, { lastOnly: true }) : decoderGraph(lm));
  write(FILE.scorer, scorer);
  for (const [file, seed] of [[FILE.probe, 5], [FILE.probeNull, 6]] as const) {
    const g = new Graph({ name: 'probe' });
    const rows = linear(g, 'head', g.input(TENSOR.visual, 'float32', [1, TOKENS, WIDTH]), 512);
    const volume = reshape(g, unpatchify(g, rows, [1, ...VOXELS], [1, ...PATCH]), [1, ...VOXELS]);
    g.output(TENSOR.reconstruction, add(g, mul(g, volume, 200), 30));
    write(file, g, initWeights(g, seed));
  }
  json(FILE.config, huggingFaceConfig(lm, { eos: EOS_ID, pad: PAD_ID }));
  json(FILE.generation, { eos_token_id: EOS_ID, max_new_tokens: 40 });
  json(FILE.tokenizer, files['tokenizer.json']);
  json(FILE.tokenizerConfig, files['tokenizer_config.json']);
  json(FILE.manifest, tinyManifest(layout));
}

export function tinyManifest(layout: 'append' | 'hf' = 'append'): BundleManifest {
  const scores = { r2: 0.1, psnr: 10, ssim: 0.1 };
  return {
    schema: 1, name: 'tiny', title: 'Tiny', task: 'ct-report', description: 'Writes one sentence.', limits: 'Knows nothing.',
    preprocess: {
      kind: 'volume', dims: [32, 32, 16], spacing: [7, 7, 11], centre: 'head',
      channels: [{ name: 'brain', low: 0, high: 80 }, { name: 'bone', low: -500, high: 1500 }], mean: 0.5, std: 0.5,
    },
    stages: [
      { name: 'encoder', kind: 'encoder', model: FILE.encoder, input: TENSOR.pixels, output: TENSOR.hidden },
      { name: 'projector', kind: 'projector', model: FILE.projector, input: TENSOR.hidden, output: TENSOR.visual },
      { name: 'language model', kind: 'language-model', model: FILE.decoder, layout, embed: FILE.embed, scorer: FILE.scorer },
    ],
    visual: { stage: 'projector', tap: 'projector.out', grid: [4, 4, 2] },
    taps: [{ name: 'projector.out', stage: 'projector', output: TENSOR.visual }],
    prompt: '<s><image><pad>',
    probes: [{ name: 'r-probe', tap: 'projector.out', model: FILE.probe, nullModel: FILE.probeNull, range: [-200, 300], steps: 1, scores, nullScores: scores }],
  };
}

/** Embeddings and output rows so that each id of `ids` is followed by the next. */
function chain(weights: Weights, ids: readonly number[], vocabSize: number): void {
  const embedding = new Float32Array(vocabSize * WIDTH);
  let state = 12345;
  const random = (): number => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648 - 0.5;
  for (let id = 0; id < vocabSize; id++) {
    const row = embedding.subarray(id * WIDTH, (id + 1) * WIDTH);
    for (let d = 0; d < WIDTH; d++) row[d] = random();
    const length = Math.hypot(...row);
    for (let d = 0; d < WIDTH; d++) row[d] = (4 * row[d]!) / length;
  }
  const head = new Float32Array(vocabSize * WIDTH);
  ids.slice(1).forEach((id, n) => head.set(embedding.subarray(ids[n]! * WIDTH, (ids[n]! + 1) * WIDTH), id * WIDTH));
  weights.set('model.embed_tokens.weight', tensorOf('float32', [vocabSize, WIDTH], embedding));
  weights.set('lm_head.weight', tensorOf('float32', [vocabSize, WIDTH], head));
}
