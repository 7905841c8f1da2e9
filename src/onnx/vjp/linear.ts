// Gradient rules of products: MatMul, Gemm, Conv. Products of a batch with one matrix run as one 2-D Gemm.

import { RoomError } from '../../protocol/error.ts';
import type { Graph, Value } from '../graph.ts';
import { concat, gemm, matMul, mul, reshape, slice, split, sum, transpose } from '../ops.ts';
import { floatAttr, intAttr, intsAttr, stringAttr } from '../attributes.ts';
import { dy, input, sumTo, type Vjp, type VjpContext } from './context.ts';

const swap = (g: Graph, x: Value): Value => {
  const n = x.shape.length;
  return transpose(g, x, x.shape.map((_, i) => (i === n - 1 ? n - 2 : i === n - 2 ? n - 1 : i)));
};

const rows = (g: Graph, x: Value): Value => {
  const last = x.shape[x.shape.length - 1]!;
  return reshape(g, x, [x.shape.slice(0, -1).reduce((p, d) => p * d, 1), last]);
};

function matMulVjp(c: VjpContext): (Value | undefined)[] {
  const { g, needs } = c;
  const [a, b] = [input(c, 0), input(c, 1)];
  const d = dy(c);
  if (a.shape.length === 1 || b.shape.length === 1) {
    const am = a.shape.length === 1 ? reshape(g, a, [1, a.shape[0]!]) : a;
    const bm = b.shape.length === 1 ? reshape(g, b, [b.shape[0]!, 1]) : b;
    const batch = (am.shape.length > bm.shape.length ? am : bm).shape.slice(0, -2);
    const dm = reshape(g, d, [...batch, am.shape[am.shape.length - 2]!, bm.shape[bm.shape.length - 1]!]);
    return [
      needs[0] ? reshape(g, sumTo(g, matMul(g, dm, swap(g, bm)), am.shape), a.shape) : undefined,
      needs[1] ? reshape(g, sumTo(g, matMul(g, swap(g, am), dm), bm.shape), b.shape) : undefined,
    ];
  }
  if (b.shape.length === 2) {
    const d2 = rows(g, d);
    return [
      needs[0] ? reshape(g, gemm(g, d2, b, undefined, { transB: true }), a.shape) : undefined,
      needs[1] ? gemm(g, rows(g, a), d2, undefined, { transA: true }) : undefined,
    ];
  }
  return [
    needs[0] ? sumTo(g, matMul(g, d, swap(g, b)), a.shape) : undefined,
    needs[1] ? sumTo(g, matMul(g, swap(g, a), d), b.shape) : undefined,
  ];
}

function gemmVjp(c: VjpContext): (Value | undefined)[] {
  const { g, needs, node } = c;
  const [a, b] = [input(c, 0), input(c, 1)];
  const ta = intAttr(node.attributes, 'transA', 0) === 1;
  const tb = intAttr(node.attributes, 'transB', 0) === 1;
  const alpha = floatAttr(node.attributes, 'alpha', 1);
  const beta = floatAttr(node.attributes, 'beta', 1);
  const full = dy(c);
  const d = alpha === 1 ? full : mul(g, full, alpha);
  const bias = c.inputs[2];
  return [
    needs[0] ? (ta ? gemm(g, b, d, undefined, { transA: tb, transB: true }) : gemm(g, d, b, undefined, { transB: !tb })) : undefined,
    needs[1] ? (tb ? gemm(g, d, a, undefined, { transA: true, transB: ta }) : gemm(g, a, d, undefined, { transA: !ta })) : undefined,
    bias && needs[2] ? sumTo(g, beta === 1 ? full : mul(g, full, beta), bias.shape) : undefined,
  ];
}

interface ConvShape {
  strides: readonly number[];
  dilations: readonly number[];
  pads: readonly number[];
}

/** Gradients of an ungrouped convolution: dx by transposed convolution, dw by convolving x with dy as the kernel. */
function convGrads(c: VjpContext, x: Value, w: Value, d: Value, s: ConvShape): (Value | undefined)[] {
  const { g, needs } = c;
  const n = w.shape.length - 2;
  const kernel = w.shape.slice(2);
  const axes = kernel.map((_, i) => i);
  const swapFirst = [1, 0, ...axes.map((i) => i + 2)];
  let dx: Value | undefined;
  if (needs[0]) {
    const extra = axes.map((i) => x.shape[i + 2]! + s.pads[i]! + s.pads[i + n]! - (s.strides[i]! * (d.shape[i + 2]! - 1) + s.dilations[i]! * (kernel[i]! - 1) + 1));
    dx = g.op('ConvTranspose', [d, w], { kernel_shape: [...kernel], strides: [...s.strides], dilations: [...s.dilations], pads: [...s.pads], output_padding: extra });
  }
  let dw: Value | undefined;
  if (needs[1]) {
    const xt = transpose(g, x, swapFirst);
    const dt = transpose(g, d, swapFirst);
    let full = g.op('Conv', [xt, dt], { kernel_shape: [...d.shape.slice(2)], strides: [...s.dilations], dilations: [...s.strides], pads: [...s.pads], group: 1 });
    for (const i of axes) if (full.shape[i + 2]! !== kernel[i]) full = slice(g, full, i + 2, 0, kernel[i]!);
    dw = transpose(g, full, swapFirst);
  }
  return [dx, dw];
}

function convVjp(c: VjpContext): (Value | undefined)[] {
  const { g, node, needs } = c;
  const [x, w] = [input(c, 0), input(c, 1)];
  const d = dy(c);
  const spatial = w.shape.slice(2);
  if (stringAttr(node.attributes, 'auto_pad', 'NOTSET') !== 'NOTSET')
    throw new RoomError('unsupported', `Conv (node ${node.name}) with auto_pad has no gradient rule.`, 'Export the model with explicit pads.');
  const shape: ConvShape = {
    strides: intsAttr(node.attributes, 'strides') ?? spatial.map(() => 1),
    dilations: intsAttr(node.attributes, 'dilations') ?? spatial.map(() => 1),
    pads: intsAttr(node.attributes, 'pads') ?? spatial.flatMap(() => [0, 0]),
  };
  const group = intAttr(node.attributes, 'group', 1);
  const db = c.inputs[2] && needs[2] ? sum(g, d, d.shape.flatMap((_, i) => (i === 1 ? [] : [i]))) : undefined;
  if (group === 1) return [...convGrads(c, x, w, d, shape), db];
  const parts = (v: Value, axis: number): Value[] => split(g, v, axis, Array(group).fill(v.shape[axis]! / group));
  const [xs, ws, ds] = [parts(x, 1), parts(w, 0), parts(d, 1)];
  const grads = xs.map((xi, i) => convGrads(c, xi, ws[i]!, ds[i]!, shape));
  const join = (k: number, axis: number): Value | undefined => (needs[k] ? concat(g, grads.map((p) => p[k]!), axis) : undefined);
  return [join(0, 1), join(1, 0), db];
}

export const LINEAR: Readonly<Record<string, Vjp>> = { MatMul: matMulVjp, Gemm: gemmVjp, Conv: convVjp };
