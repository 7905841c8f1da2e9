// Cutting graphs: keep what lies between given inputs and given outputs, make intermediate tensors outputs, take the first
// layers of a decoder. The result shares tensors with the source graph and no mutable state.

import { RoomError } from '../protocol/error.ts';
import { Graph, type Node, type Value } from './graph.ts';
import { liveNodes } from './proto.ts';

export interface CutOptions {
  /** Values that become inputs of the result (by name). */
  inputs?: readonly string[];
  /** Values that become its outputs. */
  outputs: readonly string[];
}

/** The part of `source` that computes `outputs` from `inputs` and from those of its own inputs that are still needed. */
export function cut(source: Graph, { inputs = [], outputs }: CutOptions): Graph {
  const g = new Graph({ name: source.name, dtype: source.dtype });
  g.opset = source.opset;
  g.symbols.push(...source.symbols);
  const boundary = new Set(inputs);
  const ends = outputs.map((name) => source.get(name));
  // nodes that only feed the boundary fall away
  const open = new Graph({ name: source.name });
  for (const [name, value] of source.values) open.values.set(name, value);
  open.nodes.push(...source.nodes.filter((n) => !n.outputs.some((o) => boundary.has(o))));
  const { nodes, used } = liveNodes(open, ends);
  for (const name of boundary) if (used.has(name)) g.input(name, source.get(name).dtype, source.get(name).shape);
  for (const v of source.inputs) if (used.has(v.name) && !boundary.has(v.name)) g.input(v.name, v.dtype, v.shape);
  for (const [name, param] of source.params) if (used.has(name)) {
    g.declare(param.value);
    g.params.set(name, param);
  }
  for (const [name, tensor] of source.initializers) if (used.has(name)) {
    g.declare(source.get(name));
    g.initializers.set(name, tensor);
  }
  for (const node of nodes) {
    for (const name of node.outputs) if (name !== '' && !g.values.has(name)) g.declare(source.get(name));
    g.nodes.push({ ...node, inputs: [...node.inputs], outputs: [...node.outputs] });
    const custom = source.customVjps.get(node.outputs[0]!);
    if (custom && custom.inputs.every((v) => used.has(v.name))) g.customVjps.set(node.outputs[0]!, custom);
  }
  for (const [name, v] of source.taps) if (g.values.has(v.name)) g.taps.set(name, v);
  g.outputs.push(...ends);
  return g;
}

/** `source` with the named intermediate tensors as outputs beside its own. */
export function withTaps(source: Graph, names: readonly string[]): Graph {
  const own = source.outputs.map((v) => v.name);
  return cut(source, { outputs: [...own, ...names.filter((n) => !own.includes(n))] });
}

const LAYER = /(?:^|[./_])(?:layers|layer|blocks|block|h)[./_](\d+)(?=[./_]|$)/;

function layerIn(names: readonly string[]): number | undefined {
  for (const name of names) {
    const found = LAYER.exec(name);
    if (found) return Number(found[1]);
  }
  return undefined;
}

/** The layer of each node: from its own name or those of its weights, else the highest layer that feeds it; -1 before the first. */
function nodeLayers(g: Graph): Map<Node, number> {
  const producer = new Map<string, Node>();
  const layers = new Map<Node, number>();
  for (const node of g.nodes) {
    // scalars and integers do not count: equal ones are shared under the first name they had
    const weights = node.inputs.filter((n) => g.params.has(n) || (g.initializers.has(n) && g.get(n).shape.length > 0 && g.get(n).dtype !== 'int64'));
    const fed = Math.max(-1, ...node.inputs.map((n) => layers.get(producer.get(n)!) ?? -1));
    layers.set(node, Math.max(fed, layerIn([node.name]) ?? layerIn(weights) ?? -1));
    for (const name of node.outputs) producer.set(name, node);
  }
  return layers;
}

/** Number of layers that a decoder's names speak of. */
export function layerCount(g: Graph): number {
  return 1 + Math.max(-1, ...nodeLayers(g).values());
}

/**
 * The first `count` layers of a decoder: a graph from its inputs to the hidden state that layer `count` would read, which is
 * its one output. Layers are found by names such as `model.layers.3.` or `/blocks.3/` on weights and nodes.
 * @throws RoomError 'unsupported' where names show no layers or more than one tensor crosses the cut
 */
export function firstLayers(g: Graph, count: number): Graph {
  const layers = nodeLayers(g);
  const total = layerCount(g);
  if (total === 0) throw new RoomError('unsupported', `The names in graph ${g.name} show no layers.`, 'Name the tensor at which to cut instead.');
  if (count < 1 || count > total) throw new RoomError('invalid', `Graph ${g.name} has ${total} layers; ${count} were asked for.`, `Ask for 1 to ${total}.`);
  return cut(g, { outputs: [hiddenAfter(g, layers, count, total).name] });
}

function hiddenAfter(g: Graph, layers: Map<Node, number>, count: number, total: number): Value {
  const producer = new Map(g.nodes.flatMap((n) => n.outputs.map((o) => [o, n] as const)));
  const last = (name: string): boolean => layers.get(producer.get(name)!) === count - 1;
  const results = new Set(g.outputs.map((v) => v.name));
  let crossing: Set<string>;
  if (count < total) crossing = new Set(g.nodes.filter((n) => layers.get(n)! >= count).flatMap((n) => n.inputs.filter(last)));
  else {
    // behind the last layer: its last residual sum, named after it or reading the last node that is
    const own = g.nodes.filter((n) => layerIn([n.name, ...n.inputs.filter((i) => g.params.has(i))]) === count - 1);
    const end = own[own.length - 1]!;
    const sum = end.op === 'Add' ? end : g.nodes.find((n) => n.op === 'Add' && n.inputs.some((i) => end.outputs.includes(i) || producer.get(i)?.inputs.some((k) => end.outputs.includes(k))));
    crossing = new Set(sum ? [sum.outputs[0]!] : []);
  }
  for (const name of crossing) if (results.has(name)) crossing.delete(name);
  if (crossing.size !== 1) throw new RoomError('unsupported', `${crossing.size} tensors cross the cut behind layer ${count - 1} of graph ${g.name}: ${[...crossing].join(', ')}.`, 'Name the tensor at which to cut instead.');
  return g.get([...crossing][0]!);
}
