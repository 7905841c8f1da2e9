// Trains the baseline reader in stages on head phantoms and writes it as a bundle:
//   encoder   the 3D ViT on dense labels (what each patch holds, what the head shows);
//   language  projector and language model on the tokens of the frozen encoder (its moving average, as it would ship);
//   joint     everything, next-token loss plus the dense losses.
// Stages share one state; weights shipped are an exponential moving average. A checkpoint holds everything that later steps
// depend on, so a run that is killed and resumed takes the same steps.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadCheckpoint, saveCheckpoint } from '../../onnx/checkpoint.ts';
import { Graph, type Value } from '../../onnx/graph.ts';
import { modelBytes } from '../../onnx/file.ts';
import { add, mul } from '../../onnx/ops.ts';
import { initWeights } from '../../onnx/init.ts';
import type { Session } from '../../onnx/runtime.ts';
import { linearSchedule } from '../../onnx/schedule.ts';
import { bestWeights, Trainer } from '../../onnx/trainer.ts';
import type { TrainState } from '../../onnx/training.ts';
import { trainBpe, type TokenizerFiles } from '../../nn/bpe.ts';
import { plannedReport } from '../../synth/head/index.ts';
import { PhantomSet } from '../phantom-set.ts';
import type { Recipe, RecipeContext, RecipeOutcome } from '../recipe.ts';
import { Batches, type Encode } from './batches.ts';
import { BASELINE_SCHEMA, type BaselineConfig, type BaselineStage } from './config.ts';
import { exportBundle } from './export.ts';
import { denseLoss, encoder, patchCounts, projector, textLoss } from './model.ts';
import { HEAD_TARGETS, PATCH_LABELS } from './targets.ts';
import { loadTokenizer } from './text.ts';

const CHECKPOINT = 'checkpoint.safetensors';
const TOKENIZER_REPORTS = 6000;

export const recipe: Recipe<BaselineConfig> = {
  name: 'baseline',
  schema: BASELINE_SCHEMA,
  steps: (config) => config.stages.reduce((sum, stage) => sum + stage.steps, 0),
  run,
};

async function run(config: BaselineConfig, context: RecipeContext): Promise<RecipeOutcome> {
  const folder = resolve(context.baseDir, config.data.folder);
  const { firstSeed, source, preprocess, validation } = config.data;
  const tokenizerFiles = tokenizerOf(config, context.outDir);
  const tokenizer = loadTokenizer(tokenizerFiles);
  const set = new PhantomSet(folder, { firstSeed, source, preprocess });
  const held = new PhantomSet(folder, { firstSeed: validation.firstSeed, source, preprocess });
  const batches = new Batches(config, set, tokenizer);
  const heldBatches = new Batches(config, held, tokenizer);
  const path = join(context.outDir, CHECKPOINT);
  const saved = context.resume ? loadCheckpoint(path) : undefined;
  let state = saved?.state;
  const total = recipe.steps(config);
  if (saved) context.resumedAt(saved.state.step);
  const began = performance.now();
  const beganAt = state?.step ?? 0;
  try {
    let start = 0;
    for (const [at, stage] of config.stages.entries()) {
      const end = start + stage.steps;
      if ((state?.step ?? 0) < end) {
        const trainer = await Trainer.create({
          runtime: context.runtime,
          build: (g) => buildStage(g, config, stage),
          seed: config.seed,
          ema: config.ema,
          optimiser: { weightDecay: config.weightDecay },
          ...(state ? { state } : {}),
          ...(config.threads > 0 ? { threads: config.threads } : {}),
        });
        state = trainer.state;
        const rate = linearSchedule({ peak: stage.lr, total: stage.steps, warmup: stage.warmup, cooldown: stage.cooldown });
        const frozen = stage.name === 'language' ? await frozenEncoder(config, state, context) : undefined;
        const validate = await validator(config, stage, heldBatches, context, frozen?.encode);
        try {
          while (state.step < end) {
            if (context.signal.aborted) {
              saveCheckpoint(path, state);
              return { state: 'stopped', step: state.step, message: `Stopped at step ${state.step} of ${total}.` };
            }
            const local = state.step - start;
            const lr = rate(local + 1);
            const { loss, gradNorm, ...parts } = await trainer.step(await batches.train(at, stage, local, frozen?.encode), { lr });
            if (!context.signal.aborted) await breathe();
            context.log(state.step, { loss, ...parts, gradNorm, lr, stage: at });
            const secondsLeft = ((performance.now() - began) / 1000 / (state.step - beganAt)) * (total - state.step);
            context.status({ step: state.step, steps: total, secondsLeft: Math.round(secondsLeft), message: stage.name });
            if (state.step % config.saveEvery === 0 || state.step === end) {
              saveCheckpoint(path, state);
              context.log(state.step, await validate(state));
            }
          }
        } finally {
          await trainer.release();
          await validate.release();
          await frozen?.session.release();
          batches.forget();
          heldBatches.forget();
        }
      }
      start = end;
    }
  } finally {
    set.close();
    held.close();
  }
  if (!state) throw new Error('a run without stages');
  const bundle = join(context.outDir, 'bundle');
  exportBundle(bundle, config, bestWeights(state), tokenizerFiles, state.step);
  return { state: 'done', step: state.step, message: `The bundle is in ${bundle}.` };
}

