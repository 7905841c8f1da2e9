// One function per ONNX operation that our graphs use, with shapes checked while they are emitted. The dialect runs on the
// CPU and WebGPU providers alike: no LogSoftmax, Sign, ConvTranspose 3D or int64 comparison (see docs of ONNX opset 20).

import { RoomError } from '../protocol/error.ts';
import type { Graph, Value } from './graph.ts';
import { elementCode } from './attributes.ts';
import type { DType } from './runtime.ts';

type Operand = Value | number;

function operand(g: Graph, x: Operand, like: Value): Value {
  return typeof x === 'number' ? g.scalar(x, like.dtype) : x;
}

function pair(g: Graph, op: string, a: Operand, b: Operand): Value {
  const like = typeof a === 'number' ? (b as Value) : a;
  return g.op(op, [operand(g, a, like), operand(g, b, like)]);
}

export const add = (g: Graph, a: Operand, b: Operand): Value => pair(g, 'Add', a, b);
export const sub = (g: Graph, a: Operand, b: Operand): Value => pair(g, 'Sub', a, b);
export const mul = (g: Graph, a: Operand, b: Operand): Value => pair(g, 'Mul', a, b);
export const div = (g: Graph, a: Operand, b: Operand): Value => pair(g, 'Div', a, b);
export const pow = (g: Graph, a: Operand, b: Operand): Value => pair(g, 'Pow', a, b);
export const max = (g: Graph, a: Operand, b: Operand): Value => pair(g, 'Max', a, b);
export const min = (g: Graph, a: Operand, b: Operand): Value => pair(g, 'Min', a, b);
/** Comparisons give bool tensors. Use int32 or floats: int64 Equal has no WebGPU kernel. */
export const equal = (g: Graph, a: Operand, b: Operand): Value => pair(g, 'Equal', a, b);
export const greater = (g: Graph, a: Operand, b: Operand): Value => pair(g, 'Greater', a, b);
export const less = (g: Graph, a: Operand, b: Operand): Value => pair(g, 'Less', a, b);

const unary = (op: string) => (g: Graph, x: Value): Value => g.op(op, [x]);
export const neg = unary('Neg');
export const abs = unary('Abs');
export const exp = unary('Exp');
export const log = unary('Log');
export const sqrt = unary('Sqrt');
export const reciprocal = unary('Reciprocal');
export const sigmoid = unary('Sigmoid');
export const tanh = unary('Tanh');
export const erf = unary('Erf');
export const relu = unary('Relu');
export const sin = unary('Sin');
export const cos = unary('Cos');
export const not = unary('Not');

export function gelu(g: Graph, x: Value, approximate: 'none' | 'tanh' = 'none'): Value {
  return g.op('Gelu', [x], { approximate });
}

/** x * sigmoid(x). */
export function silu(g: Graph, x: Value): Value {
  return mul(g, x, sigmoid(g, x));
}

/** condition ? a : b; numbers take the type of the other branch. */
export function where(g: Graph, condition: Value, a: Operand, b: Operand): Value {
  const like = typeof a === 'number' ? (typeof b === 'number' ? undefined : b) : a;
  const dtype = like?.dtype ?? g.dtype;
  const value = (x: Operand): Value => (typeof x === 'number' ? g.scalar(x, dtype) : x);
  return g.op('Where', [condition, value(a), value(b)]);
}

export const matMul = (g: Graph, a: Value, b: Value): Value => g.op('MatMul', [a, b]);

/** a' b' + c on matrices. */
export function gemm(g: Graph, a: Value, b: Value, c?: Value, options: { transA?: boolean; transB?: boolean } = {}): Value {
  return g.op('Gemm', c ? [a, b, c] : [a, b], { transA: options.transA ? 1 : 0, transB: options.transB ? 1 : 0 });
}

/** Reshape to known dims (symbols allowed where the input has them at the same axis, else at most one). */
export function reshape(g: Graph, x: Value, shape: readonly number[]): Value {
  if (shape.length === x.shape.length && shape.every((d, i) => d === x.shape[i])) return x;
  const symbols = shape.filter((d) => d < 0).length;
  const target = shape.map((d, i) => (d >= 0 ? d : symbols === 1 ? -1 : d === x.shape[i] ? 0 : -1));
  if (target.filter((d) => d === -1).length > 1) throw new RoomError('invalid', `Reshape of ${x.name} from [${x.shape}] to [${shape}] has more than one free size.`, 'Keep symbolic axes in place.');
  return g.op('Reshape', [x, g.ints(target)]);
}

