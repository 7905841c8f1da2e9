// METEOR (Banerjee and Lavie 2005) with the parameters and the matching of NLTK: words are aligned by equality, then by
// equal Porter stem, from the end of the hypothesis; F = P R / (alpha P + (1 - alpha) R) with alpha 0.9, penalty
// 0.5 (chunks / matches)^3. No synonym stage, so scores are at most NLTK's with WordNet; not METEOR 1.5. In 0..1, higher
// is better.

import type { Tokens } from './ngrams.ts';
import { porterStem } from './porter.ts';

const ALPHA = 0.9;
const BETA = 3;
const GAMMA = 0.5;

type Word = readonly [index: number, form: string];

/** Takes pairs of equal form out of both lists, hypothesis from its end, and adds them to `pairs`. */
function align(hypothesis: Word[], reference: Word[], pairs: [number, number][]): void {
  for (let i = hypothesis.length - 1; i >= 0; i--) {
    for (let j = reference.length - 1; j >= 0; j--) {
      if (hypothesis[i]![1] !== reference[j]![1]) continue;
      pairs.push([hypothesis[i]![0], reference[j]![0]]);
      hypothesis.splice(i, 1);
      reference.splice(j, 1);
      break;
    }
  }
}

function single(hypothesis: Tokens, reference: Tokens): number {
  const forms = (tokens: Tokens): Word[] => tokens.map((token, i) => [i, token.toLowerCase()]);
  let left = forms(hypothesis);
  let right = forms(reference);
  const pairs: [number, number][] = [];
  align(left, right, pairs);
  const stems = (words: readonly Word[]): Word[] => words.map(([i, form]) => [i, porterStem(form)]);
  left = stems(left);
  right = stems(right);
  align(left, right, pairs);
  if (pairs.length === 0) return 0;
  pairs.sort((a, b) => a[0] - b[0]);
  let chunks = 1;
  for (let i = 1; i < pairs.length; i++) {
    const [a, b] = [pairs[i - 1]!, pairs[i]!];
    if (b[0] !== a[0] + 1 || b[1] !== a[1] + 1) chunks++;
  }
  const precision = pairs.length / hypothesis.length;
  const recall = pairs.length / reference.length;
  const f = (precision * recall) / (ALPHA * precision + (1 - ALPHA) * recall);
  return (1 - GAMMA * (chunks / pairs.length) ** BETA) * f;
}

/** METEOR of a hypothesis: the best over its references. */
export function meteor(hypothesis: Tokens, references: readonly Tokens[]): number {
  return Math.max(0, ...references.map((reference) => single(hypothesis, reference)));
}
