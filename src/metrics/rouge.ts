// ROUGE-1, ROUGE-2 and ROUGE-L (Lin 2004) as precision, recall and F with equal weight, values of ROUGE-1.5.5 without
// stemming; and ROUGE-L as coco-caption defines it (beta 1.2, best precision and best recall over references). In 0..1,
// higher is better.

import { ngramCounts, overlap, type Tokens } from './ngrams.ts';

export interface Rouge {
  precision: number;
  recall: number;
  f: number;
}

function score(matched: number, hypothesis: number, reference: number): Rouge {
  const precision = hypothesis > 0 ? matched / hypothesis : 0;
  const recall = reference > 0 ? matched / reference : 0;
  return { precision, recall, f: precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0 };
}

/** Length of the longest common subsequence; O(nm) time, O(m) memory. */
export function lcsLength(a: Tokens, b: Tokens): number {
  let row = new Uint32Array(b.length + 1);
  for (const x of a) {
    const next = new Uint32Array(b.length + 1);
    for (let j = 1; j <= b.length; j++) next[j] = x === b[j - 1] ? row[j - 1]! + 1 : Math.max(row[j]!, next[j - 1]!);
    row = next;
  }
  return row[b.length]!;
}

/** ROUGE-n of one pair: clipped n-gram overlap. */
export function rougeN(hypothesis: Tokens, reference: Tokens, n: number): Rouge {
  const matched = overlap(ngramCounts(hypothesis, n), ngramCounts(reference, n));
  return score(matched, Math.max(0, hypothesis.length - n + 1), Math.max(0, reference.length - n + 1));
}

/** ROUGE-L of one pair: longest common subsequence over the whole text. */
export function rougeL(hypothesis: Tokens, reference: Tokens): Rouge {
  return score(lcsLength(hypothesis, reference), hypothesis.length, reference.length);
}

/** The best F over references of a ROUGE score. */
export function bestOf(scores: readonly Rouge[]): Rouge {
  return scores.reduce((best, next) => (next.f > best.f ? next : best), { precision: 0, recall: 0, f: 0 });
}

/** ROUGE-L of coco-caption: F with beta 1.2 of the best precision and the best recall over the references. */
export function rougeLCoco(hypothesis: Tokens, references: readonly Tokens[]): number {
  const scores = references.map((reference) => rougeL(hypothesis, reference));
  const precision = Math.max(0, ...scores.map((s) => s.precision));
  const recall = Math.max(0, ...scores.map((s) => s.recall));
  if (precision === 0 || recall === 0) return 0;
  return ((1 + 1.2 ** 2) * precision * recall) / (recall + 1.2 ** 2 * precision);
}

/** Tokens of ROUGE-1.5.5: lower case, split on everything but a-z and 0-9. */
export function tokeniseRouge(text: string): string[] {
  return text.toLowerCase().split(/[^a-z0-9]+/).filter((token) => token !== '');
}
