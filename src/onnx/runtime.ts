// What the layers above `onnx` need of an executor: load a model, run it, let go of it. `src/engine` implements it with
// onnxruntime-node; everything else receives it as an argument, so that papers and bundles never import a native module.

export type DType = 'float32' | 'float64' | 'int32' | 'int64' | 'uint8' | 'int8' | 'bool' | 'float16';

export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array | Int8Array | Uint16Array;

/** A host tensor, row-major. float16 is carried as Uint16Array bits, bool as Uint8Array. */
export interface Tensor {
  dtype: DType;
  dims: readonly number[];
  data: TensorData;
}

export interface SessionOptions {
  /** Threads inside one operator; default: all cores. */
  threads?: number;
  /** 'training' turns memory patterns off (half the memory, same speed). */
  use?: 'inference' | 'training';
}

export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Runs the graph; returns only `fetch` (default: all outputs). Each fetched output costs a copy of about 0.5 ms/MiB. */
  run(feeds: Record<string, Tensor>, fetch?: readonly string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

export interface Runtime {
  readonly device: 'cpu' | 'webgpu';
  /** A model is its bytes (weights inline) or the path of an .onnx file (weights may be external, beside it). */
  load(model: Uint8Array | { path: string }, options?: SessionOptions): Promise<Session>;
}
