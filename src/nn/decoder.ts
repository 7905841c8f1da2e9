// Decoding graphs of the language model, on the parameters that the training graph declares. `decoderGraph` has the inputs
// and outputs of transformers.js and Optimum, so that others can run it. `appendDecoderGraph` is what we run: its cache is
// fed with room to spare and only the rows of new tokens leave the graph, because fetching whole caches makes a token at 1000
// past ones 2.5 times as dear as at 16.

import { RoomError } from '../protocol/error.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import { add, cast, concat, gather, greater, matMul, mean, mul, slice, softmax, sub, transpose, where } from '../onnx/ops.ts';
import { tensorOf } from '../onnx/tensor.ts';
import { attend, MASKED } from './attention.ts';
import type { CausalLmConfig } from './config.ts';
import { decoderStack, embedTokens, lmHead, lmShape, ropeTable } from './lm.ts';

/** Rows of cosines and sines at `positions` [..., T] (int64): [..., T, D/2]. */
function ropeAt(g: Graph, c: CausalLmConfig, positions: Value): { cos: Value; sin: Value } {
  const table = ropeTable(c, c.maxPositions);
  const half = lmShape(c).headWidth / 2;
  const rows = (values: Float32Array, name: string): Value => gather(g, g.constant(tensorOf(g.dtype, [c.maxPositions, half], values), name), positions);
  return { cos: rows(table.cos, 'rope_cos'), sin: rows(table.sin, 'rope_sin') };
}

/** input_ids [batch, length] -> inputs_embeds. */
export function embedGraph(c: CausalLmConfig): Graph {
  const g = new Graph({ name: 'embed_tokens' });
  const ids = g.input('input_ids', 'int64', [g.symbol('batch_size'), g.symbol('sequence_length')]);
  g.output('inputs_embeds', embedTokens(g, c, ids));
  return g;
}

/**
 * Additive mask [B, 1, T, S]: a query sees keys that are not padding and not after it.
 * Keys are counted along `attention_mask` [B, S]; the queries are its last T.
 */
function decodingMask(g: Graph, attention: Value, embeds: Value, past: number): Value {
  const [batch, length] = embeds.shape as [number, number, number];
  const kept = cast(g, attention, g.dtype);
  const ones = add(g, mul(g, kept, 0), 1);
  const keyIndex = g.op('CumSum', [ones, g.scalar(1, 'int64')]);
  const count = g.node('Shape', [embeds], { start: 1, end: 2 })[0]!;
  const from = g.op('Neg', [count]);
  const queryIndex = g.typed('Slice', [keyIndex, from, g.ints([2 ** 40]), g.ints([1])], {}, { dtype: g.dtype, shape: [batch, length] });
  const unsqueeze = (x: Value, axes: number[]): Value => g.op('Unsqueeze', [x, g.ints(axes)]);
  const later = greater(g, unsqueeze(keyIndex, [1, 2]), unsqueeze(queryIndex, [1, 3]));
  const padding = unsqueeze(mul(g, sub(g, kept, 1), -MASKED), [1, 2]);
  const mask = add(g, where(g, later, MASKED, 0), padding);
  return { ...mask, shape: [batch, 1, length, past] };
}

/**
 * The decoder in the Hugging Face layout: inputs_embeds [B, T, d], attention_mask [B, P + T], position_ids [B, T],
 * past_key_values.N.key/value [B, KV, P, D] -> logits [B, T, V], present.N.key/value [B, KV, P + T, D].
 */
