// Host tensors: construction, element counts, byte views, half precision. Little-endian hosts only, as are the formats.

import { RoomError } from '../protocol/error.ts';
import type { DType, Tensor, TensorData } from './runtime.ts';

export const BYTES: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, int64: 8, uint8: 1, int8: 1, bool: 1, float16: 2 };

/** Number of elements; every dim must be known. */
export function elementCount(dims: readonly number[]): number {
  let n = 1;
  for (const d of dims) {
    if (!Number.isSafeInteger(d) || d < 0) throw new RoomError('invalid', `A tensor of shape [${dims}] has no known size.`, 'Give every dimension a size.');
    n *= d;
  }
  return n;
}

/** Zero-filled storage. */
export function allocate(dtype: DType, count: number): TensorData {
  switch (dtype) {
    case 'float32': return new Float32Array(count);
    case 'float64': return new Float64Array(count);
    case 'int32': return new Int32Array(count);
    case 'int64': return new BigInt64Array(count);
    case 'uint8': case 'bool': return new Uint8Array(count);
    case 'int8': return new Int8Array(count);
    case 'float16': return new Uint16Array(count);
  }
}

/** A tensor from numbers; float16 is rounded to nearest even. Without `values` it is zero. */
export function tensorOf(dtype: DType, dims: readonly number[], values?: ArrayLike<number>): Tensor {
  const count = elementCount(dims);
  const data = allocate(dtype, count);
  if (values) {
    if (values.length !== count) throw new RoomError('invalid', `${values.length} numbers do not fill a tensor of shape [${dims}].`, `Give ${count} numbers.`);
    if (data instanceof BigInt64Array) for (let i = 0; i < count; i++) data[i] = BigInt(values[i]!);
    else if (dtype === 'float16') for (let i = 0; i < count; i++) data[i] = toHalf(values[i]!);
    else (data as Float64Array).set(values);
  }
  return { dtype, dims: [...dims], data };
}

/** The tensor's bytes, not copied. */
export function bytesOf(tensor: Tensor): Uint8Array {
  return new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

/** A typed view of bytes; copies only where the offset is not aligned. */
export function tensorFromBytes(dtype: DType, dims: readonly number[], bytes: Uint8Array): Tensor {
  const count = elementCount(dims);
  const size = BYTES[dtype];
  if (bytes.byteLength !== count * size)
    throw new RoomError('format', `${bytes.byteLength} bytes do not hold a ${dtype} tensor of shape [${dims}].`, `It needs ${count * size} bytes; the file is short or forged.`);
  // Not `bytes.slice()`: on a Node Buffer that is a view.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset } = aligned;
  const view = (): TensorData => {
    switch (dtype) {
      case 'float32': return new Float32Array(buffer as ArrayBuffer, byteOffset, count);
      case 'float64': return new Float64Array(buffer as ArrayBuffer, byteOffset, count);
      case 'int32': return new Int32Array(buffer as ArrayBuffer, byteOffset, count);
      case 'int64': return new BigInt64Array(buffer as ArrayBuffer, byteOffset, count);
      case 'uint8': case 'bool': return new Uint8Array(buffer as ArrayBuffer, byteOffset, count);
      case 'int8': return new Int8Array(buffer as ArrayBuffer, byteOffset, count);
      case 'float16': return new Uint16Array(buffer as ArrayBuffer, byteOffset, count);
    }
  };
  return { dtype, dims: [...dims], data: view() };
}

const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);

/** IEEE binary16 bits of x, nearest even. */
export function toHalf(x: number): number {
  f32[0] = x;
  const bits = u32[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const mantissa = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa ? 0x200 : 0);
  const e = exponent - 112; // half's biased exponent
  if (e >= 31) return sign | 0x7c00;
  if (e <= 0) {
    if (e < -10) return sign;
    const m = mantissa | 0x800000;
    const shift = 14 - e;
    const half = m >>> shift;
    const rest = m & ((1 << shift) - 1);
    const tie = 1 << (shift - 1);
    return sign | (half + (rest > tie || (rest === tie && half & 1) ? 1 : 0));
  }
  const half = (e << 10) | (mantissa >>> 13);
  const rest = mantissa & 0x1fff;
  return sign | (half + (rest > 0x1000 || (rest === 0x1000 && half & 1) ? 1 : 0));
}

/** The number that binary16 bits stand for. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** The same numbers in another floating type. */
export function convertFloat(tensor: Tensor, dtype: 'float32' | 'float64' | 'float16'): Tensor {
  if (tensor.dtype === dtype) return tensor;
  const source = tensor.data;
  if (source instanceof BigInt64Array) throw new RoomError('unsupported', 'int64 tensors are not converted to floating point.', 'Convert a floating tensor.');
  const values = tensor.dtype === 'float16' ? Float32Array.from(source, fromHalf) : source;
  return tensorOf(dtype, tensor.dims, values);
}