export function transpose(g: Graph, x: Value, perm: readonly number[]): Value {
  if (perm.every((p, i) => p === i)) return x;
  return g.op('Transpose', [x], { perm: [...perm] });
}

/** Parts of the given lengths along an axis. */
export function split(g: Graph, x: Value, axis: number, lengths: readonly number[]): Value[] {
  return g.node('Split', [x, g.ints(lengths)], { axis }, lengths.length);
}

/** x[start:end] along one axis; negative positions count from the back. */
export function slice(g: Graph, x: Value, axis: number, start: number, end: number, step = 1): Value {
  return g.op('Slice', [x, g.ints([start]), g.ints([end]), g.ints([axis < 0 ? axis + x.shape.length : axis]), g.ints([step])]);
}

export function concat(g: Graph, parts: readonly Value[], axis: number): Value {
  return parts.length === 1 ? parts[0]! : g.op('Concat', parts, { axis });
}

/** Rows of x chosen by integer indices (an embedding lookup when axis is 0). */
export const gather = (g: Graph, x: Value, indices: Value, axis = 0): Value => g.op('Gather', [x, indices], { axis });
export const gatherElements = (g: Graph, x: Value, indices: Value, axis = -1): Value => g.op('GatherElements', [x, indices], { axis: axis < 0 ? axis + x.shape.length : axis });
export const expand = (g: Graph, x: Value, shape: readonly number[]): Value => g.op('Expand', [x, g.ints(shape)]);

/** Zeros (or `value`) around x: `before` and `after` per axis. */
export function pad(g: Graph, x: Value, before: readonly number[], after: readonly number[], value = 0): Value {
  return g.op('Pad', [x, g.ints([...before, ...after]), g.scalar(value, x.dtype)]);
}

function reduce(op: string) {
  return (g: Graph, x: Value, axes?: readonly number[], keep = false): Value => {
    const list = (axes ?? x.shape.map((_, i) => i)).map((a) => (a < 0 ? a + x.shape.length : a));
    if (list.length === 0) return x;
    return g.op(op, [x, g.ints(list)], { keepdims: keep ? 1 : 0 });
  };
}
export const sum = reduce('ReduceSum');
export const mean = reduce('ReduceMean');
export const reduceMax = reduce('ReduceMax');
export const sumSquare = reduce('ReduceSumSquare');

export const softmax = (g: Graph, x: Value, axis = -1): Value => g.op('Softmax', [x], { axis });

/** Layer normalisation over the last axis. */
export function layerNorm(g: Graph, x: Value, weight: Value, bias: Value, eps = 1e-5): Value {
  return g.op('LayerNormalization', [x, weight, bias], { axis: -1, epsilon: { float: eps } });
}

export function cast(g: Graph, x: Value, dtype: DType): Value {
  return x.dtype === dtype ? x : g.op('Cast', [x], { to: elementCode(dtype) });
}

/** One-hot rows of int32 `indices` in the graph's float type. The CPU kernel exists for int32 depth and float32 only. */
export function oneHot(g: Graph, indices: Value, depth: number): Value {
  if (g.dtype === 'float32')
    return g.op('OneHot', [indices, g.constant({ dtype: 'int32', dims: [1], data: Int32Array.of(depth) }), g.constant({ dtype: 'float32', dims: [2], data: Float32Array.of(0, 1) })], { axis: -1 });
  const range = g.constant({ dtype: 'int32', dims: [depth], data: Int32Array.from({ length: depth }, (_, i) => i) });
  return cast(g, equal(g, reshape(g, indices, [...indices.shape, 1]), range), g.dtype);
}

export interface ConvOptions {
  strides?: readonly number[];
  /** Same padding before and after, per spatial axis. */
  pads?: readonly number[];
  group?: number;
}

/** x [B, C, ...spatial], weight [O, C/group, ...kernel]. */
export function conv(g: Graph, x: Value, weight: Value, bias?: Value, options: ConvOptions = {}): Value {
  const kernel = weight.shape.slice(2);
  const pads = options.pads ?? kernel.map(() => 0);
  return g.op('Conv', bias ? [x, weight, bias] : [x, weight], {
    kernel_shape: [...kernel],
    strides: [...(options.strides ?? kernel.map(() => 1))],
    pads: [...pads, ...pads],
    group: options.group ?? 1,
  });
}