export function decoderGraph(c: CausalLmConfig): Graph {
  const g = new Graph({ name: 'decoder' });
  const { heads, kvHeads, headWidth } = lmShape(c);
  const [batch, length, past, total] = ['batch_size', 'sequence_length', 'past_sequence_length', 'total_sequence_length'].map((s) => g.symbol(s)) as [number, number, number, number];
  const embeds = g.input('inputs_embeds', 'float32', [batch, length, c.hiddenSize]);
  const attention = g.input('attention_mask', 'int64', [batch, total]);
  const positions = g.input('position_ids', 'int64', [batch, length]);
  const cache = Array.from({ length: c.numLayers }, (_, i) => ['key', 'value'].map((kind) => g.input(`past_key_values.${i}.${kind}`, 'float32', [batch, kvHeads, past, headWidth])) as [Value, Value]);
  const { cos, sin } = ropeAt(g, c, g.op('Unsqueeze', [positions, g.ints([1])]));
  const mask = decodingMask(g, attention, embeds, total);
  const present: [Value, Value][] = [];
  const rep = heads / kvHeads;
  const { hidden } = decoderStack(g, c, embeds, cos, sin, (layer, q, k, v) => {
    const [pastK, pastV] = cache[layer]!;
    const keys = { ...concat(g, [pastK, k], 2), shape: [batch, kvHeads, total, headWidth] };
    const values = { ...concat(g, [pastV, v], 2), shape: [batch, kvHeads, total, headWidth] };
    present.push([keys, values]);
    if (rep === 1) return attend(g, q, keys, values, mask).out;
    // queries of one key-value head side by side: [B, KV, rep, T, D] against [B, KV, 1, S, D]
    const grouped = g.typed('Reshape', [q, g.ints([0, kvHeads, rep, -1, headWidth])], {}, { dtype: g.dtype, shape: [batch, kvHeads, rep, length, headWidth] });
    const one = (x: Value): Value => g.op('Unsqueeze', [x, g.ints([2])]);
    const scores = matMul(g, mul(g, grouped, 1 / Math.sqrt(headWidth)), transpose(g, one(keys), [0, 1, 2, 4, 3]));
    const out = matMul(g, softmax(g, add(g, scores, one(mask))), one(values));
    return g.typed('Reshape', [out, g.ints([0, heads, -1, headWidth])], {}, { dtype: g.dtype, shape: [batch, heads, length, headWidth] });
  });
  g.output('logits', lmHead(g, c, hidden));
  present.forEach(([k, v], i) => {
    g.output(`present.${i}.key`, k);
    g.output(`present.${i}.value`, v);
  });
  return g;
}

/**
 * The decoder with an append-only cache, batch 1: inputs_embeds [1, T, d], position_ids [1, T] (consecutive),
 * past_key_values.N.key/value [KV, R, D] -> logits [1, T, V], present.N.key/value [KV, T, D], to be written behind the past.
 * Of the R rows those before the first position are the past, the others are ignored. R is at least 1, also for an empty
 * past: ONNX Runtime 1.30 ends the process on a batched MatMul over nothing. Past and new rows are attended apart, since
 * joining them would copy the whole cache, and each head's rows lie together, which halves the time to read them.
 * With `lastOnly` the logits are those of the last token, [1, 1, V]. `hidden` [1, T, d] is the state before the output matrix.
 */
export function appendDecoderGraph(c: CausalLmConfig, options: { lastOnly?: boolean } = {}): Graph {
  const g = new Graph({ name: 'decoder_append' });
  const { heads, kvHeads, headWidth } = lmShape(c);
  const rep = heads / kvHeads;
  const [length, past] = ['sequence_length', 'past_sequence_length'].map((s) => g.symbol(s)) as [number, number];
  const embeds = g.input('inputs_embeds', 'float32', [1, length, c.hiddenSize]);
  const positions = g.input('position_ids', 'int64', [1, length]);
  const cache = Array.from({ length: c.numLayers }, (_, i) => ['key', 'value'].map((kind) => g.input(`past_key_values.${i}.${kind}`, 'float32', [kvHeads, past, headWidth])) as [Value, Value]);
  const { cos, sin } = ropeAt(g, c, positions);
  const rows = rep === 1 ? length : g.symbol('grouped_length');
  const as = (x: Value, target: number[] | Value, shape: number[]): Value => g.typed('Reshape', [x, Array.isArray(target) ? g.ints(target) : target], {}, { dtype: g.dtype, shape });
  const masks = appendMasks(g, cache[0]![0], positions);
  const fedRows = g.node('Shape', [cache[0]![0]], { start: 1, end: 2 })[0]!;
  const grouped = concat(g, [g.ints([kvHeads, -1]), g.node('Shape', [embeds], { start: 1, end: 2 })[0]!], 0);
  const fresh: [Value, Value][] = [];
  const { hidden } = decoderStack(g, c, embeds, cos, sin, (layer, q, k, v) => {
    const [pastK, pastV] = cache[layer]!;
    const [newK, newV] = [k, v].map((x) => g.op('Squeeze', [x, g.ints([0])])) as [Value, Value];
    fresh.push([newK, newV]);
    // all queries of one key-value head as rows: [KV, rep T, D]
    const queries = as(mul(g, q, 1 / Math.sqrt(headWidth)), [kvHeads, -1, headWidth], [kvHeads, rows, headWidth]);
    const onPast = add(g, matMul(g, queries, transpose(g, pastK, [0, 2, 1])), masks.past);
    const among = matMul(g, queries, transpose(g, newK, [0, 2, 1]));
    const onNew = rep === 1 ? add(g, among, masks.fresh) : as(add(g, as(among, [heads, -1, 0], [heads, length, length]), masks.fresh), grouped, [kvHeads, rows, length]);
    const weights = softmax(g, concat(g, [onPast, onNew], 2));
    const part = (from: Value, to: Value, size: number): Value => g.typed('Slice', [weights, from, to, g.ints([2])], {}, { dtype: g.dtype, shape: [kvHeads, rows, size] });
    const fromPast = matMul(g, part(g.ints([0]), fedRows, past), pastV);
    const fromNew = matMul(g, part(fedRows, g.ints([2 ** 40]), length), newV);
    return as(add(g, fromPast, fromNew), [1, heads, -1, headWidth], [1, heads, length, headWidth]);
  });
  const last = options.lastOnly ? g.typed('Slice', [hidden, g.ints([-1]), g.ints([2 ** 40]), g.ints([1])], {}, { dtype: g.dtype, shape: [1, 1, c.hiddenSize] }) : hidden;
  g.output('logits', lmHead(g, c, last));
  g.output('hidden', hidden);
  fresh.forEach(([k, v], i) => {
    g.output(`present.${i}.key`, k);
    g.output(`present.${i}.value`, v);
  });
  return g;
}

