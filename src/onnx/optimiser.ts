// AdamW as graph nodes: gradients and state in, new weights and state out. Update rule of Loshchilov & Hutter 2019
// (Algorithm 2) with bias correction, in the order of operations that PyTorch uses; clipping by global norm before it.

import type { Graph, Value } from './graph.ts';
import { add, div, exp, mul, sqrt, sub, sumSquare } from './ops.ts';
import type { AdamWOptions } from './training.ts';

export const ADAMW: Required<AdamWOptions> = { beta1: 0.9, beta2: 0.98, eps: 1e-8, weightDecay: 0.05, clipNorm: 1 };

export interface Slot {
  weight: Value;
  grad: Value;
  m: Value;
  v: Value;
  decay: boolean;
  lrScale: number;
}

/** Global L2 norm of the gradients, and the factor min(1, clipNorm / (norm + 1e-6)) to scale them with. */
export function clipFactor(g: Graph, grads: readonly Value[], clipNorm: number): { norm: Value; factor?: Value } {
  const norm = sqrt(g, grads.map((d) => sumSquare(g, d)).reduce((a, b) => add(g, a, b)));
  if (clipNorm <= 0) return { norm };
  return { norm, factor: g.op('Min', [g.scalar(1), div(g, g.scalar(clipNorm), add(g, norm, 1e-6))]) };
}

/**
 * One AdamW step. `lr` and `step` (1 for the first step) are scalars in the graph's type; `factor` scales all gradients.
 * Returns new weight, m and v per slot.
 */
export function adamW(g: Graph, slots: readonly Slot[], lr: Value, step: Value, factor: Value | undefined, options: AdamWOptions = {}): { weight: Value; m: Value; v: Value }[] {
  const { beta1, beta2, eps, weightDecay } = { ...ADAMW, ...options };
  // 1 - beta^step
  const correction = (beta: number): Value => sub(g, 1, exp(g, mul(g, step, Math.log(beta))));
  const rate = div(g, lr, correction(beta1));
  const rootCorrection = sqrt(g, correction(beta2));
  return slots.map((s) => {
    const grad = factor ? mul(g, s.grad, factor) : s.grad;
    const m = add(g, mul(g, s.m, beta1), mul(g, grad, 1 - beta1));
    const v = add(g, mul(g, s.v, beta2), mul(g, mul(g, grad, grad), 1 - beta2));
    const scaledLr = s.lrScale === 1 ? lr : mul(g, lr, s.lrScale);
    const scaledRate = s.lrScale === 1 ? rate : mul(g, rate, s.lrScale);
    const decayed = s.decay && weightDecay > 0 ? mul(g, s.weight, sub(g, 1, mul(g, scaledLr, weightDecay))) : s.weight;
    const denominator = add(g, div(g, sqrt(g, v), rootCorrection), eps);
    return { weight: sub(g, decayed, mul(g, div(g, m, denominator), scaledRate)), m, v };
  });
}
