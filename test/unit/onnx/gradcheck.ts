// Central differences (fourth order) in float64 against the gradients that autodiff appends, over every element of every input.

import { createRuntime } from '../../../src/engine/ort.ts';
import { gradients } from '../../../src/onnx/autodiff.ts';
import { modelBytes } from '../../../src/onnx/file.ts';
import { Graph, type Value } from '../../../src/onnx/graph.ts';
import { initWeights, namedRandom } from '../../../src/onnx/init.ts';
import { mul, sum } from '../../../src/onnx/ops.ts';
import type { Tensor } from '../../../src/onnx/runtime.ts';
import { tensorOf } from '../../../src/onnx/tensor.ts';

export interface Check {
  shapes: readonly (readonly number[])[];
  build: (g: Graph, ...inputs: Value[]) => Value;
  /** Maps uniform numbers of [-1, 1) to the domain of the op. */
  domain?: (x: number, input: number) => number;
  dtype?: 'float32' | 'float64';
  step?: number;
}

/** Numbers from [-1, 1), fixed by a name. */
export function randomTensor(name: string, dims: readonly number[], dtype: 'float32' | 'float64' = 'float64', map: (x: number) => number = (x) => x): Tensor {
  const random = namedRandom(7, name);
  return tensorOf(dtype, dims, Float64Array.from({ length: dims.reduce((p, d) => p * d, 1) }, () => map(2 * random() - 1)));
}

/** Worst error of any gradient element, relative to the largest element of that input's gradient (at least 1e-3 of the largest of all). */
export async function gradError(check: Check): Promise<number> {
  const dtype = check.dtype ?? 'float64';
  const g = new Graph({ dtype });
  const xs = check.shapes.map((shape, i) => g.input(`x${i}`, dtype, shape));
  const y = check.build(g, ...xs);
  const loss = y.shape.length === 0 ? y : sum(g, mul(g, y, g.constant(randomTensor('seed', y.shape, dtype))));
  const grads = gradients(g, loss, xs);
  g.output('loss', loss);
  grads.forEach((d, i) => g.output(`g${i}`, d));
  const feeds: Record<string, Tensor> = {};
  check.shapes.forEach((shape, i) => (feeds[`x${i}`] = randomTensor(`x${i}`, shape, dtype, (x) => check.domain?.(x, i) ?? x)));
  return compare(g, feeds, xs.map((x) => x.name), check.step ?? 1e-3);
}

/** The same over all parameters of a model; `feeds` are its other inputs. */
export async function paramGradError(build: (g: Graph) => Value, feeds: Record<string, Tensor>, limit = Infinity): Promise<{ worst: number; tensors: number }> {
  const g = new Graph({ dtype: 'float64' });
  const loss = build(g);
  const params = [...g.params.values()].map((p) => p.value);
  const grads = gradients(g, loss, params);
  g.output('loss', loss);
  grads.forEach((d, i) => g.output(`g${i}`, d));
  const weights = initWeights(g, 3);
  const all: Record<string, Tensor> = { ...feeds };
  // away from zeros and ones, so that no gradient is trivially zero
  for (const [name, t] of weights) all[name] = tensorOf('float64', t.dims, Float64Array.from(t.data as Float64Array, (x, i) => x * 3 + 0.1 * Math.sin(i * 1.7 + name.length)));
  return { worst: await compare(g, all, params.map((p) => p.name), 1e-4, limit), tensors: params.length };
}

async function compare(g: Graph, feeds: Record<string, Tensor>, names: string[], step: number, limit = Infinity): Promise<number> {
  const runtime = await createRuntime('cpu');
  const session = await runtime.load(modelBytes(g), { threads: 1 });
  const used = Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputs.includes(name)));
  const out = await session.run(used);
  const pairs: { analytic: Float64Array; numeric: Float64Array; stride: number }[] = [];
  let largest = 1e-12;
  for (const [i, name] of names.entries()) {
    const analytic = out[`g${i}`]!.data as Float64Array;
    const data = used[name]?.data as Float64Array | undefined;
    const numeric = new Float64Array(analytic.length);
    const stride = Math.max(1, Math.floor(analytic.length / limit));
    if (data)
      for (let k = 0; k < data.length; k += stride) {
        const keep = data[k]!;
        const at = async (x: number): Promise<number> => {
          data[k] = x;
          return Number((await session.run(used, ['loss'])).loss!.data[0]);
        };
        const far = (await at(keep + 2 * step)) - (await at(keep - 2 * step));
        numeric[k] = (8 * ((await at(keep + step)) - (await at(keep - step))) - far) / (12 * step);
        data[k] = keep;
      }
    pairs.push({ analytic, numeric, stride });
    for (const x of numeric) largest = Math.max(largest, Math.abs(x));
  }
  let worst = 0;
  for (const { analytic, numeric, stride } of pairs) {
    // a gradient that is zero in theory (the bias of keys) is compared on the scale of the others
    let scale = largest * 1e-3;
    for (const x of numeric) scale = Math.max(scale, Math.abs(x));
    for (let k = 0; k < analytic.length; k += stride) worst = Math.max(worst, Math.abs(analytic[k]! - numeric[k]!) / scale);
  }
  await session.release();
  return worst;
}
