// What a gradient rule sees, and the two helpers that nearly every rule needs.

import { RoomError } from '../../protocol/error.ts';
import type { Graph, Node, Value } from '../graph.ts';
import { reshape, sum } from '../ops.ts';

/** A node through which gradient flowed into a value, and which of its inputs that value is. */
export interface Use {
  node: Node;
  index: number;
}

export interface VjpContext {
  g: Graph;
  node: Node;
  inputs: readonly (Value | undefined)[];
  outputs: readonly (Value | undefined)[];
  /** Gradients of the outputs; undefined where none flows. */
  dys: readonly (Value | undefined)[];
  /** Which inputs want a gradient; a rule may skip the others. */
  needs: readonly boolean[];
  uses: (v: Value) => readonly Use[];
  gradOf: (v: Value) => Value | undefined;
}

/** Gradients of the inputs, undefined where none flows. */
export type Vjp = (c: VjpContext) => (Value | undefined)[];

export function input(c: VjpContext, i: number): Value {
  const v = c.inputs[i];
  if (!v) throw new RoomError('invalid', `${c.node.op} (node ${c.node.name}) lacks input ${i}.`, 'Check the model file.');
  return v;
}

/** Gradient of the first output. */
export function dy(c: VjpContext): Value {
  const d = c.dys[0];
  if (!d) throw new RoomError('unsupported', `${c.node.op} (node ${c.node.name}) is differentiated through an output other than its first.`, 'Detach that output.');
  return d;
}

export function output(c: VjpContext): Value {
  return c.outputs[0]!;
}

/** Sums a gradient over the axes along which `shape` was broadcast. */
export function sumTo(g: Graph, grad: Value, shape: readonly number[]): Value {
  if (grad.shape.join() === shape.join()) return grad;
  const lead = grad.shape.length - shape.length;
  const axes = grad.shape.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []));
  return reshape(g, axes.length > 0 ? sum(g, grad, axes, true) : grad, shape);
}
