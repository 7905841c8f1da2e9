// Gradient rules of elementwise ops: arithmetic with broadcasting, activations, selection.

import { RoomError } from '../../protocol/error.ts';
import type { Value } from '../graph.ts';
import { add, cast, div, equal, erf, exp, greater, less, mul, neg, not, pow, sigmoid, sub, tanh, where } from '../ops.ts';
import { floatAttr, stringAttr } from '../attributes.ts';
import { dy, input, output, sumTo, type Vjp, type VjpContext } from './context.ts';

/** A rule for y = f(x) given dy. */
const unary = (f: (c: VjpContext, d: Value, x: Value, y: Value) => Value): Vjp => (c) => [f(c, dy(c), input(c, 0), output(c))];

/** A rule for broadcasting ops of two inputs; each side is computed only where wanted. */
const binary = (left: (c: VjpContext, d: Value) => Value, right: (c: VjpContext, d: Value) => Value): Vjp => (c) => [
  c.needs[0] ? sumTo(c.g, left(c, dy(c)), input(c, 0).shape) : undefined,
  c.needs[1] ? sumTo(c.g, right(c, dy(c)), input(c, 1).shape) : undefined,
];

/** Max and Min: the chosen side gets the gradient, ties are shared. */
const extremum: Vjp = (c) => {
  const { g } = c;
  const y = output(c);
  const hits = c.inputs.map((_, i) => cast(g, equal(g, input(c, i), y), y.dtype));
  const total = hits.reduce((s, h) => add(g, s, h));
  const share = div(g, dy(c), total);
  return hits.map((h, i) => (c.needs[i] ? sumTo(g, mul(g, share, h), input(c, i).shape) : undefined));
};

/** d/dx of the exact GELU x Phi(x): Phi(x) + x phi(x). */
function geluSlope(c: VjpContext, x: Value): Value {
  const { g } = c;
  if (stringAttr(c.node.attributes, 'approximate', 'none') === 'tanh') {
    // y = x/2 (1 + tanh u), u = a (x + b x^3)  ->  slope = (1+t)/2 + x/2 (1 - t^2) a (1 + 3 b x^2)
    const a = Math.sqrt(2 / Math.PI);
    const b = 0.044715;
    const x2 = mul(g, x, x);
    const t = tanh(g, mul(g, x, add(g, mul(g, x2, a * b), a)));
    const inner = mul(g, mul(g, x, sub(g, 1, mul(g, t, t))), add(g, mul(g, x2, 3 * a * b), a));
    return mul(g, add(g, add(g, t, 1), inner), 0.5);
  }
  const half = add(g, mul(g, erf(g, mul(g, x, Math.SQRT1_2)), 0.5), 0.5);
  const density = mul(g, exp(g, mul(g, mul(g, x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(g, half, mul(g, x, density));
}

export const ELEMENTWISE: Readonly<Record<string, Vjp>> = {
  Identity: (c) => [dy(c)],
  Add: binary((_, d) => d, (_, d) => d),
  Sub: binary((_, d) => d, (c, d) => neg(c.g, d)),
  Mul: binary((c, d) => mul(c.g, d, input(c, 1)), (c, d) => mul(c.g, d, input(c, 0))),
  Div: binary((c, d) => div(c.g, d, input(c, 1)), (c, d) => neg(c.g, div(c.g, mul(c.g, d, output(c)), input(c, 1)))),
  Sum: (c) => c.inputs.map((_, i) => (c.needs[i] ? sumTo(c.g, dy(c), input(c, i).shape) : undefined)),
  Neg: unary((c, d) => neg(c.g, d)),
  Abs: unary((c, d, x) => mul(c.g, d, sub(c.g, cast(c.g, greater(c.g, x, 0), x.dtype), cast(c.g, less(c.g, x, 0), x.dtype)))),
  Exp: unary((c, d, _, y) => mul(c.g, d, y)),
  Log: unary((c, d, x) => div(c.g, d, x)),
  Sqrt: unary((c, d, _, y) => div(c.g, mul(c.g, d, 0.5), y)),
  Reciprocal: unary((c, d, _, y) => neg(c.g, mul(c.g, d, mul(c.g, y, y)))),
  Sigmoid: unary((c, d, _, y) => mul(c.g, d, mul(c.g, y, sub(c.g, 1, y)))),
  Tanh: unary((c, d, _, y) => mul(c.g, d, sub(c.g, 1, mul(c.g, y, y)))),
  Sin: unary((c, d, x) => mul(c.g, d, c.g.op('Cos', [x]))),
  Cos: unary((c, d, x) => neg(c.g, mul(c.g, d, c.g.op('Sin', [x])))),
  Erf: unary((c, d, x) => mul(c.g, d, mul(c.g, exp(c.g, neg(c.g, mul(c.g, x, x))), 2 / Math.sqrt(Math.PI)))),
  Relu: unary((c, d, x) => where(c.g, greater(c.g, x, 0), d, 0)),
  LeakyRelu: unary((c, d, x) => where(c.g, greater(c.g, x, 0), d, mul(c.g, d, floatAttr(c.node.attributes, 'alpha', 0.01)))),
  Softplus: unary((c, d, x) => mul(c.g, d, sigmoid(c.g, x))),
  Gelu: unary((c, d, x) => mul(c.g, d, geluSlope(c, x))),
  Cast: unary((c, d, x) => cast(c.g, d, x.dtype)),
  Clip: (c) => {
    const { g } = c;
    const x = input(c, 0);
    const [low, high] = [c.inputs[1], c.inputs[2]];
    let d = dy(c);
    if (low) d = where(g, less(g, x, low), 0, d);
    if (high) d = where(g, greater(g, x, high), 0, d);
    return [d];
  },
  Max: extremum,
  Min: extremum,
  Pow: (c) => {
    const { g } = c;
    const x = input(c, 0);
    const power = g.initializers.get(input(c, 1).name);
    const p = power && power.data.length === 1 ? Number(power.data[0]) : undefined;
    if (c.needs[1] || p === undefined)
      throw new RoomError('unsupported', `Pow (node ${c.node.name}) has a gradient rule for one constant exponent only.`, 'Write it with Exp and Log, or detach the exponent.');
    const slope = p === 2 ? mul(g, x, 2) : p === 1 ? undefined : mul(g, pow(g, x, p - 1), p);
    return [slope ? mul(g, dy(c), slope) : dy(c)];
  },
  Where: (c) => {
    const { g } = c;
    const condition = input(c, 0);
    return [
      undefined,
      c.needs[1] ? sumTo(g, where(g, condition, dy(c), 0), input(c, 1).shape) : undefined,
      c.needs[2] ? sumTo(g, where(g, not(g, condition), dy(c), 0), input(c, 2).shape) : undefined,
    ];
  },
};