/**
 * Whole sequences at once, for scoring texts and reading attention: inputs_embeds [B, T, d] -> logits [B, T, V] and
 * attention [B, T, T], the mean over layers and heads (row = query). Causal, positions 0 .. T-1, no padding.
 */
export function scorerGraph(c: CausalLmConfig): Graph {
  const g = new Graph({ name: 'scorer' });
  const { heads, kvHeads } = lmShape(c);
  if (heads !== kvHeads) throw new RoomError('unsupported', `A scorer for ${heads} heads on ${kvHeads} key-value heads is not written.`, 'Use as many key-value heads as heads.');
  const [batch, length] = ['batch_size', 'sequence_length'].map((s) => g.symbol(s)) as [number, number];
  const embeds = g.input('inputs_embeds', 'float32', [batch, length, c.hiddenSize]);
  const count = g.op('Squeeze', [g.node('Shape', [embeds], { start: 1, end: 2 })[0]!, g.ints([0])]);
  const range = g.typed('Range', [g.scalar(0, 'int64'), count, g.scalar(1, 'int64')], {}, { dtype: 'int64', shape: [length] });
  const { cos, sin } = ropeAt(g, c, range);
  const at = cast(g, range, g.dtype);
  const unsqueeze = (x: Value, axis: number): Value => g.op('Unsqueeze', [x, g.ints([axis])]);
  const mask = where(g, greater(g, unsqueeze(at, 0), unsqueeze(at, 1)), MASKED, 0);
  const maps: Value[] = [];
  const { hidden } = decoderStack(g, c, embeds, cos, sin, (_, q, k, v) => {
    const { out, weights } = attend(g, q, k, v, mask);
    maps.push(mean(g, weights, [1], false));
    return out;
  });
  g.output('logits', lmHead(g, c, hidden));
  g.output('attention', mul(g, maps.reduce((a, b) => add(g, a, b)), 1 / c.numLayers));
  return g;
}

/** Additive masks: [R] over the fed rows, closed from the first position on, and [T, T] among the new tokens, causal. */
function appendMasks(g: Graph, pastKeys: Value, positions: Value): { past: Value; fresh: Value } {
  const at = cast(g, positions, g.dtype); // [1, T]
  const count = g.op('Squeeze', [g.node('Shape', [pastKeys], { start: 1, end: 2 })[0]!, g.ints([0])]);
  const range = g.typed('Range', [g.scalar(0, 'int64'), count, g.scalar(1, 'int64')], {}, { dtype: 'int64', shape: [pastKeys.shape[1]!] });
  const first = g.op('Squeeze', [slice(g, at, 1, 0, 1), g.ints([0])]); // [1]
  const past = where(g, greater(g, add(g, cast(g, range, g.dtype), 0.5), first), MASKED, 0);
  const fresh = where(g, greater(g, at, g.op('Transpose', [at], { perm: [1, 0] })), MASKED, 0);
  return { past, fresh };
}
