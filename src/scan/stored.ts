// From stored bytes to scaled voxels, shared by all readers. A stored array keeps the file's own type in little-endian order;
// scaling is value = slope * stored + inter (NIfTI scl_*, DICOM Rescale*). Voxels become int16 where every value stays exact
// and float32 otherwise. Statistics and the hash run over stored arrays, slice by slice, in double precision.

import { createHash } from 'node:crypto';
import type { ScanSummary, StoredType, Voxels } from './volume.ts';
import { storedBytes } from './volume.ts';

export type StoredArray =
  | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array
  | BigInt64Array | BigUint64Array | Float32Array | Float64Array;

export interface Scaling {
  slope: number;
  inter: number;
}

export const identity: Scaling = { slope: 1, inter: 0 };

/** Views bytes as `type` without a copy where alignment and byte order allow; rgb24 and rgba32 stay bytes. */
export function storedArray(bytes: Uint8Array, type: StoredType, bigEndian: boolean): StoredArray {
  const size = type === 'rgb24' || type === 'rgba32' ? 1 : storedBytes[type];
  const length = Math.floor(bytes.byteLength / size);
  let source = bytes;
  if (bigEndian && size > 1) {
    const copy = Buffer.from(bytes.subarray(0, length * size));
    source = size === 2 ? copy.swap16() : size === 4 ? copy.swap32() : copy.swap64();
  }
  if (source.byteOffset % size !== 0) source = new Uint8Array(source); // a copy; slice() of a Buffer is none
  const view = <T>(Kind: new (buffer: ArrayBufferLike, offset: number, length: number) => T): T =>
    new Kind(source.buffer, source.byteOffset, length);
  switch (type) {
    case 'int8': return view(Int8Array);
    case 'uint8': case 'rgb24': case 'rgba32': return view(Uint8Array);
    case 'int16': return view(Int16Array);
    case 'uint16': return view(Uint16Array);
    case 'int32': return view(Int32Array);
    case 'uint32': return view(Uint32Array);
    case 'int64': return view(BigInt64Array);
    case 'uint64': return view(BigUint64Array);
    case 'float32': return view(Float32Array);
    case 'float64': return view(Float64Array);
  }
}

/** Numbers of a stored array: 64-bit integers as doubles, colour as luminance 0..255 (ITU-R BT.601, rounded). */
function asNumbers(stored: StoredArray, type: StoredType): Exclude<StoredArray, BigInt64Array | BigUint64Array> {
  if (stored instanceof BigInt64Array || stored instanceof BigUint64Array) return Float64Array.from(stored as BigInt64Array, Number);
  if (type !== 'rgb24' && type !== 'rgba32') return stored;
  const samples = type === 'rgb24' ? 3 : 4;
  const grey = new Uint8Array(Math.floor(stored.length / samples));
  for (let n = 0, at = 0; n < grey.length; n++, at += samples) {
    grey[n] = Math.round(0.299 * (stored[at] as number) + 0.587 * (stored[at + 1] as number) + 0.114 * (stored[at + 2] as number));
  }
  return grey;
}

/** Scaled voxels of a stored array. int16 when exact, else float32; `exact` is false where float32 had to round integers. */
export function toVoxels(stored: StoredArray, type: StoredType, { slope, inter }: Scaling): { data: Voxels; exact: boolean } {
  const values = asNumbers(stored, type);
  const plain = slope === 1 && inter === 0;
  if (plain && (values instanceof Int16Array || values instanceof Float32Array)) return { data: values, exact: true };
  const integral = Number.isInteger(slope) && Number.isInteger(inter) && type !== 'float32' && type !== 'float64';
  let bound = 0;
  if (integral) {
    let [low, high] = [Infinity, -Infinity];
    for (let n = 0; n < values.length; n++) {
      const v = values[n] as number;
      if (v < low) low = v;
      if (v > high) high = v;
    }
    const [a, b] = [low * slope + inter, high * slope + inter];
    bound = Math.max(Math.abs(a), Math.abs(b));
    if (Math.min(a, b) >= -32768 && Math.max(a, b) <= 32767) {
      const data = new Int16Array(values.length);
      for (let n = 0; n < data.length; n++) data[n] = (values[n] as number) * slope + inter;
      return { data, exact: true };
    }
  }
  const data = new Float32Array(values.length);
  for (let n = 0; n < data.length; n++) data[n] = (values[n] as number) * slope + inter;
  return { data, exact: !integral || bound <= 2 ** 24 };
}

/** Minimum, maximum, mean and hash over stored arrays that arrive one after the other. Non-finite values are left out and counted. */
export class SummaryBuilder {
  readonly #hash = createHash('sha256');
  #min = Infinity;
  #max = -Infinity;
  #sum = 0;
  #count = 0;
  nonFinite = 0;

  add(stored: StoredArray, type: StoredType, { slope, inter }: Scaling): void {
    this.#hash.update(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
    const values = asNumbers(stored, type);
    let [low, high, sum, finite] = [Infinity, -Infinity, 0, 0];
    for (let n = 0; n < values.length; n++) {
      const v = values[n] as number;
      if (!Number.isFinite(v)) continue;
      if (v < low) low = v;
      if (v > high) high = v;
      sum += v;
      finite++;
    }
    this.nonFinite += values.length - finite;
    if (finite === 0) return;
    const [a, b] = [low * slope + inter, high * slope + inter];
    this.#min = Math.min(this.#min, a, b);
    this.#max = Math.max(this.#max, a, b);
    this.#sum += sum * slope + inter * finite;
    this.#count += finite;
  }

  finish(): ScanSummary {
    const some = this.#count > 0;
    return {
      min: some ? this.#min : 0,
      max: some ? this.#max : 0,
      mean: some ? this.#sum / this.#count : 0,
      storedSha256: this.#hash.digest('hex'),
    };
  }
}
