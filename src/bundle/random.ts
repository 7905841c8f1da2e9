// Seeded choice, so that random regions (the null of every link) are the same in every reading of the same scan.

/** mulberry32 (Tommy Ettinger, public domain): uniform numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** `count` different elements of `from`, in ascending order of their position. */
export function choose(from: readonly number[], count: number, random: () => number): number[] {
  const pool = [...from];
  const chosen: number[] = [];
  while (chosen.length < count && pool.length > 0) {
    const at = Math.floor(random() * pool.length);
    chosen.push(pool[at]!);
    pool[at] = pool[pool.length - 1]!;
    pool.pop();
  }
  return chosen.sort((a, b) => a - b);
}
