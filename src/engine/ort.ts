// The Runtime over onnxruntime-node, on the CPU or through WebGPU. A run blocks the event loop of this process and cannot be
// cancelled; that is why the engine is a process of its own. Reading back a tensor that lives on the GPU ends the process in
// 1.30, so outputs are always fetched to the host by the InferenceSession and `getData` is never called.

import { createRequire } from 'node:module';
import type * as Ort from 'onnxruntime-node';
import type { DType, Runtime, Session, SessionOptions, Tensor } from '../onnx/runtime.ts';
import { bytesOf } from '../onnx/tensor.ts';
import { RoomError } from '../protocol/error.ts';

let loaded: typeof Ort | undefined;

/** The native module, loaded on first use so that a missing binary is an error message and not a failed import. */
function ort(): typeof Ort {
  if (loaded) return loaded;
  try {
    loaded = createRequire(import.meta.url)('onnxruntime-node') as typeof Ort;
    return loaded;
  } catch (cause) {
    throw new RoomError('device', `ONNX Runtime has no binary for ${process.platform} ${process.arch}: ${String(cause)}`, 'Install the extension build for this platform.', { cause });
  }
}

function toOrt(t: Tensor): Ort.Tensor {
  return new (ort().Tensor)(t.dtype as Ort.Tensor.Type, t.data as Ort.Tensor.DataType, t.dims);
}

function fromOrt(t: Ort.Tensor): Tensor {
  if (t.location !== 'cpu') throw new RoomError('internal', `A tensor is on ${t.location}; it cannot be read from there.`, 'Fetch it to the host.');
  return { dtype: t.type as DType, dims: t.dims, data: t.data as Tensor['data'] };
}

class OrtSession implements Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  private readonly session: Ort.InferenceSession;

  constructor(session: Ort.InferenceSession) {
    this.session = session;
    this.inputs = session.inputNames;
    this.outputs = session.outputNames;
  }

  async run(feeds: Record<string, Tensor>, fetch?: readonly string[]): Promise<Record<string, Tensor>> {
    const given: Record<string, Ort.Tensor> = {};
    for (const name of this.inputs) {
      const t = feeds[name];
      if (!t) throw new RoomError('invalid', `The graph's input ${name} is not fed.`, `Feed ${this.inputs.length < 20 ? this.inputs.join(', ') : 'every input'}.`);
      given[name] = toOrt(t);
    }
    let results: Ort.InferenceSession.OnnxValueMapType;
    try {
      results = fetch ? await this.session.run(given, [...fetch]) : await this.session.run(given);
    } catch (cause) {
      throw runError(cause);
    }
    const out: Record<string, Tensor> = {};
    for (const [name, t] of Object.entries(results)) out[name] = fromOrt(t as Ort.Tensor);
    return out;
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function runError(cause: unknown): RoomError {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/alloc|memory/i.test(text)) return new RoomError('limit', `The model ran out of memory: ${text}`, 'Use a smaller batch or a shorter context, or close other programs.', { cause });
  return new RoomError('invalid', `The model could not run: ${text}`, 'Check the shapes and types of its inputs.', { cause });
}

class OrtRuntime implements Runtime {
  readonly device: 'cpu' | 'webgpu';
  constructor(device: 'cpu' | 'webgpu') {
    this.device = device;
  }

  async load(model: Uint8Array | { path: string }, options: SessionOptions = {}): Promise<Session> {
    const settings: Ort.InferenceSession.SessionOptions = {
      executionProviders: this.device === 'webgpu' ? ['webgpu', 'cpu'] : ['cpu'],
      graphOptimizationLevel: 'all',
      enableMemPattern: options.use !== 'training',
      logSeverityLevel: 3,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    };
    const { InferenceSession } = ort();
    try {
      return new OrtSession(model instanceof Uint8Array ? await InferenceSession.create(model, settings) : await InferenceSession.create(model.path, settings));
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      const what = model instanceof Uint8Array ? 'The model' : model.path;
      throw new RoomError(/adapter|webgpu|device/i.test(text) ? 'device' : 'format', `${what} could not be loaded: ${text}`, this.device === 'webgpu' ? 'Choose the CPU device, or check that the file is a valid ONNX model.' : 'Check that the file is a valid ONNX model and complete.', { cause });
    }
  }
}

// Two inputs, one Add: y = a + b.
async function selfTest(runtime: Runtime): Promise<void> {
  const { Graph } = await import('../onnx/graph.ts');
  const { add } = await import('../onnx/ops.ts');
  const { modelBytes } = await import('../onnx/file.ts');
  const g = new Graph({ name: 'self-test' });
  g.output('y', add(g, g.input('a', 'float32', [4]), g.input('b', 'float32', [4])));
  const session = await runtime.load(modelBytes(g));
  const t = (values: number[]): Tensor => ({ dtype: 'float32', dims: [4], data: Float32Array.from(values) });
  const { y } = await session.run({ a: t([1, 2, 3, 4]), b: t([10, 20, 30, 40]) });
  await session.release();
  if (!y || Buffer.compare(bytesOf(y), bytesOf(t([11, 22, 33, 44]))) !== 0)
    throw new RoomError('device', `The ${runtime.device} device computes wrong sums.`, 'Choose the CPU device, or update the graphics driver.');
}

/**
 * A Runtime on the given device, checked by adding four numbers. 'auto' takes WebGPU where that works and the CPU else.
 * @throws RoomError 'device' where the device cannot be used
 */
export async function createRuntime(device: 'auto' | 'cpu' | 'webgpu' = 'cpu'): Promise<Runtime> {
  if (device === 'auto') {
    try {
      return await createRuntime('webgpu');
    } catch {
      return createRuntime('cpu');
    }
  }
  const runtime = new OrtRuntime(device);
  await selfTest(runtime);
  return runtime;
}
