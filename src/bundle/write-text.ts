// The shortest way from a decoded scan to the model's text: preprocess, encoder, projector, prompt, greedy decoding. A full
// reading (read.ts) starts with it and evaluation needs nothing more.

import type { GridData } from '../scan/resample.ts';
import type { ReadingToken, StageTiming } from '../protocol/reading.ts';
import { createDecoder, greedy } from './generate.ts';
import { floats, type BundleModel } from './model.ts';
import { preprocess, type Preprocessed } from './preprocess.ts';
import { TextStream } from './text-stream.ts';

/** How a long step reports and where it may be stopped. */
export interface ReadHooks {
  progress(stage: string, done: number, total: number, detail?: string): void;
  token(text: string, logProb: number): void;
  /** A safe point: throws 'cancelled' where the caller wants to stop. */
  breathe(): Promise<void>;
}

export interface WrittenText {
  preprocessed: Preprocessed;
  /** [N, d]. */
  visual: Float32Array;
  prompt: { embeds: Float32Array; length: number; visualStart: number };
  text: string;
  tokens: ReadingToken[];
  finish: 'eos' | 'length';
  stages: StageTiming[];
}

export async function writeText(model: BundleModel, volume: GridData<Int16Array | Float32Array>, maxNewTokens: number, hooks: ReadHooks): Promise<WrittenText> {
  const { manifest, decoder: shape, language } = model.bundle;
  const stages: StageTiming[] = [];
  const steps = manifest.stages.length + 1;
  const stage = (name: string, done: number): void => hooks.progress(name, done, steps);

  stage('preprocess', 0);
  await hooks.breathe();
  let start = performance.now();
  const preprocessed = preprocess(volume, manifest.preprocess);
  stages.push({ name: 'preprocess', kind: 'preprocess', ms: performance.now() - start, shape: [...preprocessed.input.dims] });

  stage(manifest.stages[0]?.name ?? 'encoder', 1);
  await hooks.breathe();
  const results = await model.runVisual(preprocessed.input);
  for (const { name, kind, ms, output } of results) stages.push({ name, kind, ms, shape: [...output.dims] });
  const visual = floats(results.at(-1)!.output, manifest.visual.tap);

  stage(language.name, steps - 1);
  await hooks.breathe();
  start = performance.now();
  const prompt = await model.embedPrompt(visual);
  const room = Math.max(1, Math.min(maxNewTokens, (shape.positions ?? Number.POSITIVE_INFINITY) - prompt.length));
  const decoder = createDecoder(await model.session(language.model), shape, language.layout, prompt.length + room);
  const stream = new TextStream(model.tokenizer);
  const tokens: ReadingToken[] = [];
  const { finish } = await greedy(decoder, (ids) => model.embed(ids), prompt.embeds, shape.eos, room, async ({ id, logProb }) => {
    const from = stream.text.length;
    const text = stream.push(id);
    tokens.push({ id, text, span: [from, stream.text.length], logProb });
    hooks.token(text, logProb);
    await hooks.breathe();
  });
  stages.push({ name: language.name, kind: 'language-model', ms: performance.now() - start, shape: [1, tokens.length, shape.vocabulary] });
  stage(language.name, steps);
  return { preprocessed, visual, prompt, text: stream.text, tokens, finish, stages };
}
