// A Llama-like causal language model (Touvron et al. 2023): RMSNorm, rotary positions (Su et al. 2021), grouped-query
// attention, SwiGLU. Parameter names are Hugging Face's (`model.layers.N.self_attn.q_proj.weight`), so a trained model is a
// `llama` config. The layers take the attention over past tokens as a function; training and decoding graphs share the rest.

import { RoomError } from '../protocol/error.ts';
import type { Graph, Value } from '../onnx/graph.ts';
import { add, concat, mul, reshape, split, sub } from '../onnx/ops.ts';
import { tensorOf } from '../onnx/tensor.ts';
import { attend, MASKED } from './attention.ts';
import type { CausalLmConfig } from './config.ts';
import { embedding, joinHeads, linear, product, rmsNorm, silu, splitHeads } from './layers.ts';

export interface LmShape {
  heads: number;
  kvHeads: number;
  headWidth: number;
  eps: number;
  theta: number;
  tied: boolean;
}

/** The config with its defaults, checked. */
export function lmShape(c: CausalLmConfig): LmShape {
  const kvHeads = c.numKeyValueHeads ?? c.numHeads;
  const headWidth = c.hiddenSize / c.numHeads;
  if (!Number.isInteger(headWidth) || headWidth % 2 !== 0 || c.numHeads % kvHeads !== 0)
    throw new RoomError('invalid', `A hidden size of ${c.hiddenSize} with ${c.numHeads} heads and ${kvHeads} key-value heads is impossible.`, 'hiddenSize / numHeads must be even, and numHeads a multiple of numKeyValueHeads.');
  return { heads: c.numHeads, kvHeads, headWidth, eps: c.rmsNormEps ?? 1e-6, theta: c.ropeTheta ?? 10000, tied: c.tieEmbeddings ?? true };
}

/** Cosines and sines of positions `from` .. `from` + count: two arrays [count, headWidth / 2]. */
export function ropeTable(c: CausalLmConfig, count: number): { cos: Float32Array; sin: Float32Array } {
  const { headWidth, theta } = lmShape(c);
  const half = headWidth / 2;
  const cos = new Float32Array(count * half);
  const sin = new Float32Array(count * half);
  for (let t = 0; t < count; t++)
    for (let k = 0; k < half; k++) {
      const angle = t / theta ** (k / half);
      cos[t * half + k] = Math.cos(angle);
      sin[t * half + k] = Math.sin(angle);
    }
  return { cos, sin };
}

/** Rotates pairs (x_k, x_{k + D/2}) of x [..., T, D] by angles whose cosines and sines broadcast to [..., T, D/2]. */
export function rotate(g: Graph, x: Value, cos: Value, sin: Value): Value {
  const turn = (h: Graph, z: Value, back: boolean): Value => {
    const half = z.shape[z.shape.length - 1]! / 2;
    const [a, b] = split(h, z, z.shape.length - 1, [half, half]) as [Value, Value];
    const [ac, bs, bc, as] = [mul(h, a, cos), mul(h, b, sin), mul(h, b, cos), mul(h, a, sin)];
    return concat(h, back ? [add(h, ac, bs), sub(h, bc, as)] : [sub(h, ac, bs), add(h, bc, as)], z.shape.length - 1);
  };
  return g.custom(turn(g, x, false), [x], (h, dy) => [turn(h, dy, true)]);
}

/** Repeats key-value heads: [B, KV, S, D] -> [B, H, S, D]. */
function repeatHeads(g: Graph, x: Value, times: number): Value {
  if (times === 1) return x;
  const [b, kv, s, d] = x.shape as [number, number, number, number];
  return reshape(g, g.op('Expand', [reshape(g, x, [b, kv, 1, s, d]), g.ints([b, kv, times, s, d])]), [b, kv * times, s, d]);
}

/** Attention of one layer: rotated queries [B, H, T, D], rotated new keys and new values [B, KV, T, D] -> [B, H, T, D]. */
export type Attend = (layer: number, q: Value, k: Value, v: Value) => Value;

/** One decoder layer: x [B, T, d] -> [B, T, d]. */
export function decoderLayer(g: Graph, c: CausalLmConfig, layer: number, x: Value, cos: Value, sin: Value, attention: Attend): Value {
  const { heads, kvHeads, headWidth, eps } = lmShape(c);
  const init = { normal: 0.02 * Math.sqrt(768 / Math.max(c.hiddenSize, 64)) };
  const last = { normal: init.normal / Math.sqrt(2 * c.numLayers) };
  const plain = { bias: false, init };
  return g.scope(String(layer), () => {
    const normed = rmsNorm(g, 'input_layernorm', x, eps);
    const attended = g.scope('self_attn', () => {
      const q = rotate(g, splitHeads(g, linear(g, 'q_proj', normed, heads * headWidth, plain), heads), cos, sin);
      const k = rotate(g, splitHeads(g, linear(g, 'k_proj', normed, kvHeads * headWidth, plain), kvHeads), cos, sin);
      const v = splitHeads(g, linear(g, 'v_proj', normed, kvHeads * headWidth, plain), kvHeads);
      return linear(g, 'o_proj', joinHeads(g, attention(layer, q, k, v)), c.hiddenSize, { bias: false, init: last });
    });
    const a = add(g, x, attended);
    const normed2 = rmsNorm(g, 'post_attention_layernorm', a, eps);
    const fed = g.scope('mlp', () => {
      const gate = linear(g, 'gate_proj', normed2, c.intermediateSize, plain);
      const up = linear(g, 'up_proj', normed2, c.intermediateSize, plain);
      return linear(g, 'down_proj', mul(g, silu(g, gate), up), c.hiddenSize, { bias: false, init: last });
    });
    return g.tap('out', add(g, a, fed));
  });
}

