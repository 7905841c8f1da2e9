// Graph <-> ONNX protobuf (onnx-buf). Weights are handed over as tensors; where they are stored is the caller's matter
// (see file.ts). The detach mark travels as a prefix of the node's name.

import { create } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema, AttributeProto_AttributeType as AttributeType, GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, OperatorSetIdProtoSchema, StringStringEntryProtoSchema,
  TensorProtoSchema, TensorShapeProtoSchema, TensorShapeProto_DimensionSchema, TypeProtoSchema, TypeProto_TensorSchema, ValueInfoProtoSchema,
  type AttributeProto, type ModelProto, type NodeProto, type TensorProto, type ValueInfoProto,
} from 'onnx-buf';
import { RoomError } from '../protocol/error.ts';
import { DETACH_PREFIX, type Attribute, type Attributes, type Graph, type Node, type Value } from './graph.ts';
import type { DType, Tensor } from './runtime.ts';
import { elementCode } from './attributes.ts';
import { bytesOf } from './tensor.ts';

const IR_VERSION = 9n;

function attributeProto(name: string, a: Attribute): AttributeProto {
  if (typeof a === 'number') return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(a) });
  if (typeof a === 'string') return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(a) });
  if (Array.isArray(a)) return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: (a as readonly number[]).map(BigInt) });
  if ('float' in a) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: a.float });
  if ('floats' in a) return create(AttributeProtoSchema, { name, type: AttributeType.FLOATS, floats: [...a.floats] });
  if ('tensor' in a) return create(AttributeProtoSchema, { name, type: AttributeType.TENSOR, t: tensorProto('', a.tensor) });
  return (a as { raw: AttributeProto }).raw;
}

/** A tensor with its bytes inline (not copied). */
export function tensorProto(name: string, tensor: Tensor): TensorProto {
  return create(TensorProtoSchema, { name, dims: tensor.dims.map(BigInt), dataType: elementCode(tensor.dtype), rawData: bytesOf(tensor) as Uint8Array<ArrayBuffer> });
}

export function nodeProto(node: Node): NodeProto {
  return create(NodeProtoSchema, {
    name: node.detach && !node.name.startsWith(DETACH_PREFIX) ? DETACH_PREFIX + node.name : node.name,
    opType: node.op,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, a]) => attributeProto(name, a)),
  });
}

export function valueInfo(value: Value, symbols: readonly string[]): ValueInfoProto {
  const dim = value.shape.map((d) => create(TensorShapeProto_DimensionSchema, { value: d >= 0 ? { case: 'dimValue', value: BigInt(d) } : { case: 'dimParam', value: symbols[-1 - d] ?? `d${-d}` } }));
  const tensor = create(TypeProto_TensorSchema, { elemType: elementCode(value.dtype), shape: create(TensorShapeProtoSchema, { dim }) });
  return create(ValueInfoProtoSchema, { name: value.name, type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensor } }) });
}

/** Nodes and initializers that the outputs need, in order. */
export function liveNodes(g: Graph, outputs: readonly Value[]): { nodes: Node[]; used: Set<string> } {
  const used = new Set(outputs.map((v) => v.name));
  const nodes: Node[] = [];
  for (let i = g.nodes.length - 1; i >= 0; i--) {
    const node = g.nodes[i]!;
    if (!node.outputs.some((name) => used.has(name))) continue;
    nodes.push(node);
    for (const name of node.inputs) if (name !== '') used.add(name);
  }
  return { nodes: nodes.reverse(), used };
}

export interface ProtoOptions {
  /** How a weight is stored: its initializers, and nodes that turn a stored form into the value of that name. */
  weight: (name: string, value: Value) => { initializers: TensorProto[]; nodes?: Node[] } | undefined;
  metadata?: Readonly<Record<string, string>>;
}

/** A model with the graph's outputs. Parameters for which `weight` gives nothing stay inputs; dead nodes are left out. */
export function modelProto(g: Graph, options: ProtoOptions): ModelProto {
  if (g.outputs.length === 0) throw new RoomError('invalid', `Graph ${g.name} has no outputs.`, 'Name at least one output before writing it.');
  const { nodes, used } = liveNodes(g, g.outputs);
  const inputs = [...g.inputs];
  const initializers: TensorProto[] = [];
  const before: Node[] = [];
  for (const [name, param] of g.params) {
    if (!used.has(name)) continue;
    const stored = options.weight(name, param.value);
    if (stored) {
      initializers.push(...stored.initializers);
      before.push(...(stored.nodes ?? []));
    } else inputs.push(param.value);
  }
  for (const [name, tensor] of g.initializers) if (used.has(name)) initializers.push(tensorProto(name, tensor));
  return create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'reading-room',
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(g.opset) })],
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
    graph: create(GraphProtoSchema, {
      name: g.name,
      node: [...before, ...nodes].map(nodeProto),
      input: inputs.map((v) => valueInfo(v, g.symbols)),
      output: g.outputs.map((v) => valueInfo(v, g.symbols)),
      initializer: initializers,
    }),
  });
}

function attributeOf(a: AttributeProto): Attribute {
  switch (a.type) {
    case AttributeType.INT: return Number(a.i);
    case AttributeType.FLOAT: return { float: a.f };
    case AttributeType.STRING: return new TextDecoder().decode(a.s);
    case AttributeType.INTS: return a.ints.map(Number);
    case AttributeType.FLOATS: return { floats: [...a.floats] };
    default: return { raw: a };
  }
}

/** Attributes as plain data; tensors are decoded by `tensor`. */
export function attributesOf(list: readonly AttributeProto[], tensor: (t: TensorProto) => Tensor): Attributes {
  return Object.fromEntries(list.map((a) => [a.name, a.type === AttributeType.TENSOR && a.t ? { tensor: tensor(a.t) } : attributeOf(a)]));
}

export function valueOf(info: ValueInfoProto, g: Graph, dtype: (code: number, where: string) => DType): Value {
  const type = info.type?.value;
  if (type?.case !== 'tensorType') throw new RoomError('unsupported', `${info.name} is not a tensor.`, 'Only graphs over tensors are supported.');
  const dims = type.value.shape?.dim ?? [];
  const shape = dims.map((d, i) => (d.value.case === 'dimValue' ? Number(d.value.value) : g.symbol(d.value.case === 'dimParam' && d.value.value !== '' ? d.value.value : `${info.name}_${i}`)));
  return { name: info.name, dtype: dtype(type.value.elemType, info.name), shape };
}
