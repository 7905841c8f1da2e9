// Evaluates the small integer arithmetic with which exported models compute shapes (Shape, Gather, Concat, Mul ...), so that
// static shapes come out of graphs whose sizes were bound at import. Integers and booleans of up to 4096 elements only.

import type { Graph, Node } from './graph.ts';
import { elementType, intAttr, intsAttr } from './attributes.ts';
import { sliceRanges } from './shape.ts';
import type { DType, Tensor } from './runtime.ts';
import { elementCount, tensorOf } from './tensor.ts';

const LIMIT = 4096;
const isWhole = (dtype: DType): boolean => dtype === 'int64' || dtype === 'int32' || dtype === 'bool';

const numbers = (t: Tensor): number[] => Array.from(t.data as ArrayLike<number | bigint>, Number);

function make(dtype: DType, dims: readonly number[], values: readonly number[]): Tensor {
  return tensorOf(dtype, dims, values);
}

function broadcastTo(t: Tensor, dims: readonly number[]): number[] {
  const source = numbers(t);
  const lead = dims.length - t.dims.length;
  return Array.from({ length: elementCount(dims) }, (_, flat) => {
    let rest = flat;
    let at = 0;
    let stride = 1;
    for (let i = dims.length - 1; i >= 0; i--) {
      const k = rest % dims[i]!;
      rest = Math.floor(rest / dims[i]!);
      if (i < lead) continue;
      const own = t.dims[i - lead]!;
      at += (own === 1 ? 0 : k) * stride;
      stride *= own;
    }
    return source[at]!;
  });
}

function elementwise(tensors: Tensor[], dtype: DType, f: (...x: number[]) => number): Tensor {
  const rank = Math.max(...tensors.map((t) => t.dims.length));
  const dims = Array.from({ length: rank }, (_, i) => Math.max(...tensors.map((t) => t.dims[i - rank + t.dims.length] ?? 1)));
  const columns = tensors.map((t) => broadcastTo(t, dims));
  return make(dtype, dims, columns[0]!.map((_, i) => f(...columns.map((c) => c[i]!))));
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b, Sub: (a, b) => a - b, Mul: (a, b) => a * b, Div: (a, b) => Math.trunc(a / b), Mod: (a, b) => ((a % b) + b) % b, Max: Math.max, Min: Math.min,
};
const COMPARISON: Readonly<Record<string, (a: number, b: number) => boolean>> = { Equal: (a, b) => a === b, Greater: (a, b) => a > b, Less: (a, b) => a < b, GreaterOrEqual: (a, b) => a >= b, LessOrEqual: (a, b) => a <= b };

