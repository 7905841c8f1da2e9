// Gradient rules of ops that move numbers without changing them: reshaping, cutting, joining, looking up, padding.

import { RoomError } from '../../protocol/error.ts';
import type { Value } from '../graph.ts';
import { concat, pad, reshape, slice, split, transpose } from '../ops.ts';
import { intAttr, intsAttr } from '../attributes.ts';
import { axisOf, sliceRanges } from '../shape.ts';
import { dy, input, sumTo, type Vjp, type VjpContext } from './context.ts';

const restore: Vjp = (c) => [reshape(c.g, dy(c), input(c, 0).shape)];

function zeros(c: VjpContext, like: Value): Value {
  return c.g.op('Expand', [c.g.scalar(0, like.dtype), c.g.ints(like.shape)]);
}

function known(c: VjpContext, i: number): number[] | undefined {
  const v = c.inputs[i];
  return v ? c.g.knownInts(v.name) : undefined;
}

/** Adds `updates` into zeros of x's shape at `indices` along an axis (indices have the updates' shape). */
function scatterAdd(c: VjpContext, x: Value, indices: Value, updates: Value, axis: number): Value {
  return c.g.op('ScatterElements', [zeros(c, x), indices, updates], { axis, reduction: 'add' });
}

export const LAYOUT: Readonly<Record<string, Vjp>> = {
  Reshape: restore,
  Flatten: restore,
  Squeeze: restore,
  Unsqueeze: restore,
  Transpose: (c) => {
    const rank = input(c, 0).shape.length;
    const perm = intsAttr(c.node.attributes, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
    return [transpose(c.g, dy(c), Array.from({ length: rank }, (_, i) => perm.indexOf(i)))];
  },
  Expand: (c) => [sumTo(c.g, dy(c), input(c, 0).shape)],
  Split: (c) => {
    const axis = axisOf(intAttr(c.node.attributes, 'axis', 0), input(c, 0).shape.length, c.node.name);
    return [concat(c.g, c.dys.map((d, i) => d ?? zeros(c, c.outputs[i]!)), axis)];
  },
  Concat: (c) => {
    const axis = axisOf(intAttr(c.node.attributes, 'axis', 0), input(c, 0).shape.length, c.node.name);
    return split(c.g, dy(c), axis, c.inputs.map((_, i) => input(c, i).shape[axis]!));
  },
  Slice: (c) => {
    const { g } = c;
    const x = input(c, 0);
    const starts = known(c, 1) ?? [];
    const ranges = sliceRanges(x.shape, starts, known(c, 2) ?? [], known(c, 3), known(c, 4));
    let d = dy(c);
    for (const { axis, start, step, length } of ranges) {
      if (step < 0) throw new RoomError('unsupported', `Slice (node ${c.node.name}) with step ${step} has no gradient rule.`, 'Use a positive step.');
      const size = x.shape[axis]!;
      if (step > 1) {
        // spread: put step - 1 zeros behind every element
        const apart = [...d.shape.slice(0, axis + 1), 1, ...d.shape.slice(axis + 1)];
        const after = apart.map((_, i) => (i === axis + 1 ? step - 1 : 0));
        const spread = pad(g, reshape(g, d, apart), apart.map(() => 0), after);
        d = reshape(g, spread, d.shape.map((n, i) => (i === axis ? n * step : n)));
        if (start + length * step > size) d = slice(g, d, axis, 0, size - start);
      }
      const before = d.shape.map((_, i) => (i === axis ? start : 0));
      const after = d.shape.map((n, i) => (i === axis ? size - start - n : 0));
      if (before[axis] || after[axis]) d = pad(g, d, before, after);
    }
    return [d];
  },
  Pad: (c) => {
    const { g, node } = c;
    const x = input(c, 0);
    const mode = node.attributes['mode'] ?? 'constant';
    if (mode !== 'constant') throw new RoomError('unsupported', `Pad (node ${node.name}) in mode ${String(mode)} has no gradient rule.`, 'Use constant padding.');
    const pads = known(c, 1) ?? [];
    const axes = known(c, 3) ?? x.shape.map((_, i) => i);
    let d = dy(c);
    axes.forEach((a, i) => {
      const axis = axisOf(a, x.shape.length, node.name);
      if (pads[i] || pads[i + axes.length]) d = slice(g, d, axis, pads[i]!, pads[i]! + x.shape[axis]!);
    });
    return [d];
  },
  Gather: (c) => {
    const { g } = c;
    const x = input(c, 0);
    const indices = input(c, 1);
    const axis = axisOf(intAttr(c.node.attributes, 'axis', 0), x.shape.length, c.node.name);
    const count = indices.shape.reduce((p, d) => p * d, 1);
    const flat = x.shape.map((d, i) => (i === axis ? count : d));
    const at = reshape(g, indices, x.shape.map((_, i) => (i === axis ? count : 1)));
    return [scatterAdd(c, x, g.op('Expand', [at, g.ints(flat)]), reshape(g, dy(c), flat), axis), undefined];
  },
  GatherElements: (c) => {
    const x = input(c, 0);
    return [scatterAdd(c, x, input(c, 1), dy(c), axisOf(intAttr(c.node.attributes, 'axis', 0), x.shape.length, c.node.name)), undefined];
  },
  Trilu: (c) => [c.g.op('Trilu', [dy(c), c.inputs[1]], c.node.attributes)],
  CumSum: (c) => [c.g.op('CumSum', [dy(c), c.inputs[1]], { ...c.node.attributes, reverse: 1 - intAttr(c.node.attributes, 'reverse', 0) })],
};
