// The baseline reader: a 3D vision transformer, average pooling and an MLP projector, a causal language model. It is what
// the papers' models are compared with. Each part is one function that emits into whatever graph is being built, so the
// training graph and the shipped stages share parameters by name.
//   pixels [B, C, D, H, W] -> encoder [B, S, e] -> projector [B, N, d] -> [<s>, N visual tokens, text] -> logits
// Patches are embedded in two steps (small cells, then patches), because thresholds on Hounsfield units are not linear and
// one matrix over a whole patch cannot set them.

import type { Graph, Value } from '../../onnx/graph.ts';
import { add, concat, expand, gelu, mean, reshape, slice, transpose } from '../../onnx/ops.ts';
import { tensorOf } from '../../onnx/tensor.ts';
import { crossAttention } from '../../nn/attention.ts';
import type { CausalLmConfig } from '../../nn/config.ts';
import { layerNorm, linear, mlp } from '../../nn/layers.ts';
import { causalLm, embedTokens, lmHead } from '../../nn/lm.ts';
import { bceWithLogits, crossEntropy } from '../../nn/loss.ts';
import { block, patchify, sinCosPositions } from '../../nn/vit.ts';
import { HEAD_TARGETS, PATCH_LABELS } from './targets.ts';

export interface BaselineModelConfig {
  /** [D, H, W] voxels of the input. */
  image: [number, number, number];
  channels: number;
  /** [D, H, W] voxels of a patch, whole numbers of cells. */
  patch: [number, number, number];
  cell: [number, number, number];
  cellWidth: number;
  width: number;
  depth: number;
  heads: number;
  /** Patches per visual token, [D, H, W]. */
  pool: [number, number, number];
  lm: CausalLmConfig;
}

/** Patches per axis, [D, H, W]. */
export const patchCounts = (c: BaselineModelConfig): [number, number, number] => c.image.map((n, a) => n / c.patch[a]!) as [number, number, number];

/** Visual tokens per axis, [D, H, W]. */
export const tokenCounts = (c: BaselineModelConfig): [number, number, number] => patchCounts(c).map((n, a) => n / c.pool[a]!) as [number, number, number];

/** About half the root mean square of the trained content. */
const PLACE_STD = 2;

const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);

/** pixels [B, C, D, H, W] -> tokens [B, S, width], S in (D, H, W) order. Taps: blocks.N, tokens. */
export function encoder(g: Graph, c: BaselineModelConfig, pixels: Value): Value {
  return g.scope('encoder', () => {
    const batch = pixels.shape[0]!;
    const count = product(patchCounts(c));
    let x = add(g, patchEmbedding(g, c, pixels), positions(g, c, count));
    for (let n = 0; n < c.depth; n++) x = g.tap(`blocks.${n}`, block(g, `blocks.${n}`, x, c.heads, 4 * c.width));
    return g.tap('tokens', reshape(g, layerNorm(g, 'norm', x), [batch, count, c.width]));
  });
}

function patchEmbedding(g: Graph, c: BaselineModelConfig, pixels: Value): Value {
  const batch = pixels.shape[0]!;
  const count = product(patchCounts(c));
  const cells = c.patch.map((n, a) => n / c.cell[a]!);
  return g.scope('patch_embed', () => {
    const rows = reshape(g, patchify(g, pixels, c.patch), [batch * count, c.channels, ...c.patch.flatMap((_, a) => [cells[a]!, c.cell[a]!])]);
    // [n, C, cd, d, ch, h, cw, w] -> [n, cd, ch, cw, C, d, h, w]
    const apart = reshape(g, transpose(g, rows, [0, 2, 4, 6, 1, 3, 5, 7]), [batch * count * product(cells), c.channels * product(c.cell)]);
    const small = gelu(g, linear(g, 'cell', apart, c.cellWidth, { init: { normal: 1 / Math.sqrt(c.channels * product(c.cell)) } }), 'tanh');
    const joined = reshape(g, small, [batch, count, product(cells) * c.cellWidth]);
    return linear(g, 'proj', joined, c.width, { init: { normal: 1 / Math.sqrt(product(cells) * c.cellWidth) } });
  });
}

