// Static shape and type inference, one rule per ONNX op: what the builder needs while a graph grows and what an imported
// graph needs before it can be differentiated. Follows the operator definitions of ONNX opset 11 to 20. Negative dims are
// symbols; where a result depends on a symbol in a way that is not tracked, it becomes a new anonymous symbol.

import { RoomError } from '../protocol/error.ts';
import { elementType, intAttr, intsAttr, stringAttr } from './attributes.ts';
import type { Graph, Node, Value } from './graph.ts';
import type { DType } from './runtime.ts';

export interface Typed {
  dtype: DType;
  shape: readonly number[];
}

export interface Rule {
  node: Node;
  inputs: readonly (Value | undefined)[];
  count: number;
  graph: Graph;
}

/** An axis of a tensor of rank `rank`, counted from the front. */
export function axisOf(axis: number, rank: number, what: string): number {
  const a = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(a) || a < 0 || a >= rank) throw new RoomError('invalid', `${what}: axis ${axis} does not exist in a tensor of rank ${rank}.`, 'Give an axis inside the rank.');
  return a;
}

function fail(r: Rule, problem: string): never {
  const shapes = r.inputs.map((v) => (v ? `${v.name} [${v.shape}]` : '-')).join(', ');
  throw new RoomError('invalid', `${r.node.op} ${r.node.name}: ${problem} (inputs: ${shapes}).`, 'Check the shapes that feed this operation.');
}

function input(r: Rule, i: number): Value {
  const v = r.inputs[i];
  if (!v) fail(r, `input ${i} is missing`);
  return v;
}

let anonymous = 0;
function unknown(g: Graph): number {
  return g.symbol(`unknown_${anonymous++}`);
}

/** NumPy broadcasting of two shapes. */
export function broadcast(a: readonly number[], b: readonly number[], g: Graph): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const out: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x === y || y === 1) out.push(x);
    else if (x === 1) out.push(y);
    else if (x < 0 && y < 0) out.push(unknown(g));
    else if (x < 0) out.push(y);
    else if (y < 0) out.push(x);
    else return undefined;
  }
  return out;
}

function broadcastAll(r: Rule, from = 0): number[] {
  let shape: readonly number[] = [];
  for (let i = from; i < r.inputs.length; i++) {
    const next = broadcast(shape, input(r, i).shape, r.graph);
    if (!next) fail(r, 'shapes do not broadcast');
    shape = next;
  }
  return [...shape];
}

function ints(r: Rule, i: number, attribute?: string): readonly number[] | undefined {
  const v = r.inputs[i];
  if (v) {
    const known = r.graph.knownInts(v.name);
    if (!known) throw new RoomError('unsupported', `${r.node.op} ${r.node.name}: input ${v.name} must be known before the graph runs.`, 'Fix the input sizes when the graph is exported, so that shapes become constants.');
    return known;
  }
  return attribute === undefined ? undefined : intsAttr(r.node.attributes, attribute);
}

const same = (r: Rule): Typed[] => [{ dtype: input(r, 0).dtype, shape: input(r, 0).shape }];
const elementwise = (r: Rule): Typed[] => [{ dtype: input(r, 0).dtype, shape: broadcastAll(r) }];
const logical = (r: Rule): Typed[] => [{ dtype: 'bool', shape: broadcastAll(r) }];

function reduce(r: Rule): Typed[] {
  const x = input(r, 0);
  const given = ints(r, 1, 'axes');
  const rank = x.shape.length;
  if ((!given || given.length === 0) && intAttr(r.node.attributes, 'noop_with_empty_axes', 0)) return same(r);
  const axes = new Set((given && given.length > 0 ? given : x.shape.map((_, i) => i)).map((a) => axisOf(a, rank, r.node.name)));
  const keep = intAttr(r.node.attributes, 'keepdims', 1) === 1;
  const shape = x.shape.flatMap((d, i) => (axes.has(i) ? (keep ? [1] : []) : [d]));
  return [{ dtype: x.dtype, shape }];
}

