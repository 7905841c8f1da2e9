// Character and word error rate: edit distance (insertions, deletions, substitutions at cost 1) over the length of the
// reference; lower is better, 0 is equal, more than 1 is possible. Over a corpus, edits and lengths are summed first.

/** Levenshtein distance of two sequences; O(nm) time, O(m) memory. */
export function editDistance<T>(a: readonly T[], b: readonly T[]): number {
  let row = Uint32Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = new Uint32Array(b.length + 1);
    next[0] = i;
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}

export interface TextPair {
  hypothesis: string;
  reference: string;
}

function rate(pairs: readonly TextPair[], split: (text: string) => string[]): number {
  let edits = 0;
  let length = 0;
  for (const { hypothesis, reference } of pairs) {
    const parts = split(reference);
    edits += editDistance(split(hypothesis), parts);
    length += parts.length;
  }
  if (length === 0) return edits > 0 ? 1 : 0;
  return edits / length;
}

/** CER over Unicode code points of NFC text. With empty references: 0 for empty hypotheses, else 1. */
export function characterErrorRate(pairs: readonly TextPair[]): number {
  return rate(pairs, (text) => Array.from(text.normalize('NFC')));
}

/** WER over words divided by white space. With empty references: 0 for empty hypotheses, else 1. */
export function wordErrorRate(pairs: readonly TextPair[]): number {
  return rate(pairs, (text) => text.normalize('NFC').split(/\s+/u).filter((word) => word !== ''));
}
