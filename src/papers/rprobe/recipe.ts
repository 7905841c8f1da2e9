// Trains an R-Probe and its null baseline on a frozen bundle. Both are the same network, start alike and see the same cases;
// the null reads the visual tokens of another case, so it can only learn what heads look like on average. What the probe
// explains beyond the null is what the tokens still hold. Both ship with the bundle.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FILE, TENSOR } from '../../bundle/conventions.ts';
import { windowChannels } from '../../bundle/head-frame.ts';
import { psnr, rSquared, ssimSlices } from '../../metrics/image.ts';
import { mse } from '../../nn/loss.ts';
import { loadCheckpoint, saveCheckpoint } from '../../onnx/checkpoint.ts';
import { modelBytes, writeModel } from '../../onnx/file.ts';
import { Graph, type Value } from '../../onnx/graph.ts';
import { add, mul } from '../../onnx/ops.ts';
import type { Session } from '../../onnx/runtime.ts';
import { linearSchedule } from '../../onnx/schedule.ts';
import { tensorOf } from '../../onnx/tensor.ts';
import { bestWeights, Trainer } from '../../onnx/trainer.ts';
import type { Feeds, TrainState, Weights } from '../../onnx/training.ts';
import type { BundleManifest } from '../../protocol/bundle.ts';
import { RoomError } from '../../protocol/error.ts';
import type { ProbeScores } from '../../protocol/reading.ts';
import { random } from '../../synth/random.ts';
import { PhantomSet } from '../phantom-set.ts';
import type { Recipe, RecipeContext, RecipeOutcome } from '../recipe.ts';
import { attachProbe } from './attach.ts';
import { PROBE_SCHEMA, type ProbeConfig } from './config.ts';
import { languageModel } from './language-model.ts';
import { assemble, probe, type ProbeModelConfig } from './model.ts';

type Arm = 'probe' | 'null';
const ARMS: readonly Arm[] = ['probe', 'null'];
const EMA = 0.995;
const TISSUE_HU = -300;

export const recipe: Recipe<ProbeConfig> = { name: 'r-probe', schema: PROBE_SCHEMA, steps: (config) => 2 * config.steps, run };

interface Example {
  visual: Float32Array;
  hu: Int16Array;
}

async function run(config: ProbeConfig, context: RecipeContext): Promise<RecipeOutcome> {
  const home = resolve(context.baseDir, config.bundle);
  const manifest = JSON.parse(readFileSync(join(home, FILE.manifest), 'utf8')) as BundleManifest;
  if (config.tap !== manifest.visual.tap) throw new RoomError('unsupported', `Tap '${config.tap}' does not hold the visual tokens of ${manifest.name}`, `Set "tap" to "${manifest.visual.tap}".`);
  const source = await TokenSource.open(home, manifest, config, context);
  const { lm, weights } = languageModel(home);
  const [gi, gj, gk] = manifest.visual.grid;
  const [ni, nj, nk] = manifest.preprocess.dims;
  const model: ProbeModelConfig = { lm, grid: [gk, gj, gi], footprint: [nk / gk, nj / gj, ni / gi], headWidth: config.headWidth, attention: config.attention };
  const done: Partial<Record<Arm, { weights: Weights; scores: ProbeScores }>> = {};
  try {
    for (const [at, arm] of ARMS.entries()) {
      const path = join(context.outDir, `${arm}.safetensors`);
      const saved = context.resume ? loadCheckpoint(path)?.state : undefined;
      const state = saved ?? { step: 0, weights: new Map(weights), m: new Map(), v: new Map() };
      if (saved) context.resumedAt(at * config.steps + saved.step);
      const stopped = await trainArm(config, context, model, source, arm, at * config.steps, state, path);
      if (stopped) return { state: 'stopped', step: at * config.steps + state.step };
      const scores = await heldOutScores(config, context, model, source, arm, bestWeights(state));
      context.log((at + 1) * config.steps, { [`${arm}/r2`]: scores.r2, [`${arm}/psnr`]: scores.psnr, [`${arm}/ssim`]: scores.ssim });
      done[arm] = { weights: bestWeights(state), scores };
    }
  } finally {
    await source.close();
  }
  const [own, baseline] = [done.probe!, done.null!];
  for (const [arm, file] of [['probe', 'probe.onnx'], ['null', 'probe-null.onnx']] as const) {
    writeModel(join(context.outDir, file), volumeGraph(config, model), { weights: done[arm]!.weights, storage: 'float16', metadata: { recipe: 'r-probe', arm } });
  }
  attachProbe(context.outDir, home, { name: config.name, tap: config.tap, range: config.range, steps: config.steps, scores: own.scores, nullScores: baseline.scores });
  return { state: 'done', step: 2 * config.steps, headline: { name: 'R2', value: own.scores.r2 }, message: `The probe is part of ${home}: R2 ${own.scores.r2.toFixed(3)}, null baseline ${baseline.scores.r2.toFixed(3)}.` };
}

