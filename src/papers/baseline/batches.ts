// Batches of the baseline recipe. What a step sees depends on the config's seed, the stage and the step alone, so a resumed
// run sees what the uninterrupted one would have seen. Every case is met in a new order, mirrored or not, with new wording,
// noise and intensity shift. Where the encoder is frozen its tokens are computed once per case and mirror image and kept
// (0.25 MB each for the shipped size), which makes a step of the language model four times cheaper.

import type { Tokenizer } from '@huggingface/tokenizers';
import type { Tensor } from '../../onnx/runtime.ts';
import type { Feeds } from '../../onnx/training.ts';
import { tensorOf } from '../../onnx/tensor.ts';
import { windowChannels } from '../../bundle/head-frame.ts';
import { rewordReport } from '../../synth/head/index.ts';
import { random, type Random } from '../../synth/random.ts';
import { PhantomSet, type TrainingCase } from '../phantom-set.ts';
import type { BaselineConfig, BaselineStage } from './config.ts';
import { patchCounts } from './model.ts';
import { HEAD_TARGETS, headTargets, mirroredFindings, PATCH_LABELS, patchTargets, reverseRows } from './targets.ts';
import { encodeReport } from './text.ts';

/** Frozen encoder: pixels [1, C, D, H, W] -> tokens [1, S, width]. */
export type Encode = (pixels: Tensor) => Promise<Float32Array>;

export class Batches {
  private readonly config: BaselineConfig;
  private readonly set: PhantomSet;
  private readonly tokenizer: Tokenizer;
  private order: { epoch: number; cases: number; list: number[] } | undefined;
  private readonly encoded = new Map<number, Float32Array>();

  constructor(config: BaselineConfig, set: PhantomSet, tokenizer: Tokenizer) {
    this.config = config;
    this.set = set;
    this.tokenizer = tokenizer;
  }

  /** Feeds of step `step` (from 0) of stage number `at`. `encode` is given where the encoder is frozen. */
  train(at: number, stage: BaselineStage, step: number, encode: Encode | undefined): Promise<Feeds> {
    const examples = Array.from({ length: stage.batch }, (_, n) => {
      const draw = step * stage.batch + n;
      const r = random(this.config.seed + 1000 * (at + 1)).fork(draw);
      const epoch = Math.floor(draw / stage.cases);
      const index = this.shuffled(at, epoch, stage.cases)[draw % stage.cases]!;
      const mirror = r.chance(0.5);
      const facts = this.set.facts(index);
      const findings = mirror ? mirroredFindings(facts.findings) : facts.findings;
      return {
        key: 2 * index + Number(mirror),
        findings,
        report: rewordReport(facts.seed, findings, r.u32()),
        voxels: () => this.voxels(this.set.get(index), mirror, encode === undefined ? r : undefined),
      };
    });
    return this.feeds(stage, examples, encode);
  }

  /** Unchanged cases `first` .. `first + batch`, cycling through the set's first `cases`. */
  fixed(stage: BaselineStage, first: number, cases: number, encode: Encode | undefined): Promise<Feeds> {
    const examples = Array.from({ length: stage.batch }, (_, n) => {
      const index = (first + n) % cases;
      return { key: 2 * index, ...this.set.facts(index), voxels: () => this.set.get(index) };
    });
    return this.feeds(stage, examples, encode);
  }

  /** Drops kept tokens: the encoder has changed. */
  forget(): void {
    this.encoded.clear();
  }

  /** Mirrored or not; with `noise` also shifted in intensity and noisier. Without it they depend on case and mirror alone. */
  private voxels(of: Voxels, mirror: boolean, noise: Random | undefined): Voxels {
    const width = this.config.preprocess.dims[0];
    const seen = mirror ? { hu: reverseRows(of.hu, width), labels: reverseRows(of.labels, width) } : of;
    if (noise === undefined) return seen;
    const hu = new Int16Array(seen.hu.length);
    const shift = 1.5 * noise.normal();
    const level = noise.range(0, 5);
    // Noise from a table with a random start per row: a draw per voxel would cost more than the training step's data should.
    for (let at = 0; at < hu.length; at += width) {
      let n = noise.u32() % (NOISE.length - width);
      for (let i = 0; i < width; i++, n++) hu[at + i] = seen.hu[at + i]! + shift + level * NOISE[n]!;
    }
    return { hu, labels: seen.labels };
  }

  private async tokensOf({ key, voxels }: Example, encode: Encode): Promise<Float32Array> {
    let tokens = this.encoded.get(key);
    if (tokens === undefined) {
      const { model, preprocess } = this.config;
      tokens = await encode(tensorOf('float32', [1, model.channels, ...model.image], windowChannels(voxels().hu, preprocess)));
      this.encoded.set(key, tokens);
    }
    return tokens;
  }

  /** The first epoch goes in order, so that phantoms are made as they are needed; later ones are shuffled. */
  private shuffled(at: number, epoch: number, cases: number): number[] {
    if (this.order?.epoch !== epoch || this.order.cases !== cases) {
      const list = Array.from({ length: cases }, (_, n) => n);
      const r = random(this.config.seed + 77 * at).fork(epoch);
      if (epoch > 0) for (let n = cases - 1; n > 0; n--) {
        const m = r.int(0, n);
        [list[n], list[m]] = [list[m]!, list[n]!];
      }
      this.order = { epoch, cases, list };
    }
    return this.order.list;
  }

  private async feeds(stage: BaselineStage, examples: Example[], encode: Encode | undefined): Promise<Feeds> {
    const { model, preprocess, textLength } = this.config;
    const batch = examples.length;
    const patches = patchCounts(model).reduce((a, b) => a * b, 1);
    const feeds: Feeds = {};
    const seen = encode === undefined ? examples.map(({ voxels }) => voxels()) : [];
    if (encode !== undefined) {
      const tokens: Float32Array[] = [];
      for (const example of examples) tokens.push(await this.tokensOf(example, encode));
      feeds['tokens'] = tensorOf('float32', [batch, patches, model.width], concatFloat(tokens));
    } else {
      feeds['pixels'] = tensorOf('float32', [batch, model.channels, ...model.image], concatFloat(seen.map(({ hu }) => windowChannels(hu, preprocess))));
    }
    if (stage.name !== 'language') {
      const patch = [...model.patch].reverse();
      feeds['patch_targets'] = tensorOf('float32', [batch, patches, PATCH_LABELS.length], concatFloat(seen.map(({ labels }) => patchTargets(labels, preprocess.dims, patch))));
      feeds['head_targets'] = tensorOf('float32', [batch, HEAD_TARGETS], concatFloat(examples.map(({ findings }) => headTargets(findings))));
    }
    if (stage.name !== 'encoder') {
      const rows = examples.map(({ report }) => encodeReport(this.tokenizer, report, textLength));
      const all = <T extends 'ids' | 'labels' | 'weights'>(key: T) => rows.flatMap((row) => [...row[key]]);
      feeds['ids'] = tensorOf('int32', [batch, textLength], all('ids'));
      feeds['labels'] = tensorOf('int32', [batch, textLength], all('labels'));
      feeds['weights'] = tensorOf('float32', [batch, textLength], all('weights'));
    }
    return feeds;
  }
}

interface Example extends Pick<TrainingCase, 'findings' | 'report'> {
  /** Two per case: as it is and mirrored. */
  key: number;
  voxels: () => Voxels;
}

type Voxels = Pick<TrainingCase, 'hu' | 'labels'>;

const NOISE = (() => {
  const r = random(20);
  return Float32Array.from({ length: 65536 }, () => r.normal());
})();

function concatFloat(parts: Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