function matMulShape(r: Rule): number[] {
  const a = input(r, 0).shape;
  const b = input(r, 1).shape;
  if (a.length === 0 || b.length === 0) fail(r, 'MatMul needs rank 1 or more');
  const am = a.length === 1 ? [1, ...a] : a;
  const bm = b.length === 1 ? [...b, 1] : b;
  const k = am[am.length - 1]!;
  const k2 = bm[bm.length - 2]!;
  if (k !== k2 && k > 0 && k2 > 0) fail(r, `inner sizes ${k} and ${k2} differ`);
  const batch = broadcast(am.slice(0, -2), bm.slice(0, -2), r.graph);
  if (!batch) fail(r, 'batch dims do not broadcast');
  const tail = [...(a.length === 1 ? [] : [am[am.length - 2]!]), ...(b.length === 1 ? [] : [bm[bm.length - 1]!])];
  return [...batch, ...tail];
}

function gemm(r: Rule): Typed[] {
  const a = input(r, 0).shape;
  const b = input(r, 1).shape;
  if (a.length !== 2 || b.length !== 2) fail(r, 'Gemm needs matrices');
  const ta = intAttr(r.node.attributes, 'transA', 0);
  const tb = intAttr(r.node.attributes, 'transB', 0);
  const k = a[ta ? 0 : 1]!;
  const k2 = b[tb ? 1 : 0]!;
  if (k !== k2 && k > 0 && k2 > 0) fail(r, `inner sizes ${k} and ${k2} differ`);
  return [{ dtype: input(r, 0).dtype, shape: [a[ta ? 1 : 0]!, b[tb ? 0 : 1]!] }];
}

/** Dims of a Reshape target: 0 copies, -1 infers; symbols that appear on both sides cancel. */
export function reshapeDims(from: readonly number[], target: readonly number[], g: Graph, allowZero = false): number[] | undefined {
  const out = target.map((d, i) => (d === 0 && !allowZero ? (from[i] ?? NaN) : d));
  if (out.some(Number.isNaN)) return undefined;
  const hole = target.indexOf(-1);
  const left = from.filter((d) => d < 0);
  let known = 1;
  for (const d of from) if (d >= 0) known *= d;
  for (const [i, d] of out.entries()) {
    if (i === hole) continue;
    if (d < 0) {
      const at = left.indexOf(d);
      if (at < 0) return undefined;
      left.splice(at, 1);
    }
  }
  let rest = 1;
  for (const [i, d] of out.entries()) if (i !== hole && d >= 0) rest *= d;
  if (hole < 0) return left.length > 0 || rest === known ? out : undefined;
  if (left.length === 0) {
    if (rest === 0 ? known !== 0 : known % rest !== 0) return undefined;
    out[hole] = rest === 0 ? 0 : known / rest;
  } else out[hole] = left.length === 1 && rest === known ? left[0]! : unknown(g);
  return out;
}

function reshape(r: Rule): Typed[] {
  const x = input(r, 0);
  const target = ints(r, 1, 'shape');
  if (!target) fail(r, 'the target shape is missing');
  const shape = reshapeDims(x.shape, target, r.graph, intAttr(r.node.attributes, 'allowzero', 0) === 1);
  if (!shape) fail(r, `[${x.shape}] cannot become [${target}]`);
  return [{ dtype: x.dtype, shape }];
}

function split(r: Rule): Typed[] {
  const x = input(r, 0);
  const axis = axisOf(intAttr(r.node.attributes, 'axis', 0), x.shape.length, r.node.name);
  const parts = ints(r, 1, 'split');
  const n = parts?.length ?? r.count;
  const size = x.shape[axis]!;
  if (!parts && size < 0) fail(r, 'the split axis has no known size');
  const chunk = Math.ceil(size / n);
  const lengths = parts ?? Array.from({ length: n }, (_, i) => Math.min(chunk, size - i * chunk));
  if (size >= 0 && lengths.reduce((s, d) => s + d, 0) !== size) fail(r, `parts ${lengths} do not add up to ${size}`);
  return lengths.map((d) => ({ dtype: x.dtype, shape: x.shape.map((old, i) => (i === axis ? d : old)) }));
}

/** Start, end and step per axis of a Slice, clamped as ONNX does. */
export function sliceRanges(shape: readonly number[], starts: readonly number[], ends: readonly number[], axes?: readonly number[], steps?: readonly number[]): { axis: number; start: number; end: number; step: number; length: number }[] {
  return starts.map((s, i) => {
    const axis = axisOf(axes?.[i] ?? i, shape.length, 'Slice');
    const size = shape[axis]!;
    const step = steps?.[i] ?? 1;
    const wrap = (x: number): number => (x < 0 ? x + size : x);
    const clamp = (x: number, lo: number, hi: number): number => Math.min(Math.max(x, lo), hi);
    const start = step > 0 ? clamp(wrap(s), 0, size) : clamp(wrap(s), 0, size - 1);
    const e = ends[i] ?? size;
    const end = step > 0 ? clamp(wrap(e), 0, size) : clamp(wrap(e), -1, size - 1);
    return { axis, start, end, step, length: Math.max(0, Math.ceil((end - start) / step)) };
  });
}

