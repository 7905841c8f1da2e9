// Layers: functions that declare parameters under a name and emit nodes. Weights are [out, in] and named as PyTorch and
// Hugging Face name them (`name.weight`, `name.bias`), so that exported files are at home there.

import type { Graph, Init, Value } from '../onnx/graph.ts';
import { add, div, erf, exp, gather, gelu as geluOp, gemm, layerNorm as norm, mul, reciprocal, relu, sigmoid, sqrt, sub, sum, sumSquare } from '../onnx/ops.ts';

/** Rows of x: [..., d] as [n, d]; symbols allowed in front when at most one is free. */
export function flatten(g: Graph, x: Value): Value {
  if (x.shape.length === 2) return x;
  const width = x.shape[x.shape.length - 1]!;
  return g.op('Reshape', [x, g.ints([-1, width])]);
}

/** y = x W' + b over the last axis: x [..., in] -> [..., out]. */
export function linear(g: Graph, name: string, x: Value, out: number, options: { bias?: boolean; init?: Init } = {}): Value {
  const width = x.shape[x.shape.length - 1]!;
  return g.scope(name, () => {
    const w = g.param('weight', [out, width], options.init ?? { normal: Math.min(0.02 * Math.sqrt(768 / width), 0.08) });
    const b = options.bias === false ? undefined : g.param('bias', [out], 'zeros');
    return product(g, x, w, b);
  });
}

/** x W' + b as one 2-D Gemm, whatever the rank of x. */
export function product(g: Graph, x: Value, w: Value, b?: Value): Value {
  const y = gemm(g, flatten(g, x), w, b, { transB: true });
  if (x.shape.length === 2) return y;
  const lead = x.shape.slice(0, -1);
  const target = lead.map((d, i) => (d >= 0 ? d : i === lead.findIndex((s) => s < 0) ? -1 : d));
  if (target.filter((d) => d < 0).length <= 1) return g.op('Reshape', [y, g.ints([...target, w.shape[0]!])]);
  // two free sizes in front: take them from x itself when the graph runs
  const dims = g.node('Shape', [x], { start: 0, end: -1 }, 1)[0]!;
  const shape = g.op('Concat', [dims, g.ints([w.shape[0]!])], { axis: 0 });
  return g.typed('Reshape', [y, shape], {}, { dtype: x.dtype, shape: [...lead, w.shape[0]!] });
}

/** Layer normalisation with scale and shift. */
export function layerNorm(g: Graph, name: string, x: Value, eps = 1e-6): Value {
  const width = x.shape[x.shape.length - 1]!;
  return g.scope(name, () => norm(g, x, g.param('weight', [width], 'ones'), g.param('bias', [width], 'zeros'), eps));
}

/** Root-mean-square normalisation with scale (Zhang & Sennrich 2019): x / sqrt(mean(x^2) + eps) * w. */
export function rmsNorm(g: Graph, name: string, x: Value, eps = 1e-6): Value {
  const width = x.shape[x.shape.length - 1]!;
  return g.scope(name, () => {
    const w = g.param('weight', [width], 'ones');
    const r = reciprocal(g, sqrt(g, add(g, mul(g, sumSquare(g, x, [-1], true), 1 / width), eps)));
    return g.custom(mul(g, mul(g, x, r), w), [x, w], (h, dy) => {
      // with n = x r: dw = sum dy n; dx = r (dy w - n mean(dy w n))
      const n = mul(h, x, r);
      const s = mul(h, dy, w);
      const m = mul(h, sum(h, mul(h, s, n), [-1], true), 1 / width);
      const lead = x.shape.slice(0, -1).map((_, i) => i);
      return [mul(h, sub(h, s, mul(h, n, m)), r), sum(h, mul(h, dy, n), lead)];
    });
  });
}

/** x sigmoid(x), with a gradient of four passes: dy (s + x s (1 - s)) = dy s (1 + x - y). */
export function silu(g: Graph, x: Value): Value {
  const s = sigmoid(g, x);
  const y = mul(g, x, s);
  return g.custom(y, [x], (h, dy) => [mul(h, mul(h, dy, s), add(h, sub(h, x, y), 1))]);
}

/**
 * Exact GELU, x/2 (1 + erf(x / sqrt 2)), in the form that ONNX Runtime fuses where only the result is used; training keeps
 * 1 + erf for the gradient dy/2 (1 + erf(u) + x sqrt(2/pi) exp(-u^2)) with u = x / sqrt 2, so that erf is computed once.
 */
export function gelu(g: Graph, x: Value): Value {
  const u = div(g, x, Math.SQRT2);
  const c = add(g, erf(g, u), 1);
  return g.custom(mul(g, mul(g, x, c), 0.5), [x], (h, dy) => {
    const density = exp(h, sub(h, Math.log(Math.sqrt(2 / Math.PI)), mul(h, u, u)));
    return [mul(h, mul(h, dy, add(h, c, mul(h, x, density))), 0.5)];
  });
}

export type Activation = 'gelu' | 'gelu_tanh' | 'relu' | 'silu';

export function activate(g: Graph, x: Value, activation: Activation): Value {
  switch (activation) {
    case 'gelu': return gelu(g, x);
    case 'gelu_tanh': return geluOp(g, x, 'tanh');
    case 'relu': return relu(g, x);
    case 'silu': return silu(g, x);
  }
}

/** Two linear layers, `fc1` and `fc2`: [..., d] -> [..., out]. */
export function mlp(g: Graph, name: string, x: Value, hidden: number, out: number, activation: Activation = 'gelu'): Value {
  return g.scope(name, () => linear(g, 'fc2', activate(g, linear(g, 'fc1', x, hidden), activation), out));
}

/** Rows of `name.weight` [count, width] for integer ids of any shape. */
export function embedding(g: Graph, name: string, ids: Value, count: number, width: number): Value {
  return g.scope(name, () => gather(g, g.param('weight', [count, width], { normal: 0.02 }, { decay: false }), ids));
}

/** [B, T, H D] -> [B, H, T, D]. */
export function splitHeads(g: Graph, x: Value, heads: number): Value {
  const [b, t, d] = x.shape as [number, number, number];
  const target = [b < 0 ? 0 : b, t < 0 ? 0 : t, heads, d / heads];
  return g.op('Transpose', [g.op('Reshape', [x, g.ints(target)])], { perm: [0, 2, 1, 3] });
}

/** [B, H, T, D] -> [B, T, H D]. */
export function joinHeads(g: Graph, x: Value): Value {
  const [b, h, t, d] = x.shape as [number, number, number, number];
  return g.op('Reshape', [g.op('Transpose', [x], { perm: [0, 2, 1, 3] }), g.ints([b < 0 ? 0 : b, t < 0 ? 0 : t, h * d])]);
}

