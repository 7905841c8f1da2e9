// Ties a clue's words to visual tokens, by occlusion and by attention, each beside its null.
// Occlusion: each token's score is the fall of the words' summed log-probability when that token alone is replaced by the
// mean token; the region is the tokens above half of the largest score, and the link's strength is the fall when the whole
// region is replaced at once. Attention: the words' mean attention; strength is the region's share of all visual attention.
// Null strength is the largest value among eight random regions of the same size (seeded; of tokens with tissue for
// occlusion, of all for attention). A link that is not stronger than its null, or an occlusion under 0.01 nats, has no
// region: 'no support found' is the result.

import type { Clue, ClueLink } from '../protocol/clue.ts';
import type { ReadingToken } from '../protocol/reading.ts';
import { choose, seeded } from './random.ts';
import type { Scorer } from './score.ts';

export type Link = Omit<ClueLink, 'scores'>;

export const NULL_REGIONS = 8;

/** Falls below this, in nats, are nothing: the words lose less than a hundredth of their probability. */
export const LEAST_FALL = 0.01;

/** Text tokens that touch a span. */
export function tokensOf(span: readonly [number, number], tokens: readonly ReadingToken[]): number[] {
  const found: number[] = [];
  tokens.forEach((token, t) => {
    if (token.span[0] < span[1] && token.span[1] > span[0]) found.push(t);
  });
  return found;
}

/** Score of each visual token for some text tokens: summed fall of log-probability. occlusion is [N, T]. */
export function occlusionScores(occlusion: Float32Array, textTokens: readonly number[], textCount: number): Float32Array {
  const visual = textCount === 0 ? 0 : occlusion.length / textCount;
  return Float32Array.from({ length: visual }, (_, n) => textTokens.reduce((sum, t) => sum + occlusion[n * textCount + t]!, 0));
}

/** Mean attention of some text tokens to each visual token. attention is [T, N]. */
export function attentionScores(attention: Float32Array, textTokens: readonly number[], textCount: number): Float32Array {
  const visual = textCount === 0 ? 0 : attention.length / textCount;
  return Float32Array.from({ length: visual }, (_, n) => textTokens.reduce((sum, t) => sum + attention[t * visual + n]!, 0) / Math.max(1, textTokens.length));
}

/** Tokens above half of the largest score, strongest first; none where no score is positive. */
export function regionOf(scores: Float32Array): number[] {
  const max = scores.reduce((a, b) => Math.max(a, b), 0);
  if (!(max > 0)) return [];
  return [...scores.keys()].filter((n) => scores[n]! > max / 2).sort((a, b) => scores[b]! - scores[a]! || a - b);
}

export interface LinkInput {
  clues: readonly Clue[];
  tokens: readonly ReadingToken[];
  /** [N, T]. */
  occlusion: Float32Array;
  /** [T, N]. */
  attention: Float32Array | undefined;
  /** Log-probabilities of the text with nothing occluded. */
  base: Float32Array;
  scorer: Scorer;
  /** Visual tokens with tissue: the pool of null regions. */
  pool: readonly number[];
  seed: number;
  /** Called between runs; may throw to stop. */
  breathe: (done: number, total: number) => Promise<void>;
}

export async function linkClues(input: LinkInput): Promise<Link[]> {
  const { clues, tokens, base, scorer, pool, seed } = input;
  const words = clues.map((clue) => tokensOf(clue.span, tokens));
  const regions = words.map((own) => regionOf(occlusionScores(input.occlusion, own, tokens.length)));
  // One null per region size, shared by all clues: log-probabilities of the text under each random region.
  const nulls = new Map<number, number[][]>();
  for (const { length } of regions) {
    if (length === 0 || nulls.has(length)) continue;
    const random = seeded(seed + length);
    nulls.set(length, Array.from({ length: NULL_REGIONS }, () => choose(pool, length, random)));
  }
  const sets = [...regions.filter((region) => region.length > 0), ...[...nulls.values()].flat()];
  const falls = new Map<readonly number[], Float32Array>();
  for (let at = 0; at < sets.length; at += scorer.batch) {
    await input.breathe(at, sets.length);
    const part = sets.slice(at, at + scorer.batch);
    (await scorer.occluded(part)).forEach((logProbs, n) => falls.set(part[n]!, base.map((own, t) => own - logProbs[t]!)));
  }
  const sumFall = (set: readonly number[], own: readonly number[]): number => own.reduce((sum, t) => sum + falls.get(set)![t]!, 0);
  const links: Link[] = [];
  clues.forEach((clue, c) => {
    const own = words[c]!;
    const region = regions[c]!;
    const strength = region.length === 0 ? 0 : sumFall(region, own);
    const nullStrength = region.length === 0 ? 0 : Math.max(...nulls.get(region.length)!.map((set) => sumFall(set, own)));
    links.push(link(clue.id, 'occlusion', strength, nullStrength, strength < LEAST_FALL ? [] : region));
    if (input.attention !== undefined) links.push(attentionLink(clue.id, attentionScores(input.attention, own, tokens.length), seed));
  });
  return links;
}

function attentionLink(clueId: string, scores: Float32Array, seed: number): Link {
  const pool = [...scores.keys()];
  const region = regionOf(scores);
  const all = scores.reduce((a, b) => a + b, 0);
  const share = (set: readonly number[]): number => (all > 0 ? set.reduce((sum, n) => sum + scores[n]!, 0) / all : 0);
  const random = seeded(seed + region.length);
  const nulls = Array.from({ length: NULL_REGIONS }, () => share(choose(pool, region.length, random)));
  return link(clueId, 'attention', share(region), Math.max(0, ...nulls), region);
}

function link(clueId: string, method: Link['method'], strength: number, nullStrength: number, region: number[]): Link {
  return { clueId, method, strength, nullStrength, tokens: strength > nullStrength ? region : [] };
}
