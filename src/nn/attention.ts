// Scaled dot-product attention (Vaswani et al. 2017) over heads that are already split, with its gradient written out: the
// row sums of dP * P are those of dO * O (Dao et al. 2022, "FlashAttention", appendix B), and keys get theirs without a
// transposition. Scales follow the products they scale, where ONNX Runtime's CPU provider folds them into the product.

import type { Graph, Value } from '../onnx/graph.ts';
import { add, matMul, mul, softmax, split, sub, sum, transpose } from '../onnx/ops.ts';
import { joinHeads, linear, splitHeads } from './layers.ts';

/** Additive stand-in for minus infinity; finite, so that a row without any allowed key gives no NaN. */
export const MASKED = -1e9;

/**
 * q [B, H, T, D], k and v [B, H, S, D], mask additive and broadcastable to [B, H, T, S]; returns [B, H, T, D] and the weights.
 * The mask gets no gradient.
 */
export function attend(g: Graph, q: Value, k: Value, v: Value, mask?: Value): { out: Value; weights: Value } {
  const scale = 1 / Math.sqrt(q.shape[q.shape.length - 1]!);
  const swap = (h: Graph, x: Value): Value => transpose(h, x, [0, 1, 3, 2]);
  const scores = mul(g, matMul(g, q, swap(g, k)), scale);
  const weights = softmax(g, mask ? add(g, scores, mask) : scores);
  const o = matMul(g, weights, v);
  const out = g.custom(o, [q, k, v], (h, dy) => {
    const slope = mul(h, weights, sub(h, matMul(h, dy, swap(h, v)), sum(h, mul(h, dy, o), [-1], true)));
    return [mul(h, matMul(h, slope, k), scale), mul(h, matMul(h, swap(h, slope), q), scale), matMul(h, swap(h, weights), dy)];
  });
  return { out, weights };
}

/** Multi-head self-attention with one projection `qkv` and an output projection `proj`, as in timm's ViT: [B, T, d] -> [B, T, d]. */
export function selfAttention(g: Graph, name: string, x: Value, heads: number, mask?: Value): Value {
  const [batch, length, width] = x.shape as [number, number, number];
  const head = width / heads;
  return g.scope(name, () => {
    const qkv = g.op('Reshape', [linear(g, 'qkv', x, 3 * width), g.ints([batch < 0 ? 0 : batch, length, 3, heads, head])]);
    // one transposition brings the three to the front, where they are cut without moving
    const parts = split(g, transpose(g, qkv, [2, 0, 3, 1, 4]), 0, [1, 1, 1]);
    const [q, k, v] = parts.map((p) => g.op('Squeeze', [p, g.ints([0])])) as [Value, Value, Value];
    const { out, weights } = attend(g, q, k, v, mask);
    g.tap('weights', weights);
    return linear(g, 'proj', joinHeads(g, out), width);
  });
}

/** Multi-head cross-attention: queries [B, T, d] read keys and values of `context` [B, S, c]. */
export function crossAttention(g: Graph, name: string, x: Value, context: Value, heads: number, mask?: Value): Value {
  const width = x.shape[2]!;
  return g.scope(name, () => {
    const q = splitHeads(g, linear(g, 'q_proj', x, width), heads);
    const k = splitHeads(g, linear(g, 'k_proj', context, width), heads);
    const v = splitHeads(g, linear(g, 'v_proj', context, width), heads);
    const { out, weights } = attend(g, q, k, v, mask);
    g.tap('weights', weights);
    return linear(g, 'out_proj', joinHeads(g, out), width);
  });
}
