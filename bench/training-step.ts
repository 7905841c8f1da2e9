// The reference training step: ViT of width 192, 6 blocks, 3 heads, 256 tokens, batch 16; forward, backward and AdamW in one
// graph. Its GFLOP/s are put in relation to those of a chain of 1024^3 MatMuls measured in the same run on the same threads,
// and, where Python with PyTorch is found, its time to PyTorch's eager CPU step of the same model.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createRuntime } from '../src/engine/ort.ts';
import { linear } from '../src/nn/layers.ts';
import { crossEntropy } from '../src/nn/loss.ts';
import { vit } from '../src/nn/vit.ts';
import { modelBytes } from '../src/onnx/file.ts';
import { Graph } from '../src/onnx/graph.ts';
import { matMul, mean, reduceMax } from '../src/onnx/ops.ts';
import type { Runtime, Tensor } from '../src/onnx/runtime.ts';
import { tensorOf } from '../src/onnx/tensor.ts';
import { Trainer } from '../src/onnx/trainer.ts';
import type { BenchRow } from '../src/protocol/run.ts';
import { runScript } from './lib/from-source.ts';

const B = 16;
const N = 256;
const D = 192;
const DEPTH = 6;
const HEADS = 3;
const CLASSES = 100;
const PATCH = 768; // 16 x 16 pixels, 3 channels

/** Multiply-adds of the forward pass, times 2; the backward pass costs twice as much. Softmax, norms and AdamW count as nothing. */
export const STEP_FLOP = 3 * 2 * B * (N * PATCH * D + DEPTH * (N * 12 * D * D + 2 * N * N * D) + D * CLASSES);

const median = (times: number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1]!;

/** GFLOP/s of four chained 1024^3 products whose result never leaves the graph. */
async function matMulRate(runtime: Runtime, threads: number): Promise<() => Promise<number>> {
  const n = 1024;
  const g = new Graph();
  const b = g.input('b', 'float32', [n, n]);
  let y = g.input('a', 'float32', [n, n]);
  for (let i = 0; i < 4; i++) y = matMul(g, y, b);
  g.output('y', reduceMax(g, y));
  const session = await runtime.load(modelBytes(g), { threads });
  const values = (scale: number): Tensor => tensorOf('float32', [n, n], Float32Array.from({ length: n * n }, (_, i) => Math.sin(i) * scale));
  const feeds = { a: values(1), b: values(0.04) };
  return async () => {
    const start = performance.now();
    await session.run(feeds);
    return (4 * 2 * n ** 3) / (performance.now() - start) / 1e6;
  };
}

/** Seconds of PyTorch's eager step, or undefined where no Python with torch is found. `PYTHON` names the interpreter. */
function torchSeconds(threads: number): number | undefined {
  // beside this file, or from the built command line in dist
  const script = ['./training-step.py', '../bench/training-step.py'].map((p) => fileURLToPath(new URL(p, import.meta.url))).find((p) => existsSync(p));
  if (script === undefined) return undefined;
  for (const python of [process.env['PYTHON'], 'python3', 'python'].filter((p): p is string => p !== undefined)) {
    const run = spawnSync(python, [script, String(threads)], { encoding: 'utf8', timeout: 120_000 });
    const seconds = Number(run.stdout);
    if (run.status === 0 && seconds > 0) return seconds;
  }
  return undefined;
}

/** Rows: the step's GFLOP/s against the MatMul's (ratio, at least 0.7 is the aim), and its time against PyTorch's. */
export async function trainingStep(options: { threads?: number; steps?: number } = {}): Promise<BenchRow[]> {
  const threads = options.threads ?? availableParallelism();
  const runtime = await createRuntime('cpu');
  const trainer = await Trainer.create({
    runtime, threads, seed: 1,
    build: (g) => {
      const pixels = g.input('pixels', 'float32', [B, 3, 256, 256]);
      const { tokens } = vit(g, { image: [256, 256], patch: [16, 16], channels: 3, width: D, depth: DEPTH, heads: HEADS }, pixels);
      return { loss: crossEntropy(g, linear(g, 'head', mean(g, tokens, [1]), CLASSES), g.input('labels', 'int32', [B])) };
    },
  });
  const pixels = tensorOf('float32', [B, 3, 256, 256], Float32Array.from({ length: B * 3 * 65536 }, (_, i) => Math.sin(i * 0.37 + (i >> 9))));
  const labels = tensorOf('int32', [B], Array.from({ length: B }, (_, i) => (i * 7) % CLASSES));
  const matMulOnce = await matMulRate(runtime, threads);
  await trainer.step({ pixels, labels }, { lr: 1e-4 });
  await matMulOnce();
  const steps: number[] = [];
  const rates: number[] = [];
  // in turns, so that a busy machine slows both alike
  for (let i = 0; i < (options.steps ?? 9); i++) {
    for (let k = 0; k < 3; k++) rates.push(await matMulOnce());
    const start = performance.now();
    await trainer.step({ pixels, labels }, { lr: 1e-4 });
    steps.push((performance.now() - start) / 1000);
  }
  await trainer.release();
  const seconds = median(steps);
  const rate = STEP_FLOP / seconds / 1e9;
  const peak = median(rates);
  const rows: BenchRow[] = [{ name: 'training-step', value: rate, unit: 'GFLOP/s', reference: 'MatMul 1024^3 in the same run', referenceValue: peak, ratio: rate / peak }];
  const torch = torchSeconds(threads);
  if (torch !== undefined) rows.push({ name: 'training-step-time', value: seconds, unit: 's', reference: 'PyTorch eager step on CPU', referenceValue: torch, ratio: seconds / torch });
  return rows;
}

await runScript(import.meta.url, trainingStep);
