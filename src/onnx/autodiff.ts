// Reverse-mode differentiation as a graph transformation: for a scalar it appends the nodes that compute its gradients to
// the same graph. One rule (vector-Jacobian product) per ONNX op lives in vjp/; composites of ours may bring their own rule
// (Graph.custom). Gradients stop at `detach`, at integers and at everything that `wrt` does not reach. Static shapes only.

import { RoomError } from '../protocol/error.ts';
import type { Graph, Node, Value } from './graph.ts';
import { add } from './ops.ts';
import { tensorOf } from './tensor.ts';
import { VJPS } from './vjp/table.ts';
import type { Use } from './vjp/context.ts';

const isFloat = (v: Value): boolean => v.dtype === 'float32' || v.dtype === 'float64' || v.dtype === 'float16';

/** Names of the values on a differentiable path from `wrt`. */
function reachable(g: Graph, nodes: readonly Node[], wrt: readonly Value[]): Set<string> {
  const on = new Set(wrt.map((v) => v.name));
  for (const node of nodes) {
    if (node.detach || !node.inputs.some((name) => on.has(name))) continue;
    for (const name of node.outputs) if (name !== '' && isFloat(g.get(name))) on.add(name);
  }
  return on;
}

/** Zeros of a value's shape. */
export function zerosLike(g: Graph, v: Value): Value {
  if (v.shape.length === 0) return g.scalar(0, v.dtype);
  return g.op('Expand', [g.scalar(0, v.dtype), g.ints(v.shape)]);
}

/**
 * Gradients of `y` with respect to each of `wrt`, in their shapes; zeros where `y` does not depend on one.
 * `y` is a scalar, or `seed` (of y's shape) is the gradient that enters it.
 * @throws RoomError 'unsupported' naming op and node where a needed op has no rule.
 */
export function gradients(g: Graph, y: Value, wrt: readonly Value[], seed?: Value): Value[] {
  if (!seed && y.shape.some((d) => d !== 1))
    throw new RoomError('invalid', `The gradient of ${y.name} with shape [${y.shape}] was asked for; only scalars have one.`, 'Reduce the value to a scalar loss, or give the gradient that enters it.');
  const nodes = [...g.nodes];
  const on = reachable(g, nodes, wrt);
  const grads = new Map<string, Value>();
  const uses = new Map<string, Use[]>();
  const accumulate = (to: Value, grad: Value, use?: Use): void => {
    const before = grads.get(to.name);
    grads.set(to.name, before ? add(g, before, grad) : grad);
    if (use) uses.set(to.name, [...(uses.get(to.name) ?? []), use]);
  };
  return g.scope('grad', () => {
    if (on.has(y.name)) accumulate(y, seed ?? g.constant(tensorOf(y.dtype, y.shape, y.shape.length === 0 ? [1] : Array(y.shape.reduce((p, d) => p * d, 1)).fill(1))));
    for (const node of nodes.reverse()) {
      if (node.detach) continue;
      const dys = node.outputs.map((name) => (name === '' ? undefined : grads.get(name)));
      if (!dys.some((dy) => dy)) continue;
      const custom = g.customVjps.get(node.outputs[0]!);
      if (custom) {
        if (!custom.inputs.some((v) => on.has(v.name))) continue;
        custom.vjp(g, dys[0]!).forEach((dx, i) => {
          const x = custom.inputs[i]!;
          if (dx && on.has(x.name)) accumulate(x, dx);
        });
        continue;
      }
      const inputs = node.inputs.map((name) => (name === '' ? undefined : g.get(name)));
      const needs = inputs.map((v) => v !== undefined && on.has(v.name));
      if (!needs.some((n) => n)) continue;
      const rule = node.domain === '' ? VJPS[node.op] : undefined;
      if (!rule)
        throw new RoomError('unsupported', `${node.op} (node ${node.name}) has no gradient rule.`, 'Detach its input, freeze the part of the model before it, or cut the graph there.');
      const dxs = rule({ g, node, inputs, outputs: node.outputs.map((name) => (name === '' ? undefined : g.get(name))), dys, needs, uses: (v) => uses.get(v.name) ?? [], gradOf: (v) => grads.get(v.name) });
      inputs.forEach((x, i) => {
        const dx = dxs[i];
        if (!x || !needs[i] || !dx) return;
        if (dx.shape.join() !== x.shape.join())
          throw new RoomError('internal', `The rule of ${node.op} (node ${node.name}) gives [${dx.shape}] for an input of shape [${x.shape}].`, 'This is a fault of the gradient rule.');
        accumulate(x, dx, { node, index: i });
      });
    }
    return wrt.map((v) => grads.get(v.name) ?? zerosLike(g, v));
  });
}
