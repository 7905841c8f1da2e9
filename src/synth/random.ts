// Seeded random numbers for every generator in synth: xoshiro128** seeded through splitmix32. Integer arithmetic only
// inside the generator, so a seed gives the same sequence on every machine. Not for cryptography.
// Algorithms: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2018).

export interface Random {
  /** Uniform 32-bit unsigned integer. */
  u32(): number;
  /** Uniform in [0, 1). */
  unit(): number;
  /** Uniform in [low, high). */
  range(low: number, high: number): number;
  /** Uniform integer in [low, high], both included. */
  int(low: number, high: number): number;
  /** True with probability p. */
  chance(p: number): boolean;
  /** Approximately normal (sum of four uniforms), mean 0, standard deviation 1, within +-3.47. */
  normal(): number;
  /** One element; throws RangeError on an empty list. */
  pick<T>(items: readonly T[]): T;
  /** One element with probability proportional to its weight. */
  weighted<T>(items: readonly (readonly [T, number])[]): T;
  /** Independent generator for a named purpose; drawing from it does not move this one. */
  fork(purpose: number): Random;
}

function splitmix32(state: number): () => number {
  let s = state >>> 0;
  return () => {
    s = (s + 0x9e3779b9) >>> 0;
    let z = s;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
}

const rotl = (x: number, k: number): number => ((x << k) | (x >>> (32 - k))) >>> 0;

/** A generator from a seed; seeds are taken modulo 2^53 and both halves count. */
export function random(seed: number): Random {
  const low = seed >>> 0;
  const high = Math.floor(Math.abs(seed) / 4294967296) >>> 0;
  const mix = splitmix32((low ^ Math.imul(high, 0x27d4eb2f)) >>> 0);
  let a = mix();
  let b = mix();
  let c = mix();
  let d = mix() | 1;
  const root = [a, b, c, d] as const;
  const u32 = (): number => {
    const result = Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 11);
    return result;
  };
  const unit = (): number => u32() / 4294967296;
  const self: Random = {
    u32,
    unit,
    range: (lo, hi) => lo + (hi - lo) * unit(),
    int: (lo, hi) => lo + Math.floor(unit() * (hi - lo + 1)),
    chance: p => unit() < p,
    normal: () => (unit() + unit() + unit() + unit() - 2) * 1.7320508075688772,
    pick: items => {
      if (items.length === 0) throw new RangeError('pick from an empty list');
      return items[Math.floor(unit() * items.length)]!;
    },
    weighted: items => {
      let total = 0;
      for (const [, w] of items) total += w;
      let u = unit() * total;
      for (const [item, w] of items) {
        u -= w;
        if (u < 0) return item;
      }
      return items[items.length - 1]![0];
    },
    fork: purpose => random((root[0] ^ Math.imul(purpose + 1, 0x9e3779b1)) >>> 0),
  };
  return self;
}
