// ONNX files as graphs of ours: shapes inferred, shape arithmetic folded, floating weights turned into parameters, so that a
// model that others exported can be cut, tapped, differentiated and trained. Graphs with subgraphs (If, Loop) are refused.

import { RoomError } from '../protocol/error.ts';
import { decodeTensor, parseModel, readModelFile } from './file.ts';
import { fold } from './fold.ts';
import { DETACH_PREFIX, Graph, type Node, type Value } from './graph.ts';
import { attributesOf, valueOf } from './proto.ts';
import type { Tensor } from './runtime.ts';
import { elementType, intAttr } from './attributes.ts';
import { inferNode } from './shape.ts';
import { convertFloat } from './tensor.ts';
import type { Weights } from './training.ts';

export interface ImportOptions {
  /** Sizes of named dimensions, for example { batch_size: 1, sequence_length: 64 }. */
  dims?: Readonly<Record<string, number>>;
  /** Which floating initializers become parameters; default: those of one or more dims. */
  param?: (name: string, tensor: Tensor) => boolean;
}

/**
 * Reads an .onnx file (or its bytes, weights inside) as a graph and its weights.
 * @throws RoomError 'not-found', 'format', 'unsupported' (naming op and node)
 */
export function importModel(source: string | Uint8Array, options: ImportOptions = {}): { graph: Graph; weights: Weights } {
  const { proto, folder } = typeof source === 'string' ? readModelFile(source) : { proto: parseModel(source, 'The model'), folder: undefined };
  const graph = proto.graph;
  if (!graph) throw new RoomError('format', 'The ONNX file holds no graph.', 'Get the file again.');
  const opset = proto.opsetImport.find((o) => o.domain === '' || o.domain === 'ai.onnx')?.version;
  const g = new Graph({ name: graph.name });
  if (opset !== undefined) g.opset = Number(opset);
  const weights: Weights = new Map();
  const isParam = options.param ?? ((_: string, t: Tensor) => t.dims.length > 0);
  const halves = new Map<string, Tensor>();
  const declareWeight = (name: string, tensor: Tensor): void => {
    const value = { name, dtype: tensor.dtype, shape: [...tensor.dims] };
    if (tensor.dtype === 'float32' && isParam(name, tensor)) {
      g.params.set(name, { value: g.declare(value), init: { tensor }, decay: tensor.dims.length >= 2 });
      weights.set(name, tensor);
    } else {
      g.declare(value);
      g.initializers.set(name, tensor);
    }
  };
  for (const t of graph.initializer) {
    const tensor = decodeTensor(t, folder);
    if (tensor.dtype === 'float16') halves.set(t.name, tensor);
    else declareWeight(t.name, tensor);
  }
  for (const info of graph.input) {
    if (g.values.has(info.name) || halves.has(info.name)) continue;
    const value = valueOf(info, g, elementType);
    const shape = value.shape.map((d) => (d < 0 ? (options.dims?.[g.symbols[-1 - d]!] ?? d) : d));
    g.input(value.name, value.dtype, shape);
  }
  for (const n of graph.node) {
    if (n.attribute.some((a) => a.g || a.graphs.length > 0))
      throw new RoomError('unsupported', `${n.opType} (node ${n.name}) holds a subgraph.`, 'Export the model without control flow.');
    const detach = n.name.startsWith(DETACH_PREFIX);
    const node: Node = {
      op: n.opType, domain: n.domain === 'ai.onnx' ? '' : n.domain, name: n.name === '' ? g.fresh(n.opType) : detach ? n.name.slice(DETACH_PREFIX.length) : n.name, inputs: [...n.input], outputs: [...n.output],
      attributes: attributesOf(n.attribute, (t) => decodeTensor(t, folder)), ...(detach ? { detach } : {}),
    };
    const half = halves.get(node.inputs[0] ?? '');
    if (node.op === 'Cast' && half && elementType(intAttr(node.attributes, 'to', 0), node.name) === 'float32') {
      declareWeight(node.outputs[0]!, convertFloat(half, 'float32')); // the form in which writeModel stores fp16
      continue;
    }
    for (const name of node.inputs) {
      const stored = halves.get(name);
      if (stored && !g.values.has(name)) {
        g.declare({ name, dtype: 'float16', shape: [...stored.dims] });
        g.initializers.set(name, stored);
      }
    }
    addNode(g, node);
  }
  for (const info of graph.output) g.outputs.push(g.get(info.name));
  return { graph: g, weights };
}

function addNode(g: Graph, node: Node): void {
  const folded = fold(node, g);
  if (folded) {
    g.declare({ name: node.outputs[0]!, dtype: folded.dtype, shape: [...folded.dims] });
    g.initializers.set(node.outputs[0]!, folded);
    return;
  }
  const inputs: (Value | undefined)[] = node.inputs.map((name) => (name === '' ? undefined : g.get(name)));
  if (node.domain !== '') throw new RoomError('unsupported', `${node.domain}.${node.op} (node ${node.name}) is not a standard ONNX operator.`, 'Export the model with standard operators only.');
  const types = inferNode(node, inputs, node.outputs.length, g);
  node.outputs.forEach((name, i) => {
    const type = types[i];
    if (name !== '' && type) g.declare({ name, ...type });
  });
  g.nodes.push(node);
}

/** Only the weights of an .onnx file, by name, as float32. */
export function readWeights(path: string): Weights {
  const { proto, folder } = readModelFile(path);
  const weights: Weights = new Map();
  const names = new Map<string, string>(); // fp16 initializer -> the value it is cast to
  for (const n of proto.graph?.node ?? []) if (n.opType === 'Cast') names.set(n.input[0]!, n.output[0]!);
  for (const t of proto.graph?.initializer ?? []) {
    if (t.dataType !== 1 && t.dataType !== 10) continue;
    weights.set(t.dataType === 10 ? (names.get(t.name) ?? t.name) : t.name, convertFloat(decodeTensor(t, folder), 'float32'));
  }
  return weights;
}