/** Lets timers and messages run between two synchronous steps. */
const breathe = () => new Promise<void>((done) => setImmediate(done));

function buildStage(g: Graph, config: BaselineConfig, stage: BaselineStage): { loss: Value; metrics: Record<string, Value> } {
  const { model, textLength } = config;
  const batch = stage.batch;
  const patches = patchCounts(model).reduce((a, b) => a * b, 1);
  const tokens = stage.name === 'language'
    ? g.input('tokens', 'float32', [batch, patches, model.width])
    : encoder(g, model, g.input('pixels', 'float32', [batch, model.channels, ...model.image]));
  const terms: Value[] = [];
  const metrics: Record<string, Value> = {};
  if (stage.name !== 'language') {
    const dense = denseLoss(
      g, model, tokens,
      g.input('patch_targets', 'float32', [batch, patches, PATCH_LABELS.length]),
      g.input('head_targets', 'float32', [batch, HEAD_TARGETS]),
    );
    metrics['loss/patch'] = dense.patch;
    metrics['loss/head'] = dense.head;
    // The patch term is a mean over mostly empty labels and an order of magnitude smaller than the others.
    const both = add(g, mul(g, dense.patch, 10), dense.head);
    terms.push(stage.name === 'joint' ? mul(g, both, config.denseWeight) : both);
  }
  if (stage.name !== 'encoder') {
    const shape = [batch, textLength];
    const text = textLoss(g, model, projector(g, model, tokens), g.input('ids', 'int32', shape), g.input('labels', 'int32', shape), g.input('weights', 'float32', shape));
    metrics['loss/text'] = text;
    terms.push(text);
  }
  return { loss: terms.reduce((a, b) => add(g, a, b)), metrics };
}

/** The encoder as it would ship now, for one case at a time. */
async function frozenEncoder(config: BaselineConfig, state: TrainState, context: RecipeContext): Promise<{ encode: Encode; session: Session }> {
  const { model } = config;
  const g = new Graph({ name: 'frozen_encoder' });
  g.output('encoded', encoder(g, model, g.input('pixels', 'float32', [1, model.channels, ...model.image])));
  // A run that begins with this stage has an encoder with its initial weights.
  const session = await context.runtime.load(modelBytes(g, initWeights(g, config.seed, bestWeights(state))), config.threads > 0 ? { threads: config.threads } : {});
  return { session, encode: async (pixels) => (await session.run({ pixels }))['encoded']!.data as Float32Array };
}

interface Validator {
  (state: TrainState): Promise<Record<string, number>>;
  release(): Promise<void>;
}

/** Losses of the moving-average weights on held-out cases, forward only. */
async function validator(config: BaselineConfig, stage: BaselineStage, batches: Batches, context: RecipeContext, encode: Encode | undefined): Promise<Validator> {
  const g = new Graph({ name: 'validation' });
  const { loss, metrics } = buildStage(g, config, stage);
  const named = Object.entries({ loss, ...metrics });
  const session = await context.runtime.load(modelBytes(outputsOf(g, named)), { use: 'training', ...(config.threads > 0 ? { threads: config.threads } : {}) });
  const cases = config.data.validation.cases;
  const validate = async (state: TrainState): Promise<Record<string, number>> => {
    const weights = bestWeights(state);
    const fed = Object.fromEntries([...g.params.keys()].map((name) => [name, weights.get(name)!]));
    const sums = new Map<string, number>();
    const rounds = Math.ceil(cases / stage.batch);
    for (let n = 0; n < rounds; n++) {
      const out = await session.run({ ...fed, ...(await batches.fixed(stage, n * stage.batch, cases, encode)) });
      for (const [name] of named) sums.set(name, (sums.get(name) ?? 0) + Number(out[name]!.data[0]) / rounds);
      await breathe();
    }
    return Object.fromEntries([...sums].map(([name, value]) => [`val/${name}`, value]));
  };
  return Object.assign(validate, { release: () => session.release() });
}

function outputsOf(g: Graph, named: [string, Value][]): Graph {
  for (const [name, value] of named) g.output(name, value);
  return g;
}

/** The run's tokenizer, trained at its start on reports of seeds that no phantom of the run has. */
function tokenizerOf(config: BaselineConfig, outDir: string): TokenizerFiles {
  const home = join(outDir, 'tokenizer');
  const read = (name: string) => JSON.parse(readFileSync(join(home, name), 'utf8')) as object;
  if (!existsSync(join(home, 'tokenizer_config.json'))) {
    mkdirSync(home, { recursive: true });
    const files = trainBpe(Array.from({ length: TOKENIZER_REPORTS }, (_, n) => plannedReport(500_000_000 + n)), config.model.lm.vocabSize);
    for (const name of ['tokenizer.json', 'tokenizer_config.json'] as const) writeFileSync(join(home, name), `${JSON.stringify(files[name])}\n`);
  }
  return { 'tokenizer.json': read('tokenizer.json'), 'tokenizer_config.json': read('tokenizer_config.json') };
}