/** @returns true where the run was asked to stop */
async function trainArm(config: ProbeConfig, context: RecipeContext, model: ProbeModelConfig, source: TokenSource, arm: Arm, before: number, state: TrainState, path: string): Promise<boolean> {
  if (state.step >= config.steps) return false;
  const [count, voxels] = [model.grid.reduce((a, b) => a * b, 1), model.footprint.reduce((a, b) => a * b, 1)];
  const trainer = await Trainer.create({
    runtime: context.runtime,
    seed: config.seed,
    ema: EMA,
    state,
    ...(config.threads > 0 ? { threads: config.threads } : {}),
    build: (g) => {
      const visual = g.input('visual', 'float32', [config.batch, count, model.lm.hiddenSize]);
      return { loss: mse(g, probe(g, model, visual), g.input('target', 'float32', [config.batch, count, voxels])) };
    },
  });
  const rate = linearSchedule({ peak: config.lr, total: config.steps, warmup: config.warmup, cooldown: config.cooldown });
  const began = performance.now();
  const beganAt = state.step;
  try {
    while (state.step < config.steps) {
      if (context.signal.aborted) {
        saveCheckpoint(path, state);
        return true;
      }
      const lr = rate(state.step + 1);
      const { loss, gradNorm } = await trainer.step(await batch(config, model, source, arm, state.step), { lr });
      context.log(before + state.step, { [`${arm}/loss`]: loss, gradNorm, lr });
      const perStep = (performance.now() - began) / 1000 / (state.step - beganAt);
      context.status({ step: before + state.step, secondsLeft: Math.round(perStep * (2 * config.steps - before - state.step)), message: arm });
      if (state.step % config.saveEvery === 0 || state.step === config.steps) saveCheckpoint(path, state);
    }
  } finally {
    await trainer.release();
  }
  return false;
}

async function batch(config: ProbeConfig, model: ProbeModelConfig, source: TokenSource, arm: Arm, step: number): Promise<Feeds> {
  const r = random(config.seed).fork(step);
  const examples: Example[] = [];
  for (let n = 0; n < config.batch; n++) examples.push(await source.example(r.int(0, config.data.cases - 1)));
  const tokens = arm === 'probe' ? examples : examples.map((_, n) => examples[(n + 1) % examples.length]!);
  const [count, voxels] = [model.grid.reduce((a, b) => a * b, 1), model.footprint.reduce((a, b) => a * b, 1)];
  const visual = new Float32Array(config.batch * count * model.lm.hiddenSize);
  tokens.forEach(({ visual: own }, n) => visual.set(own, n * own.length));
  const target = new Float32Array(config.batch * count * voxels);
  examples.forEach(({ hu }, n) => footprints(hu, model, config.range, target.subarray(n * count * voxels)));
  return { visual: tensorOf('float32', [config.batch, count, model.lm.hiddenSize], visual), target: tensorOf('float32', [config.batch, count, voxels], target) };
}

/** Clipped, normalised HU laid out as [N, footprint voxels]: (hu - middle) / quarter of the range. */
export function footprints(hu: Int16Array, { grid, footprint }: Pick<ProbeModelConfig, 'grid' | 'footprint'>, [low, high]: readonly [number, number], out: Float32Array): void {
  const [gk, gj, gi] = grid;
  const [fk, fj, fi] = footprint;
  const { middle, scale } = normalisation([low, high]);
  let n = 0;
  for (let tk = 0; tk < gk; tk++)
    for (let tj = 0; tj < gj; tj++)
      for (let ti = 0; ti < gi; ti++)
        for (let k = tk * fk; k < (tk + 1) * fk; k++)
          for (let j = tj * fj; j < (tj + 1) * fj; j++)
            for (let i = ti * fi; i < (ti + 1) * fi; i++) {
              const x = hu[i + gi * fi * (j + gj * fj * k)]!;
              out[n++] = ((x < low ? low : x > high ? high : x) - middle) / scale;
            }
}

function normalisation([low, high]: readonly [number, number]): { middle: number; scale: number } {
  return { middle: (low + high) / 2, scale: (high - low) / 4 };
}

