// Gradient rules of reductions, softmax, normalisation and pooling.
//
// Softmax uses that rowsum(dP * P) = rowsum(dO * O) when O = P V is the only use of P (Dao et al. 2022, "FlashAttention",
// appendix B): the sum then runs over head width instead of sequence length.

import { RoomError } from '../../protocol/error.ts';
import type { Graph, Value } from '../graph.ts';
import { add, cast, div, equal, mean, mul, neg, reciprocal, reshape, sqrt, sub, sum } from '../ops.ts';
import { floatAttr, intAttr, intsAttr } from '../attributes.ts';
import { axisOf } from '../shape.ts';
import { dy, input, output, sumTo, type Vjp, type VjpContext } from './context.ts';

/** The reduced value or its gradient with reduced axes kept as 1, ready to broadcast against the input. */
function kept(c: VjpContext, v: Value): Value {
  const x = input(c, 0);
  if (v.shape.length === x.shape.length) return v;
  const given = c.inputs[1] ? c.g.knownInts(c.inputs[1].name) : intsAttr(c.node.attributes, 'axes');
  const all = !given || given.length === 0;
  const axes = new Set((given ?? []).map((a) => axisOf(a, x.shape.length, c.node.name)));
  return reshape(c.g, v, x.shape.map((d, i) => (all || axes.has(i) ? 1 : d)));
}

function spread(c: VjpContext, d: Value): Value {
  const { g } = c;
  const x = input(c, 0);
  return d.shape.join() === x.shape.join() ? d : g.op('Expand', [d, g.ints(x.shape)]);
}

const count = (v: Value): number => v.shape.reduce((p, d) => p * d, 1);

/** Sum of dP * P per row, kept dims. */
function rowSum(c: VjpContext, p: Value, d: Value, axis: number): Value {
  const { g } = c;
  const uses = c.uses(p);
  const use = uses.length === 1 ? uses[0]! : undefined;
  if (use && use.node.op === 'MatMul' && use.index === 0 && axis === p.shape.length - 1 && p.shape.length > 1) {
    const o = g.get(use.node.outputs[0]!);
    const grad = c.gradOf(o);
    const small = o.shape[o.shape.length - 1]! <= p.shape[axis]!;
    if (grad && small && o.shape.slice(0, -1).join() === p.shape.slice(0, -1).join()) return sum(g, mul(g, grad, o), [-1], true);
  }
  return sum(g, mul(g, d, p), [axis], true);
}

function layerNormVjp(c: VjpContext): (Value | undefined)[] {
  const { g, node, needs } = c;
  const [x, w] = [input(c, 0), input(c, 1)];
  const d = dy(c);
  const rank = x.shape.length;
  const axis = axisOf(intAttr(node.attributes, 'axis', -1), rank, node.name);
  const axes = x.shape.flatMap((_, i) => (i >= axis ? [i] : []));
  const [mu, inv] = statistics(c, x, axes);
  const xhat = mul(g, sub(g, x, mu), inv);
  let dx: Value | undefined;
  if (needs[0]) {
    const dw = mul(g, d, w);
    const centred = sub(g, dw, mean(g, dw, axes, true));
    dx = mul(g, sub(g, centred, mul(g, xhat, mean(g, mul(g, dw, xhat), axes, true))), inv);
  }
  const bias = c.inputs[2];
  return [dx, needs[1] ? sumTo(g, mul(g, d, xhat), w.shape) : undefined, bias && needs[2] ? sumTo(g, d, bias.shape) : undefined];
}

/** Mean and 1 / standard deviation: the node's own outputs in float32 (asked for here), computed afresh in float64. */
function statistics(c: VjpContext, x: Value, axes: readonly number[]): [Value, Value] {
  const { g, node } = c;
  if (x.dtype !== 'float32') {
    const mu = mean(g, x, axes, true);
    const centred = sub(g, x, mu);
    const variance = mean(g, mul(g, centred, centred), axes, true);
    return [mu, reciprocal(g, sqrt(g, add(g, variance, floatAttr(node.attributes, 'epsilon', 1e-5))))];
  }
  const shape = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
  for (const i of [1, 2]) if (!node.outputs[i]) node.outputs[i] = g.declare({ name: g.fresh(i === 1 ? 'mean' : 'invStdDev'), dtype: 'float32', shape }).name;
  return [g.get(node.outputs[1]!), g.get(node.outputs[2]!)];
}

function averagePoolVjp(c: VjpContext): (Value | undefined)[] {
  const { g, node } = c;
  const x = input(c, 0);
  const kernel = intsAttr(node.attributes, 'kernel_shape') ?? [];
  const strides = intsAttr(node.attributes, 'strides') ?? kernel.map(() => 1);
  const pads = intsAttr(node.attributes, 'pads') ?? [];
  const tiles = kernel.every((k, i) => k === strides[i] && x.shape[i + 2]! % k === 0) && pads.every((p) => p === 0);
  if (!tiles) throw new RoomError('unsupported', `AveragePool (node ${node.name}) with overlapping or padded windows has no gradient rule.`, 'Use windows that tile the input.');
  const d = div(g, dy(c), kernel.reduce((p, k) => p * k, 1));
  const [batch, channels] = [x.shape[0]!, x.shape[1]!];
  const cells = d.shape.slice(2);
  const apart = reshape(g, d, [batch, channels, ...cells.flatMap((n) => [n, 1])]);
  return [reshape(g, g.op('Expand', [apart, g.ints([batch, channels, ...cells.flatMap((n, i) => [n, kernel[i]!])])]), x.shape)];
}

/** The largest (or smallest) elements get the gradient; ties share it. */
const extremum: Vjp = (c) => {
  const { g } = c;
  const x = input(c, 0);
  const y = kept(c, output(c));
  const hit = cast(g, equal(g, x, y), x.dtype);
  const axes = x.shape.flatMap((d, i) => (y.shape[i] === 1 && d !== 1 ? [i] : []));
  return [mul(g, hit, div(g, kept(c, dy(c)), sum(g, hit, axes, true)))];
};

const scaled = (g: Graph, d: Value, by: number): Value => (by === 1 ? d : mul(g, d, by));

export const REDUCE: Readonly<Record<string, Vjp>> = {
  ReduceSum: (c) => [spread(c, kept(c, dy(c)))],
  ReduceMean: (c) => [spread(c, scaled(c.g, kept(c, dy(c)), count(output(c)) / count(input(c, 0))))],
  ReduceSumSquare: (c) => [mul(c.g, input(c, 0), mul(c.g, kept(c, dy(c)), 2))],
  ReduceL2: (c) => [mul(c.g, input(c, 0), div(c.g, kept(c, dy(c)), kept(c, output(c))))],
  ReduceMax: extremum,
  ReduceMin: extremum,
  Softmax: (c) => {
    const { g } = c;
    const p = output(c);
    const d = dy(c);
    const axis = axisOf(intAttr(c.node.attributes, 'axis', -1), p.shape.length, c.node.name);
    return [mul(g, p, sub(g, d, rowSum(c, p, d, axis)))];
  },
  LogSoftmax: (c) => {
    const { g } = c;
    const y = output(c);
    const axis = axisOf(intAttr(c.node.attributes, 'axis', -1), y.shape.length, c.node.name);
    return [add(g, dy(c), neg(g, mul(g, g.op('Exp', [y]), sum(g, dy(c), [axis], true))))];
  },
  LayerNormalization: layerNormVjp,
  AveragePool: averagePoolVjp,
  GlobalAveragePool: (c) => [spread(c, div(c.g, dy(c), count(input(c, 0)) / count(output(c))))],
};
