// Saved readings by handle, reference-counted, with what the views ask of them: layers on a slice's grid, the token under a
// point, the region of a clue. Tensors are read when the reading is opened and dropped with the last close. A handle is a
// digest of the path, so it survives a restart of the process.

import { loadReading, loadTensors, floatTensor, readingFolder, summaryOf, type ReadingTensors } from '../bundle/reading-files.ts';
import { attentionScores, LEAST_FALL, occlusionScores, tokensOf } from '../bundle/links.ts';
import { TokenGrid } from '../bundle/preprocess.ts';
import type { ClueRegion } from '../protocol/engine.ts';
import { RoomError } from '../protocol/error.ts';
import type { PlaceInfo, Reading, ReadingSummary } from '../protocol/reading.ts';
import type { Layer, Vec3 } from '../protocol/scan.ts';
import { voxelToMm } from '../scan/geometry.ts';
import { subfolders } from './runs.ts';
import type { Grid } from './sampling.ts';
import { digest, realPath } from './scan-store.ts';

type Method = 'occlusion' | 'attention';

export class OpenReading {
  readonly reading: Reading;
  readonly tokens: TokenGrid;
  private readonly tensors: ReadingTensors;
  private error: Float32Array | undefined;
  private wordNullKept: number | undefined;

  constructor(path: string) {
    this.reading = loadReading(path);
    this.tensors = loadTensors(path);
    const { input, visual } = this.reading;
    this.tokens = new TokenGrid(visual.grid, input.dims, input.affine);
  }

  grid(layer: Exclude<Layer, { kind: 'scan' } | { kind: 'labels' }>): Grid {
    const { dims, affine } = this.reading.input;
    switch (layer.kind) {
      case 'reconstruction':
        return { data: layer.variant === 'error' ? this.absoluteError() : this.volume(layer.variant === 'probe' ? 'reconstruction' : 'null'), dims, affine };
      case 'input':
        return { data: this.channel(layer.channel), dims, affine };
      case 'clue': {
        const scores = this.clueScores(layer.clueId, layer.method);
        const max = scores.reduce((a, b) => Math.max(a, b), 0);
        return { data: scores.map((score) => (max > 0 ? Math.max(0, score / max) : 0)), dims: this.tokens.grid, affine: this.tokens.affine };
      }
    }
  }

  tokenErrors(): { probe: Float32Array; null: Float32Array } | undefined {
    const count = this.tokens.count;
    const errors = floatTensor(this.tensors, 'token_error', [2, count]);
    return errors === undefined ? undefined : { probe: errors.slice(0, count), null: errors.slice(count) };
  }

  place(point: Vec3): PlaceInfo | undefined {
    const token = this.tokens.tokenAt(point);
    if (token === undefined) return undefined;
    const errors = this.tokenErrors();
    const rmse = errors?.probe[token];
    const nullStrength = (this.wordNullKept ??= this.wordNull());
    return {
      token,
      at: this.tokens.at(token),
      footprint: this.tokens.footprint(token),
      ...(errors !== undefined && rmse !== undefined ? { rmse, nullRmse: errors.null[token]!, percentile: percentile(errors.probe, rmse) } : {}),
      words: this.words(token, nullStrength),
      nullStrength,
    };
  }

  region(clueId: string, method: Method): ClueRegion | undefined {
    const link = this.reading.links.find((candidate) => candidate.clueId === clueId && candidate.method === method);
    if (link === undefined || link.tokens.length === 0) return undefined;
    const scores = this.clueScores(clueId, method);
    const centre: [number, number, number] = [0, 0, 0];
    const min: [number, number, number] = [Infinity, Infinity, Infinity];
    const max: [number, number, number] = [-Infinity, -Infinity, -Infinity];
    let total = 0;
    for (const token of link.tokens) {
      const weight = Math.max(scores[token]!, 1e-12);
      total += weight;
      const mm = voxelToMm(this.tokens.affine, [...this.tokens.at(token)]);
      const box = this.tokens.footprint(token);
      for (const axis of [0, 1, 2] as const) {
        centre[axis] += weight * mm[axis];
        min[axis] = Math.min(min[axis], box[0][axis], box[1][axis]);
        max[axis] = Math.max(max[axis], box[0][axis], box[1][axis]);
      }
    }
    return {
      centre: [centre[0] / total, centre[1] / total, centre[2] / total],
      box: [min, max],
      tokens: link.tokens,
      method,
      strength: link.strength,
      nullStrength: link.nullStrength,
    };
  }

  private clueScores(clueId: string, method: Method): Float32Array {
    const clue = this.reading.clues.find((candidate) => candidate.id === clueId);
    if (clue === undefined) throw new RoomError('not-found', `The reading has no clue '${clueId}'`, 'Choose a clue of this reading.');
    const { tokens } = this.reading;
    const own = tokensOf(clue.span, tokens);
    if (method === 'occlusion') return occlusionScores(this.need('occlusion', [this.tokens.count, tokens.length]), own, tokens.length);
    return attentionScores(this.need('attention', [tokens.length, this.tokens.count]), own, tokens.length);
  }

