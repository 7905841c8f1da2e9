// Initial weights. Each parameter's numbers depend on (seed, name) alone, so that adding a layer does not change the others.

import type { Graph, Param } from './graph.ts';
import type { Tensor } from './runtime.ts';
import type { Weights } from './training.ts';
import { convertFloat, elementCount, tensorOf } from './tensor.ts';

/** Uniform numbers in [0, 1) from (seed, name): FNV-1a of the name, then mulberry32. */
export function namedRandom(seed: number, name: string): () => number {
  let h = (2166136261 ^ seed) >>> 0;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 16777619) >>> 0;
  let a = h;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A standard normal by Box-Muller, redrawn beyond two deviations. */
function truncatedNormal(random: () => number): number {
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    if (Math.abs(x) <= 2) return x;
  }
}

/** The initial tensor of one parameter. */
export function initTensor(param: Param, seed: number): Tensor {
  const { init, value } = param;
  const dtype = value.dtype;
  if (typeof init === 'object' && 'tensor' in init) {
    const same = convertFloat(init.tensor, dtype === 'float64' ? 'float64' : 'float32');
    return { ...same, dims: value.shape };
  }
  const n = elementCount(value.shape);
  if (init === 'zeros') return tensorOf(dtype, value.shape);
  if (init === 'ones') return tensorOf(dtype, value.shape, new Float64Array(n).fill(1));
  const random = namedRandom(seed, value.name);
  const draw = 'normal' in init ? () => truncatedNormal(random) * init.normal : () => (2 * random() - 1) * init.uniform;
  return tensorOf(dtype, value.shape, Float64Array.from({ length: n }, draw));
}

/** Initial weights of every parameter of `g`, keeping those that `known` already holds. */
export function initWeights(g: Graph, seed: number, known?: Weights): Weights {
  const weights: Weights = new Map(known);
  for (const [name, param] of g.params) if (!weights.has(name)) weights.set(name, initTensor(param, seed));
  return weights;
}
