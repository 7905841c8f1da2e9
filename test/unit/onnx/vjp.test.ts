// Every gradient rule against central differences in float64, relative error at most 1e-6. Erf has no float64 kernel in
// ONNX Runtime, so Erf and exact GELU are compared in float32 with closed forms instead.

import assert from 'node:assert/strict';
import { createRuntime } from '../../../src/engine/ort.ts';
import { gradients } from '../../../src/onnx/autodiff.ts';
import { modelBytes } from '../../../src/onnx/file.ts';
import { Graph, type Value } from '../../../src/onnx/graph.ts';
import * as op from '../../../src/onnx/ops.ts';
import { VJPS } from '../../../src/onnx/vjp/table.ts';
import { tensorOf } from '../../../src/onnx/tensor.ts';
import { gradError, type Check } from './gradcheck.ts';

const positive = (x: number): number => 0.6 + 0.4 * x;
/** Keeps away from the kink at 0. */
const apart = (x: number): number => x + Math.sign(x) * 0.05;
const ints = (g: Graph, dims: number[], values: number[]): Value => g.constant(tensorOf('int32', dims, values));
const node = (name: string, attributes = {}) => (g: Graph, ...xs: Value[]): Value => g.op(name, xs, attributes);

const CHECKS: Record<string, Check | Check[]> = {
  Identity: { shapes: [[3]], build: node('Identity') },
  Add: [{ shapes: [[2, 3, 4], [3, 1]], build: op.add }, { shapes: [[4], [2, 1, 4]], build: op.add }],
  Sub: { shapes: [[2, 3], [2, 1]], build: op.sub },
  Mul: [{ shapes: [[2, 3, 4], [4]], build: op.mul }, { shapes: [[3], []], build: op.mul }],
  Div: { shapes: [[2, 3], [3]], build: op.div, domain: (x, i) => (i === 1 ? positive(x) : x) },
  Sum: { shapes: [[2, 3], [3], [2, 1]], build: node('Sum') },
  Neg: { shapes: [[5]], build: op.neg },
  Abs: { shapes: [[7]], build: op.abs, domain: apart },
  Exp: { shapes: [[5]], build: op.exp },
  Log: { shapes: [[5]], build: op.log, domain: positive },
  Sqrt: { shapes: [[5]], build: op.sqrt, domain: positive },
  Reciprocal: { shapes: [[5]], build: op.reciprocal, domain: positive },
  Sigmoid: { shapes: [[5]], build: op.sigmoid },
  Tanh: { shapes: [[5]], build: op.tanh },
  Sin: { shapes: [[5]], build: op.sin },
  Cos: { shapes: [[5]], build: op.cos },
  Relu: { shapes: [[9]], build: op.relu, domain: apart },
  LeakyRelu: { shapes: [[9]], build: node('LeakyRelu', { alpha: { float: 0.25 } }), domain: apart, dtype: 'float32', step: 1e-2 },
  Softplus: { shapes: [[9]], build: node('Softplus'), dtype: 'float32', step: 1e-2 },
  Cast: { shapes: [[4]], build: (g, x) => op.cast(g, op.mul(g, x, x), 'float64') },
  Clip: { shapes: [[20]], build: (g, x) => g.op('Clip', [x, g.scalar(-0.5), g.scalar(0.5)]) },
  Max: { shapes: [[3, 4], [4]], build: op.max },
  Min: { shapes: [[3, 4], [3, 1]], build: op.min },
  Pow: [{ shapes: [[5]], build: (g, x) => op.pow(g, x, 2) }, { shapes: [[5]], build: (g, x) => op.pow(g, x, 1.5), domain: positive }],
  Where: { shapes: [[3, 4], [4]], build: (g, a, b) => op.where(g, op.greater(g, a, 0), op.mul(g, a, a), b), domain: apart },
  Reshape: { shapes: [[2, 6]], build: (g, x) => op.reshape(g, op.mul(g, x, x), [3, 4]) },
  Flatten: { shapes: [[2, 3, 2]], build: node('Flatten', { axis: 1 }) },
  Squeeze: { shapes: [[2, 1, 3]], build: (g, x) => g.op('Squeeze', [x, g.ints([1])]) },
  Unsqueeze: { shapes: [[2, 3]], build: (g, x) => g.op('Unsqueeze', [x, g.ints([0, 3])]) },
  Transpose: [{ shapes: [[2, 3, 4]], build: (g, x) => op.transpose(g, x, [2, 0, 1]) }, { shapes: [[2, 3]], build: node('Transpose') }],
  Expand: { shapes: [[3, 1]], build: (g, x) => op.expand(g, x, [2, 3, 4]) },
  Split: { shapes: [[2, 6]], build: (g, x) => { const [a, , c] = op.split(g, x, 1, [1, 3, 2]); return op.add(g, op.mul(g, c!, c!), a!); } },
  Concat: { shapes: [[2, 3], [2, 1]], build: (g, a, b) => op.concat(g, [a, b, a], 1) },
  Slice: [
    { shapes: [[3, 7]], build: (g, x) => op.slice(g, x, 1, 2, 5) },
    { shapes: [[3, 7]], build: (g, x) => op.slice(g, x, 1, 1, 7, 2) },
    { shapes: [[3, 8]], build: (g, x) => op.slice(g, x, 1, 0, 8, 3) },
    { shapes: [[5]], build: (g, x) => op.slice(g, x, 0, -3, -1) },
  ],
  Pad: { shapes: [[2, 3]], build: (g, x) => op.pad(g, x, [1, 0], [0, 2], 0.5) },
  Gather: [
    { shapes: [[4, 3]], build: (g, x) => op.gather(g, x, ints(g, [2, 3], [0, 3, 3, 1, 0, 0])) },
    { shapes: [[2, 4, 3]], build: (g, x) => op.gather(g, x, ints(g, [3], [2, 2, 0]), 1) },
    { shapes: [[2, 4]], build: (g, x) => op.gather(g, x, ints(g, [], [1]), 1) },
  ],
  GatherElements: { shapes: [[3, 4]], build: (g, x) => op.gatherElements(g, x, ints(g, [3, 2], [0, 3, 1, 1, 2, 0]), 1) },
  Trilu: { shapes: [[3, 3]], build: node('Trilu', { upper: 0 }) },
  CumSum: { shapes: [[2, 4]], build: (g, x) => g.op('CumSum', [x, g.scalar(1, 'int64')], { exclusive: 1 }) },
  MatMul: [
    { shapes: [[3, 4], [4, 2]], build: op.matMul },
    { shapes: [[2, 3, 4], [4, 2]], build: op.matMul },
    { shapes: [[2, 2, 3, 4], [2, 1, 4, 2]], build: op.matMul },
    { shapes: [[4], [2, 4, 3]], build: op.matMul },
    { shapes: [[2, 3, 4], [4]], build: op.matMul },
    { shapes: [[3, 4], [2, 4, 2]], build: op.matMul },
  ],
  Gemm: [0, 1].flatMap((a) => [0, 1].map((b) => ({ shapes: [a ? [4, 3] : [3, 4], b ? [2, 4] : [4, 2], [2]], build: node('Gemm', { transA: a, transB: b, alpha: { float: 0.5 }, beta: { float: 2 } }) }))),
  Conv: [
    { shapes: [[2, 2, 5, 6], [3, 2, 3, 3], [3]], build: (g, x, w, b) => op.conv(g, x, w, b, { pads: [1, 1] }), dtype: 'float32', step: 1e-2 },
    { shapes: [[1, 2, 6, 6], [2, 2, 2, 3]], build: (g, x, w) => op.conv(g, x, w, undefined, { strides: [2, 2], pads: [0, 1] }), dtype: 'float32', step: 1e-2 },
    { shapes: [[1, 4, 5, 5], [4, 2, 3, 3]], build: (g, x, w) => op.conv(g, x, w, undefined, { group: 2 }), dtype: 'float32', step: 1e-2 },
    { shapes: [[1, 2, 4, 4, 5], [2, 2, 2, 2, 2], [2]], build: (g, x, w, b) => op.conv(g, x, w, b, { strides: [2, 1, 2] }), dtype: 'float32', step: 1e-2 },
  ],
  ReduceSum: [{ shapes: [[2, 3, 4]], build: (g, x) => op.sum(g, op.mul(g, x, x), [1]) }, { shapes: [[2, 3]], build: (g, x) => op.sum(g, op.mul(g, x, x)) }],
  ReduceMean: [{ shapes: [[2, 3, 4]], build: (g, x) => op.mean(g, x, [0, 2], true) }, { shapes: [[2, 3]], build: (g, x) => op.mean(g, op.mul(g, x, x), [-1]) }],
  ReduceSumSquare: { shapes: [[2, 3]], build: (g, x) => op.sumSquare(g, x, [-1], true) },
  ReduceL2: { shapes: [[2, 3]], build: (g, x) => g.op('ReduceL2', [x, g.ints([1])], { keepdims: 0 }) },
  ReduceMax: { shapes: [[3, 4]], build: (g, x) => op.reduceMax(g, x, [1]) },
  ReduceMin: { shapes: [[3, 4]], build: (g, x) => g.op('ReduceMin', [x, g.ints([0])], { keepdims: 1 }) },
  Softmax: [{ shapes: [[3, 4]], build: (g, x) => op.softmax(g, x) }, { shapes: [[2, 3, 2]], build: (g, x) => op.softmax(g, x, 1) }, { shapes: [[2, 3, 6], [2, 6, 2]], build: (g, x, v) => op.matMul(g, op.softmax(g, x), v) }],
  LogSoftmax: { shapes: [[3, 4]], build: node('LogSoftmax', { axis: -1 }) },
  LayerNormalization: [
    { shapes: [[3, 5], [5], [5]], build: (g, x, w, b) => op.layerNorm(g, x, w, b) },
    { shapes: [[2, 3, 4], [3, 4], [3, 4]], build: (g, x, w, b) => g.op('LayerNormalization', [x, w, b], { axis: 1 }) },
  ],
  AveragePool: { shapes: [[1, 2, 4, 6]], build: node('AveragePool', { kernel_shape: [2, 3], strides: [2, 3] }), dtype: 'float32', step: 1e-2 },
  GlobalAveragePool: { shapes: [[2, 3, 2, 2]], build: node('GlobalAveragePool'), dtype: 'float32', step: 1e-2 },
  Gelu: [],
  Erf: [],
};

