// Retrieval: share of queries whose right item is among the K most similar. In 0..1, higher is better.

/** Recall@K of a similarity matrix of queries x items (row-major, any scale, higher is more similar). The right item of
 *  query q is targets[q], by default item q. Ties count against the query, so constant similarities do not look good. */
export function recallAtK(similarity: ArrayLike<number>, queries: number, items: number, k: number, targets?: readonly number[]): number {
  if (similarity.length !== queries * items) throw new RangeError(`recall@K got ${similarity.length} similarities for ${queries} x ${items}`);
  let hits = 0;
  for (let q = 0; q < queries; q++) {
    const target = targets?.[q] ?? q;
    const own = similarity[q * items + target]!;
    let ahead = 0;
    for (let i = 0; i < items; i++) if (i !== target && similarity[q * items + i]! >= own) ahead++;
    if (ahead < k) hits++;
  }
  return queries > 0 ? hits / queries : 0;
}
