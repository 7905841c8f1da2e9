// Reads a scan with a bundle: the text, then everything the views explain it by. Order: text (write-text.ts), R-Probe and
// null, occlusion of each visual token that holds more than air, attention, links from clues to regions, comparison with a
// reference report. Between model runs the caller may stop it. The same scan, bundle, settings and device give the same text.

import { createHash } from 'node:crypto';
import type { Tensor } from '../onnx/runtime.ts';
import type { Clue } from '../protocol/clue.ts';
import type { Reading, ReadingToken } from '../protocol/reading.ts';
import { compareClues } from '../report/compare.ts';
import { extractClues } from '../report/extract.ts';
import { spacing } from '../scan/geometry.ts';
import type { Volume } from '../scan/volume.ts';
import { linkClues, type Link } from './links.ts';
import type { BundleModel } from './model.ts';
import { TokenGrid } from './preprocess.ts';
import { reconstruct } from './reconstruct.ts';
import { Scorer } from './score.ts';
import { textMetrics } from './text-metrics.ts';
import { writeText, type ReadHooks, type WrittenText } from './write-text.ts';

export interface ReadInput {
  model: BundleModel;
  scan: { path: string; storedSha256: string; volume: Volume };
  maxNewTokens: number;
  reference?: { path: string; text: string };
  versions: Record<string, string>;
  hooks: ReadHooks;
}

/** Seed of the random regions that links are measured against. */
const SEED = 1;

export async function read(input: ReadInput): Promise<{ reading: Reading; tensors: Map<string, Tensor> }> {
  const { model, scan, hooks } = input;
  const { manifest, decoder } = model.bundle;
  const written = await writeText(model, scan.volume, input.maxNewTokens, hooks);
  const { preprocessed, tokens, text, stages } = written;
  const { dims, channels } = manifest.preprocess;
  const grid = new TokenGrid(manifest.visual.grid, dims, preprocessed.affine);
  const volumeDims = [dims[2], dims[1], dims[0]];
  const tensors = new Map<string, Tensor>();
  const put = (name: string, size: number[], data: Float32Array): void => void tensors.set(name, { dtype: 'float32', dims: size, data });
  put('input', [channels.length, ...volumeDims], preprocessed.input.data as Float32Array);
  put('visual_tokens', [grid.count, decoder.hidden], written.visual);

  let probe: Reading['probe'];
  const entry = manifest.probes[0];
  if (entry !== undefined) {
    hooks.progress('probe', 0, 1);
    await hooks.breathe();
    const start = performance.now();
    const result = await reconstruct(model, entry, written.visual, preprocessed.hu, grid);
    put('reconstruction', volumeDims, result.probe);
    put('null', volumeDims, result.null);
    put('target', volumeDims, result.target);
    put('token_error', [2, grid.count], result.tokenError);
    stages.push({ name: entry.name, kind: 'probe', ms: performance.now() - start, shape: volumeDims });
    probe = { name: entry.name, tap: entry.tap, steps: entry.steps, range: entry.range, ...result.scores };
  }

  const clues = extractClues(text, 'model');
  let links: Link[] = [];
  if (model.bundle.language.scorer !== undefined && tokens.length > 0) {
    const start = performance.now();
    const explained = await explain(model, written, clues, grid, hooks);
    put('occlusion', [grid.count, tokens.length], explained.occlusion);
    if (explained.attention !== undefined) put('attention', [tokens.length, grid.count], explained.attention);
    links = explained.links;
    stages.push({ name: 'links', kind: 'links', ms: performance.now() - start, shape: [grid.count, tokens.length] });
  }

  const created = new Date().toISOString();
  const { format, dims: scanDims, affine: scanAffine } = scan.volume;
  const reading: Reading = {
    schema: 1,
    id: createHash('sha256').update([scan.storedSha256, model.digest, text, created].join('\n')).digest('hex').slice(0, 16),
    created,
    versions: input.versions,
    scan: { path: scan.path, format, dims: scanDims, spacing: spacing(scanAffine), affine: scanAffine, storedSha256: scan.storedSha256 },
    bundle: { name: manifest.name, path: model.bundle.path, sha256: model.digest },
    settings: { device: model.runtime.device, precision: 'float32', seed: SEED, decoding: 'greedy', maxNewTokens: input.maxNewTokens },
    prompt: manifest.prompt,
    text,
    tokens,
    finish: written.finish,
    stages,
    lossy: preprocessed.lossy,
    input: { dims, affine: preprocessed.affine, channels },
    visual: {
      tap: manifest.visual.tap, grid: grid.grid, affine: grid.affine, width: decoder.hidden,
      footprintMm: [grid.block[0] * manifest.preprocess.spacing[0], grid.block[1] * manifest.preprocess.spacing[1], grid.block[2] * manifest.preprocess.spacing[2]],
    },
    ...(probe === undefined ? {} : { probe }),
    clues,
    links,
    ...(input.reference === undefined ? {} : { reference: compare(input.reference, text, clues) }),
  };
  return { reading, tensors };
}

/** Occlusion of every visual token with tissue, attention, and the clues' links. */
async function explain(
  model: BundleModel, written: WrittenText, clues: readonly Clue[], grid: TokenGrid, hooks: ReadHooks,
): Promise<{ occlusion: Float32Array; attention: Float32Array | undefined; links: Link[] }> {
  const { prompt, tokens, preprocessed } = written;
  const { hidden, vocabulary } = model.bundle.decoder;
  const ids = tokens.map((token: ReadingToken) => token.id);
  // The last token predicts nothing that was generated, so it need not be in the sequence.
  const textEmbeds = await model.embed(ids.slice(0, -1));
  const embeds = new Float32Array(prompt.embeds.length + textEmbeds.length);
  embeds.set(prompt.embeds);
  embeds.set(textEmbeds, prompt.embeds.length);
  const session = await model.session(model.bundle.language.scorer ?? '');
  const scorer = new Scorer(session, { embeds, width: hidden, visualStart: prompt.visualStart, visualCount: grid.count, textStart: prompt.length, ids, vocabulary });
  await hooks.breathe();
  const { logProbs, attention } = await scorer.base();

  const air = grid.air(preprocessed.hu);
  const pool = air.flatMap((isAir, token) => (isAir ? [] : [token]));
  const occlusion = new Float32Array(grid.count * ids.length);
  for (let at = 0; at < pool.length; at += scorer.batch) {
    hooks.progress('occlusion', at, pool.length);
    await hooks.breathe();
    const part = pool.slice(at, at + scorer.batch);
    const scored = await scorer.occluded(part.map((token) => [token]));
    scored.forEach((own, n) => own.forEach((value, t) => (occlusion[part[n]! * ids.length + t] = logProbs[t]! - value)));
  }
  hooks.progress('occlusion', pool.length, pool.length);
  const links = await linkClues({
    clues, tokens, occlusion, attention, base: logProbs, scorer, pool, seed: SEED,
    breathe: async (done, total) => {
      hooks.progress('links', done, total);
      await hooks.breathe();
    },
  });
  return { occlusion, attention, links };
}

function compare(reference: { path: string; text: string }, text: string, clues: readonly Clue[]): NonNullable<Reading['reference']> {
  const own = extractClues(reference.text, 'reference');
  return { ...reference, clues: own, compared: compareClues(clues, own), metrics: textMetrics(text, reference.text) };
}