/** The output of `node` where it can be known now, else undefined. */
export function fold(node: Node, g: Graph): Tensor | undefined {
  const { op, attributes } = node;
  if (op === 'Constant') {
    const value = attributes['value'];
    if (typeof value === 'object' && 'tensor' in value) return value.tensor;
    const i = attributes['value_int'];
    if (typeof i === 'number') return make('int64', [], [i]);
    const list = intsAttr(attributes, 'value_ints');
    if (list) return make('int64', [list.length], list);
    const f = attributes['value_float'];
    return typeof f === 'object' && 'float' in f ? make('float32', [], [f.float]) : undefined;
  }
  if (op === 'Shape') {
    const shape = g.values.get(node.inputs[0]!)?.shape;
    if (!shape) return undefined;
    const dims = shape.slice(intAttr(attributes, 'start', 0), intAttr(attributes, 'end', shape.length));
    return dims.every((d) => d >= 0) ? make('int64', [dims.length], dims) : undefined;
  }
  const known = node.inputs.map((name) => (name === '' ? undefined : g.initializers.get(name)));
  if (known.length === 0 || node.inputs.some((name, i) => name !== '' && !known[i])) return undefined;
  const tensors = known.filter((t) => t !== undefined);
  if (tensors.some((t) => elementCount(t.dims) > LIMIT)) return undefined;
  const [a, b] = tensors as [Tensor, Tensor | undefined];
  if (op === 'Cast') {
    const to = elementType(intAttr(attributes, 'to', 0), node.name);
    return isWhole(a.dtype) && isWhole(to) ? make(to, a.dims, to === 'bool' ? numbers(a).map((x) => (x ? 1 : 0)) : numbers(a)) : undefined;
  }
  if (!tensors.every((t) => isWhole(t.dtype))) return undefined;
  const arithmetic = ARITHMETIC[op];
  if (arithmetic && b) return elementwise([a, b], a.dtype, arithmetic);
  const comparison = COMPARISON[op];
  if (comparison && b) return elementwise([a, b], 'bool', (x, y) => (comparison(x, y) ? 1 : 0));
  switch (op) {
    case 'Identity': return a;
    case 'Neg': return elementwise([a], a.dtype, (x) => -x);
    case 'Not': return elementwise([a], 'bool', (x) => (x ? 0 : 1));
    case 'Where': return elementwise(tensors, b!.dtype, (c, x, y) => (c ? x : y));
    case 'Unsqueeze': {
      const axes = b ? numbers(b) : [...(intsAttr(attributes, 'axes') ?? [])];
      const rank = a.dims.length + axes.length;
      const at = new Set(axes.map((x) => (x < 0 ? x + rank : x)));
      const rest = [...a.dims];
      return { ...a, dims: Array.from({ length: rank }, (_, i) => (at.has(i) ? 1 : rest.shift()!)) };
    }
    case 'Squeeze': {
      const axes = b ? numbers(b) : intsAttr(attributes, 'axes');
      const at = axes ? new Set(axes.map((x) => (x < 0 ? x + a.dims.length : x))) : undefined;
      return { ...a, dims: a.dims.filter((d, i) => (at ? !at.has(i) : d !== 1)) };
    }
    case 'Concat': return a.dims.length === 1 ? make(a.dtype, [tensors.reduce((n, t) => n + t.data.length, 0)], tensors.flatMap(numbers)) : undefined;
    case 'Gather': {
      if (a.dims.length !== 1 || !b) return undefined;
      const source = numbers(a);
      return make(a.dtype, b.dims, numbers(b).map((i) => source[i < 0 ? i + source.length : i]!));
    }
    case 'Slice': {
      if (a.dims.length !== 1 || tensors.length < 3) return undefined;
      const [s, e, , st] = tensors.slice(1).map(numbers) as [number[], number[], number[] | undefined, number[] | undefined];
      const { start, step, length } = sliceRanges(a.dims, s, e, [0], st ?? [1])[0]!;
      const source = numbers(a);
      return make(a.dtype, [length], Array.from({ length }, (_, i) => source[start + i * step]!));
    }
    case 'Reshape': {
      const target = numbers(b!);
      const free = target.indexOf(-1);
      const rest = target.reduce((p, d, i) => (i === free ? p : p * (d === 0 ? a.dims[i]! : d)), 1);
      return { ...a, dims: target.map((d, i) => (i === free ? a.data.length / rest : d === 0 ? a.dims[i]! : d)) };
    }
    case 'ReduceProd': return make(a.dtype, intAttr(attributes, 'keepdims', 1) ? a.dims.map(() => 1) : [], [numbers(a).reduce((p, x) => p * x, 1)]);
    case 'Range': {
      const [from, to, by] = tensors.map((t) => numbers(t)[0]!) as [number, number, number];
      const length = Math.max(0, Math.ceil((to - from) / by));
      return length > LIMIT ? undefined : make(a.dtype, [length], Array.from({ length }, (_, i) => from + i * by));
    }
    case 'ConstantOfShape': {
      const value = attributes['value'];
      const filler = typeof value === 'object' && 'tensor' in value ? value.tensor : undefined;
      if (!filler || !isWhole(filler.dtype)) return undefined;
      const dims = numbers(a);
      const count = elementCount(dims);
      return count > LIMIT ? undefined : make(filler.dtype, dims, Array<number>(count).fill(Number(filler.data[0])));
    }
    case 'Expand': {
      const target = numbers(b!);
      const rank = Math.max(target.length, a.dims.length);
      const dims = Array.from({ length: rank }, (_, i) => Math.max(target[i - rank + target.length] ?? 1, a.dims[i - rank + a.dims.length] ?? 1));
      return elementCount(dims) > LIMIT ? undefined : make(a.dtype, dims, broadcastTo(a, dims));
    }
    default: return undefined;
  }
}