function slice(r: Rule): Typed[] {
  const x = input(r, 0);
  const starts = ints(r, 1, 'starts');
  const ends = ints(r, 2, 'ends');
  if (!starts || !ends) fail(r, 'starts and ends are missing');
  const axes = ints(r, 3, 'axes');
  const steps = ints(r, 4);
  const shape = [...x.shape];
  starts.forEach((s, i) => {
    const axis = axisOf(axes?.[i] ?? i, shape.length, r.node.name);
    const size = shape[axis]!;
    if (size < 0) {
      const whole = s === 0 && (ends[i] ?? 0) >= 2 ** 31 - 1 && (steps?.[i] ?? 1) === 1;
      if (!whole) shape[axis] = unknown(r.graph);
    } else shape[axis] = sliceRanges(x.shape, [s], [ends[i]!], [axis], [steps?.[i] ?? 1])[0]!.length;
  });
  return [{ dtype: x.dtype, shape }];
}

function concat(r: Rule): Typed[] {
  const first = input(r, 0);
  const axis = axisOf(intAttr(r.node.attributes, 'axis', 0), first.shape.length, r.node.name);
  const shape = [...first.shape];
  for (let i = 1; i < r.inputs.length; i++) {
    const v = input(r, i);
    if (v.shape.length !== shape.length) fail(r, 'ranks differ');
    for (let k = 0; k < shape.length; k++) {
      const a = shape[k]!;
      const b = v.shape[k]!;
      if (k === axis) shape[k] = a < 0 || b < 0 ? (b === 0 ? a : a === 0 ? b : unknown(r.graph)) : a + b;
      else if (a !== b && a >= 0 && b >= 0) fail(r, `axis ${k} differs`);
      else if (a < 0 && b >= 0) shape[k] = b;
    }
  }
  return [{ dtype: first.dtype, shape }];
}

function pool(r: Rule, channels?: number): Typed[] {
  const x = input(r, 0);
  const a = r.node.attributes;
  const kernel = intsAttr(a, 'kernel_shape') ?? input(r, 1).shape.slice(2);
  const n = kernel.length;
  const strides = intsAttr(a, 'strides') ?? kernel.map(() => 1);
  const dilations = intsAttr(a, 'dilations') ?? kernel.map(() => 1);
  const pads = intsAttr(a, 'pads') ?? kernel.flatMap(() => [0, 0]);
  const auto = stringAttr(a, 'auto_pad', 'NOTSET');
  const ceil = intAttr(a, 'ceil_mode', 0) === 1;
  const spatial = kernel.map((k, i) => {
    const size = x.shape[i + 2]!;
    if (size < 0) return unknown(r.graph);
    if (auto.startsWith('SAME')) return Math.ceil(size / strides[i]!);
    const free = size + (auto === 'VALID' ? 0 : pads[i]! + pads[i + n]!) - (dilations[i]! * (k - 1) + 1);
    return (ceil ? Math.ceil : Math.floor)(free / strides[i]!) + 1;
  });
  return Array.from({ length: r.count }, (_, i) => ({ dtype: i === 1 && channels === undefined ? ('int64' as const) : x.dtype, shape: [x.shape[0]!, channels ?? x.shape[1]!, ...spatial] }));
}

function convTranspose(r: Rule): Typed[] {
  const x = input(r, 0);
  const w = input(r, 1);
  const a = r.node.attributes;
  const n = x.shape.length - 2;
  const one = Array.from({ length: n }, () => 1);
  const kernel = intsAttr(a, 'kernel_shape') ?? w.shape.slice(2);
  const strides = intsAttr(a, 'strides') ?? one;
  const dilations = intsAttr(a, 'dilations') ?? one;
  const pads = intsAttr(a, 'pads') ?? [...one, ...one].map(() => 0);
  const extra = intsAttr(a, 'output_padding') ?? one.map(() => 0);
  const spatial = intsAttr(a, 'output_shape') ?? kernel.map((k, i) => strides[i]! * (x.shape[i + 2]! - 1) + extra[i]! + (k - 1) * dilations[i]! + 1 - pads[i]! - pads[i + n]!);
  return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[1]! * intAttr(a, 'group', 1), ...spatial] }];
}

