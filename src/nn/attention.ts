// Scaled dot-product attention (Vaswani et al. 2017) over heads that are already split. The scale is applied to the queries,
// which are smaller than the scores. Its gradient comes from the rules of MatMul and Softmax (see onnx/vjp/reduce.ts).

import type { Graph, Value } from '../onnx/graph.ts';
import { add, matMul, mul, softmax, split, transpose } from '../onnx/ops.ts';
import { joinHeads, linear, splitHeads } from './layers.ts';

/** Additive stand-in for minus infinity; finite, so that a row without any allowed key gives no NaN. */
export const MASKED = -1e9;

/** q [B, H, T, D], k and v [B, H, S, D], mask additive and broadcastable to [B, H, T, S]; returns [B, H, T, D] and the weights. */
export function attend(g: Graph, q: Value, k: Value, v: Value, mask?: Value): { out: Value; weights: Value } {
  const width = q.shape[q.shape.length - 1]!;
  const scores = matMul(g, mul(g, q, 1 / Math.sqrt(width)), transpose(g, k, [0, 1, 3, 2]));
  const weights = softmax(g, mask ? add(g, scores, mask) : scores);
  return { out: matMul(g, weights, v), weights };
}

/** Multi-head self-attention with one projection `qkv` and an output projection `proj`, as in timm's ViT: [B, T, d] -> [B, T, d]. */
export function selfAttention(g: Graph, name: string, x: Value, heads: number, mask?: Value): Value {
  const width = x.shape[2]!;
  return g.scope(name, () => {
    const qkv = linear(g, 'qkv', x, 3 * width);
    const [q, k, v] = split(g, qkv, 2, [width, width, width]) as [Value, Value, Value];
    const { out, weights } = attend(g, splitHeads(g, q, heads), splitHeads(g, k, heads), splitHeads(g, v, heads), mask);
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
