// CIDEr and CIDEr-D (Vedantam et al. 2015): mean over n = 1..4 of the cosine between tf-idf vectors of n-grams, times 10,
// averaged over references; idf from the references of the whole corpus, so a score means nothing outside its corpus.
// CIDEr-D clips the hypothesis' weights and multiplies by exp(-d^2 / (2 * 6^2)) for a length difference of d bigrams;
// it is what coco-caption prints as "CIDEr". Higher is better; identical texts give 10 (CIDEr-D) where idf is not zero.

import { ngramCounts, type Tokens } from './ngrams.ts';

const ORDER = 4;
const SIGMA = 6;

interface Vector {
  weights: Map<string, number>[];
  norms: number[];
  bigrams: number;
}

export interface CiderPair {
  hypothesis: Tokens;
  references: readonly Tokens[];
}

/** Scores of each pair and their mean. */
export function cider(pairs: readonly CiderPair[], variant: 'cider' | 'cider-d' = 'cider-d'): { score: number; each: number[] } {
  const frequency = new Map<string, number>();
  for (const { references } of pairs) {
    const seen = new Set<string>();
    for (const reference of references) for (let n = 1; n <= ORDER; n++) for (const gram of ngramCounts(reference, n).keys()) seen.add(gram);
    for (const gram of seen) frequency.set(gram, (frequency.get(gram) ?? 0) + 1);
  }
  const logCount = Math.log(pairs.length);
  const vector = (tokens: Tokens): Vector => {
    const weights: Map<string, number>[] = [];
    const norms: number[] = [];
    for (let n = 1; n <= ORDER; n++) {
      const map = new Map<string, number>();
      let square = 0;
      for (const [gram, count] of ngramCounts(tokens, n)) {
        const weight = count * (logCount - Math.log(Math.max(1, frequency.get(gram) ?? 0)));
        map.set(gram, weight);
        square += weight * weight;
      }
      weights.push(map);
      norms.push(Math.sqrt(square));
    }
    return { weights, norms, bigrams: Math.max(0, tokens.length - 1) };
  };
  const similarity = (hypothesis: Vector, reference: Vector): number => {
    let sum = 0;
    for (let n = 0; n < ORDER; n++) {
      const norm = hypothesis.norms[n]! * reference.norms[n]!;
      if (norm === 0) continue;
      let dot = 0;
      for (const [gram, weight] of hypothesis.weights[n]!) {
        const other = reference.weights[n]!.get(gram) ?? 0;
        dot += (variant === 'cider-d' ? Math.min(weight, other) : weight) * other;
      }
      sum += dot / norm;
    }
    const difference = hypothesis.bigrams - reference.bigrams;
    return variant === 'cider-d' ? sum * Math.exp(-(difference ** 2) / (2 * SIGMA ** 2)) : sum;
  };
  const each = pairs.map(({ hypothesis, references }) => {
    if (references.length === 0) throw new RangeError('CIDEr needs at least one reference per hypothesis');
    const own = vector(hypothesis);
    let sum = 0;
    for (const reference of references) sum += similarity(own, vector(reference));
    return (10 * sum) / ORDER / references.length;
  });
  return { score: each.reduce((a, b) => a + b, 0) / Math.max(1, each.length), each };
}