/** The shipped graph: visual_tokens [1, N, d] -> reconstruction [1, D, H, W] in HU. */
function volumeGraph(config: ProbeConfig, model: ProbeModelConfig): Graph {
  const g = new Graph({ name: 'probe' });
  const { middle, scale } = normalisation(config.range);
  const visual = g.input(TENSOR.visual, 'float32', [1, model.grid.reduce((a, b) => a * b, 1), model.lm.hiddenSize]);
  const volume: Value = assemble(g, model, probe(g, model, visual));
  g.output(TENSOR.reconstruction, add(g, mul(g, volume, scale), middle));
  return g;
}

/** Scores over tissue voxels of held-out cases; the null reads the next case's tokens there too. */
async function heldOutScores(config: ProbeConfig, context: RecipeContext, model: ProbeModelConfig, source: TokenSource, arm: Arm, weights: Weights): Promise<ProbeScores> {
  const session = await context.runtime.load(modelBytes(volumeGraph(config, model), weights));
  const cases = config.data.validation.cases;
  const [low, high] = config.range;
  const sum: ProbeScores = { r2: 0, psnr: 0, ssim: 0 };
  const count = model.grid.reduce((a, b) => a * b, 1);
  const dims = [2, 1, 0].map((a) => model.grid[a]! * model.footprint[a]!) as [number, number, number];
  try {
    for (let n = 0; n < cases; n++) {
      const { hu } = await source.heldOut(n);
      const { visual } = arm === 'probe' ? await source.heldOut(n) : await source.heldOut((n + 1) % cases);
      const out = await session.run({ [TENSOR.visual]: tensorOf('float32', [1, count, model.lm.hiddenSize], visual) });
      const clip = (x: number) => Math.min(high, Math.max(low, x));
      const volume = (out[TENSOR.reconstruction]!.data as Float32Array).map(clip);
      const target = Float32Array.from(hu, clip);
      const tissue = (values: Float32Array) => values.filter((_, voxel) => hu[voxel]! > TISSUE_HU);
      sum.r2 += rSquared(tissue(volume), tissue(target)) / cases;
      sum.psnr += psnr(tissue(volume), tissue(target), high - low) / cases;
      sum.ssim += ssimSlices(volume, target, dims, high - low) / cases;
    }
  } finally {
    await session.release();
  }
  return sum;
}

/** Visual tokens of phantoms through the frozen encoder and projector, kept once computed. */
class TokenSource {
  private readonly set: PhantomSet;
  private readonly held: PhantomSet;
  private readonly manifest: BundleManifest;
  private readonly stages: { session: Session; input: string; output: string }[];
  private readonly tokens = new Map<string, Float32Array>();

  private constructor(set: PhantomSet, held: PhantomSet, manifest: BundleManifest, stages: TokenSource['stages']) {
    this.set = set;
    this.held = held;
    this.manifest = manifest;
    this.stages = stages;
  }

  static async open(home: string, manifest: BundleManifest, config: ProbeConfig, context: RecipeContext): Promise<TokenSource> {
    const folder = resolve(context.baseDir, config.data.folder);
    const { dims, spacing, centre } = manifest.preprocess;
    const spec = { source: config.data.source, preprocess: { dims, spacing, centre } };
    const stages: TokenSource['stages'] = [];
    for (const stage of manifest.stages) {
      if (stage.kind === 'language-model') continue;
      stages.push({ session: await context.runtime.load({ path: join(home, stage.model) }), input: stage.input, output: stage.output });
    }
    return new TokenSource(
      new PhantomSet(folder, { firstSeed: config.data.firstSeed, ...spec }),
      new PhantomSet(folder, { firstSeed: config.data.validation.firstSeed, ...spec }),
      manifest, stages,
    );
  }

  example(n: number): Promise<Example> {
    return this.read(this.set, n, `train ${n}`);
  }

  heldOut(n: number): Promise<Example> {
    return this.read(this.held, n, `held out ${n}`);
  }

  private async read(set: PhantomSet, n: number, key: string): Promise<Example> {
    const { hu } = set.get(n);
    let visual = this.tokens.get(key);
    if (visual === undefined) {
      const { channels, dims } = this.manifest.preprocess;
      let value = tensorOf('float32', [1, channels.length, ...[...dims].reverse()], windowChannels(hu, this.manifest.preprocess));
      for (const { session, input, output } of this.stages) {
        const out = (await session.run({ [input]: value }, [output]))[output];
        if (out === undefined) throw new RoomError('invalid', `A stage of ${this.manifest.name} has no output ${output}`, 'Run: reading-room bundle check <dir>.');
        value = out;
      }
      visual = (value.data as Float32Array).slice();
      this.tokens.set(key, visual);
    }
    return { visual, hu };
  }

  async close(): Promise<void> {
    this.set.close();
    this.held.close();
    for (const { session } of this.stages) await session.release();
  }
}