/** All layers and the final norm: x [B, T, d] -> hidden [B, T, d] and each layer's output. */
export function decoderStack(g: Graph, c: CausalLmConfig, x: Value, cos: Value, sin: Value, attention: Attend, layers = c.numLayers): { hidden: Value; layers: Value[] } {
  return g.scope('model', () => {
    const outs: Value[] = [];
    let h = x;
    g.scope('layers', () => {
      for (let i = 0; i < layers; i++) outs.push((h = decoderLayer(g, c, i, h, cos, sin, attention)));
    });
    return { hidden: rmsNorm(g, 'norm', h, lmShape(c).eps), layers: outs };
  });
}

/** Rows of the embedding matrix: ids (int32 or int64) [B, T] -> [B, T, d]. */
export function embedTokens(g: Graph, c: CausalLmConfig, ids: Value): Value {
  return g.scope('model', () => embedding(g, 'embed_tokens', ids, c.vocabSize, c.hiddenSize));
}

/** hidden [..., d] -> logits [..., V]. */
export function lmHead(g: Graph, c: CausalLmConfig, hidden: Value): Value {
  const shape = [c.vocabSize, c.hiddenSize];
  const w = lmShape(c).tied
    ? g.scope('model.embed_tokens', () => g.param('weight', shape, { normal: 0.02 }, { decay: false }))
    : g.scope('lm_head', () => g.param('weight', shape, { normal: 0.02 }));
  return product(g, hidden, w);
}

/** Additive causal mask [1, 1, T, T]. */
export function causalMask(g: Graph, length: number): Value {
  const mask = new Float32Array(length * length);
  for (let i = 0; i < length; i++) mask.fill(MASKED, i * length + i + 1, (i + 1) * length);
  return g.constant(tensorOf(g.dtype, [1, 1, length, length], mask), g.fresh('causal_mask'));
}

/**
 * A whole sequence at once, for training: embeds [B, T, d] -> hidden [B, T, d] after the final norm, and each layer's output.
 * Positions are 0 .. T-1. `mask` [B, T] holds 1 for tokens and 0 for padding; sequences padded at the end need none.
 */
export function causalLm(g: Graph, c: CausalLmConfig, embeds: Value, options: { mask?: Value } = {}): { hidden: Value; layers: Value[] } {
  const [batch, length] = embeds.shape as [number, number, number];
  const { heads, kvHeads, headWidth } = lmShape(c);
  if (length > c.maxPositions) throw new RoomError('limit', `A sequence of ${length} exceeds the model's ${c.maxPositions} positions.`, 'Shorten the text or the visual tokens, or raise maxPositions.');
  const table = ropeTable(c, length);
  const cos = g.constant(tensorOf(g.dtype, [length, headWidth / 2], table.cos), g.fresh('rope_cos'));
  const sin = g.constant(tensorOf(g.dtype, [length, headWidth / 2], table.sin), g.fresh('rope_sin'));
  let mask = causalMask(g, length);
  if (options.mask) mask = add(g, mask, reshape(g, mul(g, sub(g, options.mask, 1), -MASKED), [batch, 1, 1, length]));
  return decoderStack(g, c, embeds, cos, sin, (_, q, k, v) => attend(g, q, repeatHeads(g, k, heads / kvHeads), repeatHeads(g, v, heads / kvHeads), mask).out);
}

/** The model as a Hugging Face `config.json`. */
export function huggingFaceConfig(c: CausalLmConfig, tokens: { bos?: number; eos?: number; pad?: number } = {}): Record<string, unknown> {
  const { kvHeads, headWidth, eps, theta, tied } = lmShape(c);
  return {
    architectures: ['LlamaForCausalLM'], model_type: 'llama', vocab_size: c.vocabSize, hidden_size: c.hiddenSize, intermediate_size: c.intermediateSize,
    num_hidden_layers: c.numLayers, num_attention_heads: c.numHeads, num_key_value_heads: kvHeads, head_dim: headWidth, max_position_embeddings: c.maxPositions,
    rope_theta: theta, rms_norm_eps: eps, hidden_act: 'silu', tie_word_embeddings: tied, attention_bias: false, mlp_bias: false,
    ...(tokens.bos === undefined ? {} : { bos_token_id: tokens.bos }), ...(tokens.eos === undefined ? {} : { eos_token_id: tokens.eos }), ...(tokens.pad === undefined ? {} : { pad_token_id: tokens.pad }),
  };
}
