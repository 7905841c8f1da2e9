// The safetensors format: 8 bytes of header length, a JSON header, then the tensors' bytes without gaps. Reading checks the
// header against the file before anything is allocated. Written files appear whole or not at all (temporary file, fsync,
// rename, fsync of the folder). Format: huggingface/safetensors README.

import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { RoomError } from '../protocol/error.ts';
import type { DType, Tensor } from './runtime.ts';
import { BYTES, bytesOf, elementCount, tensorFromBytes } from './tensor.ts';

const NAMES: Readonly<Record<DType, string>> = { float32: 'F32', float64: 'F64', float16: 'F16', int32: 'I32', int64: 'I64', uint8: 'U8', int8: 'I8', bool: 'BOOL' };
const TYPES: ReadonlyMap<string, DType> = new Map(Object.entries(NAMES).map(([k, v]) => [v, k as DType]));
const MAX_HEADER = 100 * 1024 * 1024;

/** Writes bytes atomically: the old file or the new one exists at every moment, also after a power cut. */
export function writeAtomic(path: string, parts: Iterable<Uint8Array>): void {
  const temporary = `${path}.tmp-${process.pid}`;
  const file = openSync(temporary, 'w');
  try {
    for (const part of parts) for (let at = 0; at < part.length; ) at += writeSync(file, part, at, Math.min(part.length - at, 1 << 30));
    fsyncSync(file);
    closeSync(file);
  } catch (error) {
    closeSync(file);
    rmSync(temporary, { force: true });
    throw error;
  }
  renameSync(temporary, path);
  if (process.platform === 'win32') return; // folders cannot be opened there
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Writes named tensors and text metadata, in the order of the map. */
export function writeSafetensors(path: string, tensors: ReadonlyMap<string, Tensor>, metadata: Readonly<Record<string, string>> = {}): void {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const [name, t] of tensors) {
    header[name] = { dtype: NAMES[t.dtype], shape: t.dims, data_offsets: [offset, offset + t.data.byteLength] };
    offset += t.data.byteLength;
  }
  const json = JSON.stringify(header);
  const text = Buffer.from(json + ' '.repeat((8 - (Buffer.byteLength(json) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  function* parts(): Generator<Uint8Array> {
    yield length;
    yield text;
    for (const t of tensors.values()) yield bytesOf(t);
  }
  writeAtomic(path, parts());
}

export interface Safetensors {
  tensors: Map<string, Tensor>;
  metadata: Record<string, string>;
}

interface Entry {
  name: string;
  dtype: DType;
  dims: number[];
  start: number;
  end: number;
}

function entryOf(path: string, name: string, raw: unknown): Entry {
  const bad = (what: string): never => {
    throw new RoomError('format', `${path}: tensor ${JSON.stringify(name)} has ${what}.`, 'The file is damaged or not a safetensors file.');
  };
  if (typeof raw !== 'object' || raw === null) return bad('no description');
  const { dtype, shape, data_offsets: offsets } = raw as Record<string, unknown>;
  const type = typeof dtype === 'string' ? TYPES.get(dtype) : undefined;
  const isSizes = (x: unknown): x is number[] => Array.isArray(x) && x.every((d) => Number.isSafeInteger(d) && (d as number) >= 0);
  if (!type) throw new RoomError('unsupported', `${path}: tensor ${name} has element type ${String(dtype)}.`, `Supported are ${[...TYPES.keys()].join(', ')}.`);
  if (!isSizes(shape)) return bad('no valid shape');
  if (!isSizes(offsets) || offsets.length !== 2) return bad('no valid offsets');
  const [start, end] = offsets as [number, number];
  if (end - start !== elementCount(shape) * BYTES[type]) return bad('offsets that do not match its shape');
  return { name, dtype: type, dims: shape, start, end };
}

/**
 * Reads a safetensors file, or only the tensors that `pick` chooses.
 * @throws RoomError 'not-found', 'format'
 */
export function readSafetensors(path: string, pick: (name: string) => boolean = () => true): Safetensors {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw new RoomError('not-found', `${path} cannot be opened.`, 'Check the path and its permissions.', { cause });
  }
  try {
    const size = fstatSync(file).size;
    const read = (position: number, length: number): Buffer => {
      const bytes = Buffer.allocUnsafeSlow(length);
      for (let at = 0; at < length; ) {
        const n = readSync(file, bytes, at, Math.min(length - at, 1 << 30), position + at);
        if (n === 0) throw new RoomError('format', `${path} ended while it was read.`, 'Get the file again.');
        at += n;
      }
      return bytes;
    };
    const short = new RoomError('format', `${path} (${size} bytes) is not a complete safetensors file.`, 'The file is cut short or of another kind; get it again.');
    if (size < 8) throw short;
    const headerLength = Number(read(0, 8).readBigUInt64LE());
    if (headerLength > MAX_HEADER || 8 + headerLength > size) throw short;
    let header: unknown;
    try {
      header = JSON.parse(read(8, headerLength).toString('utf8'));
    } catch (cause) {
      throw new RoomError('format', `${path} has a header that is not JSON.`, 'The file is damaged or of another kind.', { cause });
    }
    if (typeof header !== 'object' || header === null || Array.isArray(header)) throw short;
    const base = 8 + headerLength;
    const tensors = new Map<string, Tensor>();
    const metadata: Record<string, string> = {};
    for (const [name, raw] of Object.entries(header)) {
      if (name === '__metadata__') {
        for (const [key, value] of Object.entries((raw ?? {}) as Record<string, unknown>)) metadata[key] = String(value);
        continue;
      }
      const e = entryOf(path, name, raw);
      if (base + e.end > size) throw short;
      if (pick(name)) tensors.set(name, tensorFromBytes(e.dtype, e.dims, read(base + e.start, e.end - e.start)));
    }
    return { tensors, metadata };
  } finally {
    closeSync(file);
  }
}
