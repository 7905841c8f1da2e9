// BLEU (Papineni et al. 2002): geometric mean of clipped n-gram precisions times a brevity penalty, in 0..1; higher is
// better. Corpus counts are summed before dividing. Reference length is the closest one, the shorter on a tie. Tokens are
// the caller's; tokenise13a gives those of mteval-v13a, which sacreBLEU uses by default.

import { ngramCounts, type Tokens } from './ngrams.ts';

/** What stands for a precision whose count is zero: nothing (the score is 0, as NLTK without smoothing), sacreBLEU's
 *  exponential decay (1/2, 1/4, ... of one match) or floor (0.1 of a match), or the constants of coco-caption. */
export type BleuSmoothing = 'none' | 'exp' | 'floor' | 'coco';

export interface BleuPair {
  hypothesis: Tokens;
  references: readonly Tokens[];
}

export interface BleuCounts {
  /** Clipped matches and totals of the hypotheses for n = 1..order. */
  matches: number[];
  totals: number[];
  hypothesisLength: number;
  referenceLength: number;
}

/** Clipped n-gram matches of pairs, summed. A pair needs at least one reference. */
export function bleuCounts(pairs: readonly BleuPair[], order = 4): BleuCounts {
  const counts: BleuCounts = { matches: Array(order).fill(0), totals: Array(order).fill(0), hypothesisLength: 0, referenceLength: 0 };
  for (const { hypothesis, references } of pairs) {
    if (references.length === 0) throw new RangeError('BLEU needs at least one reference per hypothesis');
    counts.hypothesisLength += hypothesis.length;
    const lengths = references.map((reference) => reference.length).sort((a, b) => a - b);
    counts.referenceLength += lengths.reduce((best, length) => (Math.abs(length - hypothesis.length) < Math.abs(best - hypothesis.length) ? length : best));
    for (let n = 1; n <= order; n++) {
      const own = ngramCounts(hypothesis, n);
      const theirs = references.map((reference) => ngramCounts(reference, n));
      let matched = 0;
      for (const [gram, count] of own) matched += Math.min(count, Math.max(...theirs.map((map) => map.get(gram) ?? 0)));
      counts.matches[n - 1]! += matched;
      counts.totals[n - 1]! += Math.max(0, hypothesis.length - n + 1);
    }
  }
  return counts;
}

/** exp(1 - r/c) for hypotheses of c tokens shorter than references of r tokens, else 1; 0 for empty hypotheses. */
export function brevityPenalty(hypothesisLength: number, referenceLength: number): number {
  if (hypothesisLength === 0) return 0;
  return hypothesisLength < referenceLength ? Math.exp(1 - referenceLength / hypothesisLength) : 1;
}

/** Clipped precisions for n = 1..order; 0 where there are no n-grams. */
export function ngramPrecisions(pairs: readonly BleuPair[], order = 4): number[] {
  const { matches, totals } = bleuCounts(pairs, order);
  return matches.map((matched, i) => (totals[i]! > 0 ? matched / totals[i]! : 0));
}

/** BLEU of the order that `matches` has, from counts. `effectiveOrder` averages over the orders that the hypotheses are
 *  long enough for (sacreBLEU's sentence score). */
export function bleuFromCounts(counts: BleuCounts, smoothing: BleuSmoothing, effectiveOrder = false): number {
  const { matches, totals, hypothesisLength, referenceLength } = counts;
  const penalty = brevityPenalty(hypothesisLength, referenceLength);
  if (smoothing === 'coco') {
    let product = 1;
    matches.forEach((matched, i) => (product *= (matched + 1e-15) / (totals[i]! + 1e-9)));
    const ratio = (hypothesisLength + 1e-15) / (referenceLength + 1e-9);
    return product ** (1 / matches.length) * (ratio < 1 ? Math.exp(1 - 1 / ratio) : 1);
  }
  if (matches.every((matched) => matched === 0)) return 0;
  let order = matches.length;
  let logs = 0;
  let decay = 1;
  for (let n = 0; n < matches.length; n++) {
    const total = totals[n]!;
    if (total === 0) {
      if (!effectiveOrder && smoothing === 'none') return 0;
      break;
    }
    if (effectiveOrder) order = n + 1;
    let matched = matches[n]!;
    if (matched === 0) {
      if (smoothing === 'none') return 0;
      matched = smoothing === 'exp' ? 1 / (decay *= 2) : 0.1;
    }
    logs += Math.log(matched / total);
  }
  return penalty * Math.exp(logs / order);
}

/** Corpus BLEU. Defaults are sacreBLEU's: order 4, exponential smoothing. */
export function corpusBleu(pairs: readonly BleuPair[], order = 4, smoothing: BleuSmoothing = 'exp'): number {
  return bleuFromCounts(bleuCounts(pairs, order), smoothing);
}

/** BLEU of one sentence. 'exp' and 'floor' use effective order as sacreBLEU's sentence score does; 'none' is NLTK's. */
export function sentenceBleu(hypothesis: Tokens, references: readonly Tokens[], order = 4, smoothing: BleuSmoothing = 'exp'): number {
  return bleuFromCounts(bleuCounts([{ hypothesis, references }], order), smoothing, smoothing === 'exp' || smoothing === 'floor');
}

/** Tokens of mteval-v13a: marks stand alone, full stops and commas except between digits, hyphens after digits. */
export function tokenise13a(text: string): string[] {
  let line = text.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  line = line.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
  line = ` ${line} `
    .replace(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
    .replace(/([^0-9])([.,])/g, '$1 $2 ')
    .replace(/([.,])([^0-9])/g, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ');
  return line.split(/\s+/u).filter((token) => token !== '');
}