function gather(r: Rule): Typed[] {
  const x = input(r, 0);
  const axis = axisOf(intAttr(r.node.attributes, 'axis', 0), x.shape.length, r.node.name);
  return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...input(r, 1).shape, ...x.shape.slice(axis + 1)] }];
}

function pad(r: Rule): Typed[] {
  const x = input(r, 0);
  const pads = ints(r, 1, 'pads');
  if (!pads) fail(r, 'pads are missing');
  const axes = ints(r, 3) ?? x.shape.map((_, i) => i);
  const shape = [...x.shape];
  axes.forEach((axis, i) => {
    const k = axisOf(axis, shape.length, r.node.name);
    const add = pads[i]! + pads[i + axes.length]!;
    if (shape[k]! >= 0) shape[k]! += add;
    else if (add !== 0) shape[k] = unknown(r.graph);
  });
  return [{ dtype: x.dtype, shape }];
}

function layerNorm(r: Rule): Typed[] {
  const x = input(r, 0);
  const axis = axisOf(intAttr(r.node.attributes, 'axis', -1), x.shape.length, r.node.name);
  const stats = { dtype: 'float32' as const, shape: x.shape.map((d, i) => (i < axis ? d : 1)) };
  return [{ dtype: x.dtype, shape: x.shape }, stats, stats];
}