  /** Words of the text whose probability fell most without this token; sub-word tokens are joined to words. */
  private words(token: number, nullStrength: number): PlaceInfo['words'] {
    const { text, tokens } = this.reading;
    const occlusion = floatTensor(this.tensors, 'occlusion', [this.tokens.count, tokens.length]);
    if (occlusion === undefined) return [];
    return wordsOf(text)
      .map((span) => {
        const strength = tokensOf(span, tokens).reduce((sum, t) => sum + occlusion[token * tokens.length + t]!, 0);
        return { text: text.slice(span[0], span[1]), span, strength };
      })
      .filter((word) => word.strength > nullStrength)
      .sort((a, b) => b.strength - a.strength || a.span[0] - b.span[0])
      .slice(0, 12);
  }

  /** What a fall means nothing: the 95th percentile, over tokens and words, of the size of rises (which support nothing),
   *  and never less than the least fall of a link. */
  private wordNull(): number {
    const { text, tokens } = this.reading;
    const occlusion = floatTensor(this.tensors, 'occlusion', [this.tokens.count, tokens.length]);
    if (occlusion === undefined) return 0;
    const rises: number[] = [];
    for (const span of wordsOf(text)) {
      const own = tokensOf(span, tokens);
      for (let n = 0; n < this.tokens.count; n++) {
        const fall = own.reduce((sum, t) => sum + occlusion[n * tokens.length + t]!, 0);
        if (fall < 0) rises.push(-fall);
      }
    }
    rises.sort((a, b) => a - b);
    return Math.max(LEAST_FALL, rises[Math.floor(0.95 * (rises.length - 1))] ?? 0);
  }

  private channel(channel: number): Float32Array {
    const { dims, channels } = this.reading.input;
    const [w, h, d] = dims;
    if (!Number.isInteger(channel) || channel < 0 || channel >= channels.length) throw new RoomError('invalid', `The model's input has no channel ${channel}`, `Choose one from 0 to ${channels.length - 1}.`);
    const size = w * h * d;
    return this.need('input', [channels.length, d, h, w]).subarray(channel * size, (channel + 1) * size);
  }

  private volume(name: 'reconstruction' | 'null' | 'target'): Float32Array {
    const [w, h, d] = this.reading.input.dims;
    return this.need(name, [d, h, w]);
  }

  private absoluteError(): Float32Array {
    if (this.error === undefined) {
      const target = this.volume('target');
      this.error = this.volume('reconstruction').map((value, n) => Math.abs(value - target[n]!));
    }
    return this.error;
  }

  private need(name: string, dims: readonly number[]): Float32Array {
    const data = floatTensor(this.tensors, name, dims);
    if (data === undefined) throw new RoomError('not-found', `This reading has no '${name}'`, 'Read the scan with a bundle that provides it (a probe for reconstructions, a scorer for occlusion).');
    return data;
  }
}

export class ReadingStore {
  private readonly entries = new Map<string, { count: number; open: OpenReading }>();

  async open(path: string): Promise<{ readingId: string; reading: Reading }> {
    const folder = await realPath(readingFolder(path));
    const readingId = `reading-${digest(folder)}`;
    const held = this.entries.get(readingId);
    if (held !== undefined) {
      held.count++;
      return { readingId, reading: held.open.reading };
    }
    const open = new OpenReading(folder);
    this.entries.set(readingId, { count: 1, open });
    return { readingId, reading: open.reading };
  }

  close(readingId: string): void {
    const held = this.entries.get(readingId);
    if (held !== undefined && --held.count <= 0) this.entries.delete(readingId);
  }

  get(readingId: string): OpenReading {
    const held = this.entries.get(readingId);
    if (held === undefined) throw new RoomError('not-found', `Reading ${readingId} is not open`, 'Open the reading again.');
    return held.open;
  }
}

/** Readings directly in the given folders or up to two levels below, newest first. Broken ones are passed over. */
export async function listReadings(folders: string[]): Promise<ReadingSummary[]> {
  const found = new Map<string, ReadingSummary>();
  const visit = async (folder: string, depth: number): Promise<void> => {
    try {
      found.set(folder, summaryOf(folder, loadReading(folder)));
    } catch {
      if (depth > 0) for (const below of await subfolders(folder)) await visit(below, depth - 1);
    }
  };
  for (const folder of folders) await visit(folder, 2);
  return [...found.values()].sort((a, b) => b.created.localeCompare(a.created));
}

/** Spans of words: runs of letters, digits and inner hyphens. */
function wordsOf(text: string): [number, number][] {
  return [...text.matchAll(/[\p{L}\p{N}]+(?:[-'][\p{L}\p{N}]+)*/gu)].map((match) => [match.index, match.index + match[0].length]);
}

/** Share of values below `value`, 0..100. */
function percentile(values: Float32Array, value: number): number {
  let below = 0;
  for (const other of values) if (other < value) below++;
  return values.length <= 1 ? 0 : (100 * below) / (values.length - 1);
}

