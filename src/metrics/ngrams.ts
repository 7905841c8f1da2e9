// Counting of n-grams, shared by the text metrics. Tokens are joined by U+0001, which no tokeniser here leaves in a token.

export type Tokens = readonly string[];

/** Counts of the n-grams of one order. */
export function ngramCounts(tokens: Tokens, n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = tokens.slice(i, i + n).join('\u0001');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** Sum over n-grams of min(count in a, count in b). */
export function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [gram, count] of a) sum += Math.min(count, b.get(gram) ?? 0);
  return sum;
}

/** Splits on white space. */
export function words(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}