const RULES: Readonly<Record<string, (r: Rule) => Typed[]>> = {
  ...Object.fromEntries(['Identity', 'Neg', 'Abs', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Sigmoid', 'Tanh', 'Erf', 'Relu', 'LeakyRelu', 'Elu', 'Softplus', 'HardSigmoid', 'HardSwish', 'Gelu', 'Softmax', 'LogSoftmax', 'Floor', 'Ceil', 'Round', 'Sign', 'Sin', 'Cos', 'Not', 'Clip', 'Trilu', 'CumSum', 'ScatterElements', 'ScatterND', 'InstanceNormalization', 'GroupNormalization', 'Dropout', 'Pow', 'QuickGelu'].map((op) => [op, same])),
  ...Object.fromEntries(['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Sum', 'Mean', 'Mod', 'And', 'Or', 'Xor', 'PRelu'].map((op) => [op, elementwise])),
  ...Object.fromEntries(['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map((op) => [op, logical])),
  ...Object.fromEntries(['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceSumSquare', 'ReduceL2', 'ReduceL1', 'ReduceLogSumExp'].map((op) => [op, reduce])),
  Pow: (r) => [{ dtype: input(r, 0).dtype, shape: broadcastAll(r) }],
  IsNaN: (r) => [{ dtype: 'bool', shape: input(r, 0).shape }],
  Where: (r) => [{ dtype: input(r, 1).dtype, shape: broadcastAll(r) }],
  MatMul: (r) => [{ dtype: input(r, 0).dtype, shape: matMulShape(r) }],
  Gemm: gemm,
  Reshape: reshape,
  Flatten: (r) => {
    const x = input(r, 0);
    const axis = intAttr(r.node.attributes, 'axis', 1);
    const at = axis < 0 ? axis + x.shape.length : axis;
    const size = (dims: readonly number[]): number => (dims.some((d) => d < 0) ? unknown(r.graph) : dims.reduce((p, d) => p * d, 1));
    return [{ dtype: x.dtype, shape: [size(x.shape.slice(0, at)), size(x.shape.slice(at))] }];
  },
  Transpose: (r) => {
    const x = input(r, 0);
    const perm = intsAttr(r.node.attributes, 'perm') ?? x.shape.map((_, i) => x.shape.length - 1 - i);
    if (perm.length !== x.shape.length || new Set(perm).size !== perm.length) fail(r, `perm ${perm} does not permute the axes`);
    return [{ dtype: x.dtype, shape: perm.map((p) => x.shape[p] ?? fail(r, `perm ${perm} leaves the rank`)) }];
  },
  Split: split,
  Slice: slice,
  Concat: concat,
  Gather: gather,
  GatherElements: (r) => [{ dtype: input(r, 0).dtype, shape: input(r, 1).shape }],
  Expand: (r) => {
    const target = ints(r, 1);
    if (!target) fail(r, 'the target shape is missing');
    const shape = broadcast(input(r, 0).shape, target, r.graph);
    if (!shape) fail(r, `does not expand to [${target}]`);
    return [{ dtype: input(r, 0).dtype, shape }];
  },
  Tile: (r) => {
    const repeats = ints(r, 1) ?? [];
    return [{ dtype: input(r, 0).dtype, shape: input(r, 0).shape.map((d, i) => (d < 0 ? unknown(r.graph) : d * repeats[i]!)) }];
  },
  Pad: pad,
  Squeeze: (r) => {
    const x = input(r, 0);
    const given = ints(r, 1, 'axes');
    const axes = new Set(given ? given.map((a) => axisOf(a, x.shape.length, r.node.name)) : x.shape.flatMap((d, i) => (d === 1 ? [i] : [])));
    return [{ dtype: x.dtype, shape: x.shape.filter((_, i) => !axes.has(i)) }];
  },
  Unsqueeze: (r) => {
    const x = input(r, 0);
    const given = ints(r, 1, 'axes') ?? [];
    const rank = x.shape.length + given.length;
    const axes = new Set(given.map((a) => axisOf(a, rank, r.node.name)));
    const rest = [...x.shape];
    return [{ dtype: x.dtype, shape: Array.from({ length: rank }, (_, i) => (axes.has(i) ? 1 : rest.shift()!)) }];
  },
  Cast: (r) => [{ dtype: elementType(intAttr(r.node.attributes, 'to', 0), `Cast ${r.node.name}`), shape: input(r, 0).shape }],
  OneHot: (r) => {
    const indices = input(r, 0).shape;
    const depth = ints(r, 1)?.[0] ?? unknown(r.graph);
    const rank = indices.length + 1;
    const axis = axisOf(intAttr(r.node.attributes, 'axis', -1), rank, r.node.name);
    return [{ dtype: input(r, 2).dtype, shape: [...indices.slice(0, axis), depth, ...indices.slice(axis)] }];
  },
  Shape: (r) => {
    const rank = input(r, 0).shape.length;
    const at = (x: number): number => Math.min(rank, Math.max(0, x < 0 ? x + rank : x));
    return [{ dtype: 'int64', shape: [Math.max(0, at(intAttr(r.node.attributes, 'end', rank)) - at(intAttr(r.node.attributes, 'start', 0)))] }];
  },
  Size: () => [{ dtype: 'int64', shape: [] }],
  ConstantOfShape: (r) => {
    const value = r.node.attributes['value'];
    const dtype = typeof value === 'object' && 'tensor' in value ? value.tensor.dtype : 'float32';
    return [{ dtype, shape: [...(ints(r, 0) ?? [])] }];
  },
  Range: (r) => {
    const [start, limit, delta] = [ints(r, 0)?.[0], ints(r, 1)?.[0], ints(r, 2)?.[0]];
    if (start === undefined || limit === undefined || !delta) fail(r, 'start, limit and delta must be known');
    return [{ dtype: input(r, 0).dtype, shape: [Math.max(0, Math.ceil((limit - start) / delta))] }];
  },
  LayerNormalization: layerNorm,
  SimplifiedLayerNormalization: layerNorm,
  BatchNormalization: same,
  Conv: (r) => pool(r, input(r, 1).shape[0]!),
  ConvTranspose: convTranspose,
  AveragePool: (r) => pool(r),
  MaxPool: (r) => pool(r),
  GlobalAveragePool: (r) => [{ dtype: input(r, 0).dtype, shape: input(r, 0).shape.map((d, i) => (i < 2 ? d : 1)) }],
  ArgMax: (r) => [{ dtype: 'int64', shape: reduce({ ...r, inputs: [r.inputs[0]], node: { ...r.node, attributes: { ...r.node.attributes, axes: [intAttr(r.node.attributes, 'axis', 0)] } } })[0]!.shape }],
};

/** Ops whose shapes are known here. */
export const KNOWN_OPS: ReadonlySet<string> = new Set(Object.keys(RULES));

/** Types and shapes of the outputs of `node`. @throws RoomError 'unsupported' for an unknown op, 'invalid' where shapes disagree. */
export function inferNode(node: Node, inputs: readonly (Value | undefined)[], count: number, graph: Graph): Typed[] {
  const rule = RULES[node.op];
  if (!rule) throw new RoomError('unsupported', `No shape rule for ${node.op} (${node.name}).`, 'Use one of the supported operators, or cut the graph before this node.');
  return rule({ node, inputs, count, graph });
}