function positions(g: Graph, c: BaselineModelConfig, count: number): Value {
  const start = sinCosPositions(patchCounts(c), c.width).map((x) => 0.5 * x);
  return g.param('pos_embed', [1, count, c.width], { tensor: tensorOf('float32', [1, count, c.width], start) }, { decay: false });
}

/**
 * tokens [B, S, width] -> visual tokens [B, N, lm.hiddenSize]: mean over `pool` patches, a two-layer MLP, and a learnt
 * embedding of the place on each axis. Without it the language model names findings and guesses their side: from a position
 * in the sequence alone it does not learn that every seventh token is a column of the grid.
 */
export function projector(g: Graph, c: BaselineModelConfig, tokens: Value): Value {
  return g.scope('projector', () => {
    const batch = tokens.shape[0]!;
    const [pd, ph, pw] = c.pool;
    const [nd, nh, nw] = tokenCounts(c);
    const apart = reshape(g, tokens, [batch, nd, pd, nh, ph, nw, pw, c.width]);
    const pooled = reshape(g, mean(g, apart, [2, 4, 6], false), [batch, nd * nh * nw, c.width]);
    const content = mlp(g, 'mlp', pooled, 2 * c.lm.hiddenSize, c.lm.hiddenSize, 'gelu_tanh');
    const axis = (name: string, shape: readonly number[]) => g.param(name, [...shape, c.lm.hiddenSize], { normal: PLACE_STD }, { decay: false });
    const place = add(g, add(g, axis('place_k', [1, nd, 1, 1]), axis('place_j', [1, 1, nh, 1])), axis('place_i', [1, 1, 1, nw]));
    return add(g, content, reshape(g, place, [1, nd * nh * nw, c.lm.hiddenSize]));
  });
}

/** Dense losses on encoder tokens: what each patch holds, and what the head shows through one attention-pooled query. */
export function denseLoss(g: Graph, c: BaselineModelConfig, tokens: Value, patches: Value, head: Value): { patch: Value; head: Value } {
  return g.scope('dense', () => {
    const batch = tokens.shape[0]!;
    const patch = bceWithLogits(g, linear(g, 'patch', tokens, PATCH_LABELS.length), patches, { positive: 3 });
    const query = expand(g, g.param('query', [1, 1, c.width], { normal: 0.02 }), [batch, 1, c.width]);
    const pooled = layerNorm(g, 'norm', crossAttention(g, 'pool', query, tokens, c.heads));
    const logits = linear(g, 'head', reshape(g, pooled, [batch, c.width]), HEAD_TARGETS);
    return { patch, head: bceWithLogits(g, logits, head, { positive: 2 }) };
  });
}

/**
 * Next-token loss on the text.
 * @param ids [B, T] int32: <s>, text, </s>, padding
 * @param labels [B, T] int32: the token that follows each position, -100 where none is learnt
 * @param weights [B, T] weight of each label
 */
export function textLoss(g: Graph, c: BaselineModelConfig, visual: Value, ids: Value, labels: Value, weights: Value): Value {
  const [batch, length] = ids.shape as [number, number];
  const count = visual.shape[1]!;
  const embeds = embedTokens(g, c.lm, ids);
  const first = slice(g, embeds, 1, 0, 1);
  const rest = slice(g, embeds, 1, 1, length);
  const { hidden } = causalLm(g, c.lm, concat(g, [first, visual, rest], 1));
  // The last visual token predicts the first word: it stands where <s> would.
  const text = slice(g, hidden, 1, count, count + length);
  return crossEntropy(g, lmHead(g, c.lm, reshape(g, text, [batch * length, c.lm.hiddenSize])), reshape(g, labels, [batch * length]), {
    weights: reshape(g, weights, [batch * length]),
  });
}
