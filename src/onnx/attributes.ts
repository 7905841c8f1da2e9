// Reading node attributes, and the numbers by which ONNX files name element types.

import { RoomError } from '../protocol/error.ts';
import type { Attributes } from './graph.ts';
import type { DType } from './runtime.ts';

export function intAttr(attributes: Attributes, name: string, fallback: number): number {
  const a = attributes[name];
  return typeof a === 'number' ? a : fallback;
}

export function intsAttr(attributes: Attributes, name: string): readonly number[] | undefined {
  const a = attributes[name];
  return Array.isArray(a) ? (a as readonly number[]) : undefined;
}

export function floatAttr(attributes: Attributes, name: string, fallback: number): number {
  const a = attributes[name];
  return typeof a === 'object' && 'float' in a ? a.float : typeof a === 'number' ? a : fallback;
}

export function stringAttr(attributes: Attributes, name: string, fallback: string): string {
  const a = attributes[name];
  return typeof a === 'string' ? a : fallback;
}

const ELEMENT_TYPES: Readonly<Record<number, DType>> = { 1: 'float32', 2: 'uint8', 3: 'int8', 6: 'int32', 7: 'int64', 9: 'bool', 10: 'float16', 11: 'float64' };

/** ONNX TensorProto.DataType -> our element type. */
export function elementType(code: number, where: string): DType {
  const dtype = ELEMENT_TYPES[code];
  if (!dtype) throw new RoomError('unsupported', `${where} has ONNX element type ${code}.`, `Supported are ${Object.values(ELEMENT_TYPES).join(', ')}.`);
  return dtype;
}

/** Our element type -> ONNX TensorProto.DataType. */
export function elementCode(dtype: DType): number {
  return Number(Object.keys(ELEMENT_TYPES).find((k) => ELEMENT_TYPES[Number(k)] === dtype));
}
