// .onnx files. Weights are written beside the graph as external data (one file, 64-byte aligned), because protobuf ends at
// 2 GB and external data loads 4-6 times faster; fp16 storage halves it, with Cast nodes that ONNX Runtime folds at load.
// Reading checks every size and offset, and refuses external data outside the model's folder (also through links).

import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { closeSync, existsSync, fsyncSync, openSync, readSync, realpathSync, renameSync, statSync, writeSync, writeFileSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { ModelProtoSchema, StringStringEntryProtoSchema, TensorProtoSchema, TensorProto_DataLocation, type ModelProto, type TensorProto } from 'onnx-buf';
import { RoomError } from '../protocol/error.ts';
import type { Graph, Node } from './graph.ts';
import { modelProto, tensorProto } from './proto.ts';
import type { DType, Tensor } from './runtime.ts';
import { elementCode, elementType } from './attributes.ts';
import { BYTES, bytesOf, convertFloat, elementCount, tensorFromBytes, tensorOf } from './tensor.ts';
import type { Weights } from './training.ts';

const ALIGN = 64;

/** The model as bytes; parameters found in `weights` are inside, the others are inputs. */
export function modelBytes(g: Graph, weights?: Weights): Uint8Array {
  return toBinary(ModelProtoSchema, modelProto(g, {
    weight: (name) => {
      const tensor = weights?.get(name);
      return tensor && { initializers: [tensorProto(name, tensor)] };
    },
  }));
}

export interface WriteOptions {
  weights: Weights;
  /** Type in which weights are stored; computation stays float32. Default float32. */
  storage?: 'float32' | 'float16';
  metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes `path` and `path` + '_data' (the name that transformers.js looks for). Both appear whole or not at all.
 * @throws RoomError 'not-found' where a parameter has no weight
 */
export function writeModel(path: string, g: Graph, options: WriteOptions): void {
  const location = `${basename(path)}_data`;
  const data = `${path}_data`;
  const file = openSync(`${data}.tmp`, 'w');
  let offset = 0;
  const external = (name: string, tensor: Tensor): TensorProto => {
    const bytes = bytesOf(tensor);
    const padding = (ALIGN - (offset % ALIGN)) % ALIGN;
    if (padding > 0) writeSync(file, new Uint8Array(padding));
    writeSync(file, bytes);
    const entry = (key: string, value: string | number) => create(StringStringEntryProtoSchema, { key, value: String(value) });
    const proto = create(TensorProtoSchema, {
      name, dims: tensor.dims.map(BigInt), dataType: elementCode(tensor.dtype), dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: [entry('location', location), entry('offset', offset + padding), entry('length', bytes.byteLength)],
    });
    offset += padding + bytes.byteLength;
    return proto;
  };
  let model: Uint8Array;
  try {
    model = toBinary(ModelProtoSchema, modelProto(g, {
      metadata: options.metadata,
      weight: (name, value) => {
        const tensor = options.weights.get(name);
        if (!tensor) throw new RoomError('not-found', `No weights for parameter ${name}.`, 'Train or load the model that this graph belongs to.');
        if (options.storage !== 'float16') return { initializers: [external(name, tensor)] };
        const stored = `${name}_f16`;
        const cast: Node = { op: 'Cast', domain: '', name: `${name}_cast`, inputs: [stored], outputs: [name], attributes: { to: elementCode(value.dtype) } };
        return { initializers: [external(stored, convertFloat(tensor, 'float16'))], nodes: [cast] };
      },
    }));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  writeFileSync(`${path}.tmp`, model);
  renameSync(`${data}.tmp`, data);
  renameSync(`${path}.tmp`, path);
}

/** Where an external tensor's bytes lie, checked against folder and file. */
function externalBytes(t: TensorProto, folder: string, need: number): Uint8Array {
  const get = (key: string): string | undefined => t.externalData.find((e) => e.key === key)?.value;
  const location = get('location') ?? '';
  const outside = new RoomError('format', `Weights of ${t.name} point to ${JSON.stringify(location)}, outside the model's folder.`, 'Do not use this file; get the model from its source again.');
  const target = join(folder, location);
  const inside = (root: string, p: string): boolean => {
    const r = relative(root, p);
    return r !== '' && !r.startsWith('..') && !isAbsolute(r);
  };
  if (location === '' || isAbsolute(location) || !inside(folder, target)) throw outside;
  if (!existsSync(target)) throw new RoomError('not-found', `Weights file ${target} is missing.`, 'Copy the whole model folder, with its _data files.');
  if (!inside(realpathSync(folder), realpathSync(target))) throw outside;
  const offset = Number(get('offset') ?? 0);
  const length = Number(get('length') ?? need);
  const size = statSync(target).size;
  if (!Number.isSafeInteger(offset) || offset < 0 || length !== need || offset + length > size)
    throw new RoomError('format', `Weights of ${t.name} (${length} bytes at ${offset}) do not fit ${location} (${size} bytes) or its shape (${need} bytes).`, 'The file is cut short or forged; get it again.');
  const bytes = new Uint8Array(length);
  const file = openSync(target, 'r');
  try {
    for (let at = 0; at < length; ) {
      const n = readSync(file, bytes, at, Math.min(length - at, 1 << 30), offset + at);
      if (n === 0) throw new RoomError('format', `${location} ended while it was read.`, 'Get the file again.');
      at += n;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}

/** A stored tensor of an ONNX file. `folder` holds external data; without it such tensors are refused. */
export function decodeTensor(t: TensorProto, folder?: string): Tensor {
  const dtype: DType = elementType(t.dataType, `Tensor ${t.name}`);
  const dims = t.dims.map(Number);
  const count = elementCount(dims);
  const need = count * BYTES[dtype];
  if (t.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    if (folder === undefined) throw new RoomError('format', `Tensor ${t.name} is stored outside a model that was given as bytes.`, 'Load the model from its folder.');
    return tensorFromBytes(dtype, dims, externalBytes(t, folder, need));
  }
  if (t.rawData.length > 0 || count === 0) return tensorFromBytes(dtype, dims, t.rawData);
  const typed: ArrayLike<number> = dtype === 'float32' ? t.floatData : dtype === 'float64' ? t.doubleData : dtype === 'int64' ? t.int64Data.map(Number) : t.int32Data;
  if (typed.length !== count) throw new RoomError('format', `Tensor ${t.name} of shape [${dims}] holds ${typed.length} numbers.`, 'The file is damaged; get it again.');
  return dtype === 'float16' ? { dtype, dims, data: Uint16Array.from(typed) } : tensorOf(dtype, dims, typed);
}

/** Parses an .onnx file, its weights not yet read. */
export function parseModel(bytes: Uint8Array, what: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes as Uint8Array<ArrayBuffer>);
  } catch (cause) {
    throw new RoomError('format', `${what} is not an ONNX model: ${cause instanceof Error ? cause.message : String(cause)}`, 'Get the file again.', { cause });
  }
}

export function readModelFile(path: string): { proto: ModelProto; folder: string } {
  if (!existsSync(path)) throw new RoomError('not-found', `${path} does not exist.`, 'Check the path.');
  return { proto: parseModel(readFileSync(path), path), folder: dirname(path) };
}
