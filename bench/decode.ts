// Decoding speed against context: milliseconds per token with 1000 rows in the cache over those with 16, for the append
// layout on random weights of the shipped reader's size (d 256, 4 layers) and of a larger one (d 512, 12 layers). The issue's
// bound is 1.5. Each pair is measured in one process in alternation, on one thread, and the fastest step counts.

import { createDecoder, type Decoder } from '../src/bundle/generate.ts';
import type { DecoderShape } from '../src/bundle/manifest.ts';
import { createRuntime } from '../src/engine/ort.ts';
import type { CausalLmConfig } from '../src/nn/config.ts';
import { appendDecoderGraph } from '../src/nn/decoder.ts';
import { modelBytes } from '../src/onnx/file.ts';
import { initWeights } from '../src/onnx/init.ts';
import type { BenchRow } from '../src/protocol/run.ts';
import { row } from './index.ts';

const SHORT = 16;
const LONG = 1000;
const STEPS = 24;

export async function decode(): Promise<BenchRow[]> {
  return [await compare(256, 4, 4, 2048), await compare(512, 12, 8, 4096)];
}

async function compare(width: number, layers: number, heads: number, vocabulary: number): Promise<BenchRow> {
  const lm: CausalLmConfig = { vocabSize: vocabulary, hiddenSize: width, intermediateSize: 4 * width, numLayers: layers, numHeads: heads, maxPositions: LONG + 2 * STEPS + SHORT };
  const graph = appendDecoderGraph(lm, { lastOnly: true });
  const session = await (await createRuntime('cpu')).load(modelBytes(graph, initWeights(graph, 1)), { threads: 1 });
  const shape: DecoderShape = { layers, heads, headDim: width / heads, hidden: width, vocabulary, eos: [2], maxNewTokens: STEPS };
  const start = async (rows: number): Promise<Decoder> => {
    const decoder = createDecoder(session, shape, 'append', rows + STEPS);
    await decoder.step(Float32Array.from({ length: rows * width }, (_, n) => Math.sin(n)));
    return decoder;
  };
  const [short, long] = [await start(SHORT), await start(LONG)];
  const token = Float32Array.from({ length: width }, (_, n) => Math.cos(n));
  let [atShort, atLong] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let n = 0; n < STEPS; n++) {
    atShort = Math.min(atShort, await milliseconds(() => short.step(token)));
    atLong = Math.min(atLong, await milliseconds(() => long.step(token)));
  }
  await session.release();
  return row(`token at ${LONG} rows of context, width ${width}, ${layers} layers`, atLong, 'ms', `token at ${SHORT} rows`, atShort);
}

async function milliseconds(body: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await body();
  return performance.now() - start;
}