describe('gradient rules against central differences', () => {
  for (const [name, checks] of Object.entries(CHECKS))
    for (const [i, check] of [checks].flat().entries())
      it(`${name} ${i}`, async () => {
        // Conv, pools, LeakyRelu and Softplus have no float64 kernel; the first three are (piecewise) linear, so that a wide
        // step costs nothing, and Softplus's third derivative times step^2 / 6 is below 2e-6
        const limit = check.dtype === 'float32' ? 2e-4 : 1e-6;
        const error = await gradError(check);
        assert.ok(error <= limit, `relative error ${error}`);
      });

  it('covers every rule', () => {
    assert.deepEqual(Object.keys(VJPS).filter((name) => !(name in CHECKS)), []);
  });

  it('exact and tanh GELU and Erf, in float32 against closed forms', async () => {
    const xs = Float64Array.from({ length: 81 }, (_, i) => (i - 40) / 10);
    const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    // Phi by Simpson's rule from 0, 400 intervals
    const phi = (x: number): number => {
      const n = 400;
      let s = density(0) + density(x);
      for (let i = 1; i < n; i++) s += density((x * i) / n) * (i % 2 ? 4 : 2);
      return 0.5 + (s * x) / n / 3;
    };
    const tanhGelu = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    const cases: [(g: Graph, x: Value) => Value, (x: number) => number][] = [
      [(g, x) => op.gelu(g, x), (x) => phi(x) + x * density(x)],
      [(g, x) => op.gelu(g, x, 'tanh'), (x) => (tanhGelu(x + 1e-5) - tanhGelu(x - 1e-5)) / 2e-5],
      [(g, x) => op.erf(g, x), (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x)],
    ];
    for (const [build, slope] of cases) {
      const g = new Graph();
      const x = g.input('x', 'float32', [xs.length]);
      g.output('d', gradients(g, op.sum(g, build(g, x)), [x])[0]!);
      const session = await (await createRuntime('cpu')).load(modelBytes(g));
      const { d } = await session.run({ x: tensorOf('float32', [xs.length], xs) });
      xs.forEach((v, i) => assert.ok(Math.abs(Number(d!.data[i]) - slope(v)) < 2e-6, `${v}: ${d!.data[i]} against ${slope(v)}`));
    }
  });
});
