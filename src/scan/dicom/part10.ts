// A parser for DICOM files (PS3.10) and bare data sets (PS3.5): explicit and implicit VR, both byte orders, deflated.
// Own code, because dicom-parser throws strings and plain objects, refuses files without preamble, wants the whole file in
// memory and inflates without limit. It works on the first bytes of a file and asks for more; pixel data is located, not read.
// Elements with an invalid VR are read as implicit ones (seen inside sequences of real files). Nesting is limited to 32.

import { inflateRawSync } from 'node:zlib';
import { formatFault } from '../fault.ts';

export interface Element {
  vr: string;
  /** Value bytes from here, in the data set's bytes. */
  offset: number;
  /** Bytes, or -1 for undefined length (encapsulated pixel data; sequences carry `items`). */
  length: number;
  items?: DataSet[];
}

/** The elements of a data set, by tag number (group * 65536 + element). */
export class DataSet {
  readonly elements = new Map<number, Element>();
  readonly bytes: Uint8Array;
  readonly bigEndian: boolean;
  constructor(bytes: Uint8Array, bigEndian: boolean) {
    this.bytes = bytes;
    this.bigEndian = bigEndian;
  }

  /** Text of an element, trimmed of padding; undefined when absent or empty. Latin-1: the tags used here are ASCII. */
  text(tag: number): string | undefined {
    const element = this.elements.get(tag);
    if (!element || element.length <= 0) return undefined;
    const raw = Buffer.from(this.bytes.buffer, this.bytes.byteOffset + element.offset, element.length).toString('latin1');
    return raw.replace(/[\0 ]+$/, '').replace(/^ +/, '') || undefined;
  }

  /** All numbers of an element: text (DS, IS) split at backslashes, or binary by VR. Unreadable parts are NaN. */
  numbers(tag: number): number[] {
    const element = this.elements.get(tag);
    if (!element || element.length <= 0) return [];
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + element.offset, element.length);
    const little = !this.bigEndian;
    const many = (size: number, get: (at: number) => number): number[] =>
      Array.from({ length: Math.floor(element.length / size) }, (_, n) => get(n * size));
    const vr = element.vr === '' || element.vr === 'UN' ? binaryVr(tag) : element.vr;
    switch (vr) {
      case 'US': case 'OW': return many(2, (n) => view.getUint16(n, little));
      case 'SS': return many(2, (n) => view.getInt16(n, little));
      case 'UL': return many(4, (n) => view.getUint32(n, little));
      case 'SL': return many(4, (n) => view.getInt32(n, little));
      case 'FL': return many(4, (n) => view.getFloat32(n, little));
      case 'FD': return many(8, (n) => view.getFloat64(n, little));
      default: return (this.text(tag) ?? '').split('\\').map((part) => (part.trim() === '' ? NaN : Number(part.trim())));
    }
  }

  number(tag: number): number | undefined {
    const first = this.numbers(tag)[0];
    return first !== undefined && Number.isFinite(first) ? first : undefined;
  }

  items(tag: number): readonly DataSet[] {
    return this.elements.get(tag)?.items ?? [];
  }
}

// VRs of the binary elements that this package reads, for implicit VR.
function binaryVr(tag: number): string {
  if ((tag >>> 16) === 0x0028 && [0x0002, 0x0006, 0x0010, 0x0011, 0x0100, 0x0101, 0x0102, 0x0103].includes(tag & 0xffff)) return 'US';
  return tag === 0x00720066 ? 'FD' : 'DS';
}

export interface Part10 {
  transferSyntax: string;
  data: DataSet;
  /** The data set's bytes are the file's bytes (false after inflation). */
  inFile: boolean;
  warnings: string[];
}

/** Thrown by the parser when it needs bytes that the file has but the caller did not pass. */
export class NeedMore {
  readonly bytes: number;
  constructor(bytes: number) {
    this.bytes = bytes;
  }
}

const longVr = new Set(['OB', 'OW', 'OF', 'OD', 'OL', 'OV', 'SQ', 'UN', 'UC', 'UR', 'UT', 'SV', 'UV']);
const UNDEFINED = 0xffffffff;
const maxDepth = 32;
const maxInflated = 1 << 30;

export const pixelTags = { float: 0x7fe00008, double: 0x7fe00009, pixels: 0x7fe00010 } as const;

/** A cheap look at the first bytes (at least 140 if the file has them): the DICM mark, or a plausible first element. */
export function looksLikeDicom(head: Uint8Array): boolean {
  const mark = (at: number): boolean => String.fromCharCode(...head.subarray(at, at + 4)) === 'DICM';
  if (mark(128) || mark(0)) return true;
  if (head.length < 12) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (const little of [true, false]) {
    const group = view.getUint16(0, little);
    if ((group === 2 || group === 8) && view.getUint16(2, little) < 0x200) {
      const vr = String.fromCharCode(head[4] as number, head[5] as number);
      if (/^[A-Z]{2}$/.test(vr) || view.getUint32(4, little) < 1024) return true;
    }
  }
  return false;
}

/**
 * Parses the head of a file up to its pixel data. `bytes` are the file's first bytes, `size` the file's length.
 * Throws NeedMore when the answer lies in later bytes of the file, RoomError 'format' when the file is short or broken.
 */
export function parsePart10(bytes: Uint8Array, size: number, path: string): Part10 {
  const warnings: string[] = [];
  const mark = (at: number): boolean => String.fromCharCode(...bytes.subarray(at, at + 4)) === 'DICM';
  let at = mark(128) ? 132 : mark(0) ? 4 : 0;
  if (at !== 132) warnings.push('The file has no DICOM preamble.');
  const meta = new DataSet(bytes, false);
  const reader = new Reader(bytes, size, path, meta);
  at = reader.elements(meta, at, size, { explicit: true, depth: 0, group: 2 });
  let transferSyntax = meta.text(0x00020010);
  if (transferSyntax === undefined) {
    transferSyntax = guessSyntax(bytes, at);
    warnings.push('The file names no transfer syntax; it was guessed.');
  }
  if (transferSyntax === '1.2.840.10008.1.2.1.99') {
    if (bytes.length < size) throw new NeedMore(size);
    let plain: Uint8Array;
    try {
      plain = new Uint8Array(inflateRawSync(bytes.subarray(at), { maxOutputLength: Math.min(maxInflated, 1032 * size + 1024) }));
    } catch (thrown) {
      throw formatFault(path, 'the deflated data set is damaged, cut off, or above 1 GiB.', undefined, thrown);
    }
    const data = new DataSet(plain, false);
    new Reader(plain, plain.length, path, data).elements(data, 0, plain.length, { explicit: true, depth: 0 });
    return { transferSyntax, data, inFile: false, warnings };
  }
  const bigEndian = transferSyntax === '1.2.840.10008.1.2.2';
  const data = new DataSet(bytes, bigEndian);
  new Reader(bytes, size, path, data).elements(data, at, size, { explicit: transferSyntax !== '1.2.840.10008.1.2', depth: 0 });
  return { transferSyntax, data, inFile: true, warnings };
}

function guessSyntax(bytes: Uint8Array, at: number): string {
  const explicit = /^[A-Z]{2}$/.test(String.fromCharCode(...bytes.subarray(at + 4, at + 6)));
  if (!explicit) return '1.2.840.10008.1.2';
  return bytes[at] === 0 && bytes[at + 1] !== 0 ? '1.2.840.10008.1.2.2' : '1.2.840.10008.1.2.1';
}

interface Context {
  explicit: boolean;
  depth: number;
  /** Stop before the first element of another group (file meta information). */
  group?: number;
  /** Stop at an item delimiter. */
  delimited?: boolean;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #size: number;
  readonly #path: string;
  readonly #little: boolean;
  constructor(bytes: Uint8Array, size: number, path: string, { bigEndian }: DataSet) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#size = size;
    this.#path = path;
    this.#little = !bigEndian;
  }

  /** Reads elements into `target` from `at` to `end`; returns where it stopped. */
  elements(target: DataSet, at: number, end: number, context: Context): number {
    while (at < end) {
      if (end - at < 8) {
        if (context.group !== undefined) return at;
        if (this.#rest(at, end)) return end;
        throw this.#cut(at, 8);
      }
      this.#need(at, 8);
      const group = this.#view.getUint16(at, this.#little);
      if (context.group !== undefined && group !== context.group) return at;
      const tag = group * 65536 + this.#view.getUint16(at + 2, this.#little);
      if (tag === 0xfffee00d) {
        if (context.delimited) return at + 8;
        at += 8;
        continue;
      }
      const { vr, header, length } = this.#head(at, context.explicit);
      const value = at + header;
      if (context.depth === 0 && (tag === pixelTags.pixels || tag === pixelTags.float || tag === pixelTags.double)) {
        if (length !== UNDEFINED && value + length > this.#size) throw this.#short(value, length);
        target.elements.set(tag, { vr, offset: value, length: length === UNDEFINED ? -1 : length });
        return end;
      }
      if (length === UNDEFINED || vr === 'SQ' || (!context.explicit && length >= 8 && this.#startsItem(value, length))) {
        const stop = length === UNDEFINED ? end : value + length;
        if (stop > end) throw this.#cut(value, length);
        const items: DataSet[] = [];
        // A sequence of VR UN and undefined length is implicit VR little endian inside (PS3.5 6.2.2, note 2).
        const inner = { explicit: context.explicit && !(vr === 'UN' && length === UNDEFINED), depth: context.depth + 1 };
        at = this.#sequence(items, value, stop, inner, length === UNDEFINED);
        target.elements.set(tag, { vr: 'SQ', offset: value, length: at - value, items });
        continue;
      }
      if (value + length > end) throw this.#cut(value, length);
      if (keeps(tag)) {
        this.#need(value, length);
        target.elements.set(tag, { vr, offset: value, length });
      }
      at = value + length;
    }
    return at;
  }

  #sequence(items: DataSet[], at: number, end: number, context: Context, delimited: boolean): number {
    if (context.depth > maxDepth) throw formatFault(this.#path, `nests sequences deeper than ${maxDepth}.`);
    while (at < end) {
      this.#need(at, 8);
      const tag = this.#view.getUint16(at, this.#little) * 65536 + this.#view.getUint16(at + 2, this.#little);
      const length = this.#view.getUint32(at + 4, this.#little);
      if (tag === 0xfffee0dd) return at + 8;
      if (tag !== 0xfffee000) throw formatFault(this.#path, `has a broken sequence at byte ${at}.`);
      const item = new DataSet(this.#bytes, !this.#little);
      const stop = length === UNDEFINED ? end : at + 8 + length;
      if (stop > end) throw this.#cut(at + 8, length);
      at = this.elements(item, at + 8, stop, { ...context, delimited: length === UNDEFINED });
      items.push(item);
    }
    if (delimited && at >= this.#size) throw this.#cut(at, 8);
    return at;
  }

  #head(at: number, explicit: boolean): { vr: string; header: number; length: number } {
    const vr = String.fromCharCode(this.#bytes[at + 4] as number, this.#bytes[at + 5] as number);
    if (!explicit || !/^[A-Z]{2}$/.test(vr)) return { vr: '', header: 8, length: this.#view.getUint32(at + 4, this.#little) };
    if (!longVr.has(vr)) return { vr, header: 8, length: this.#view.getUint16(at + 6, this.#little) };
    this.#need(at, 12);
    return { vr, header: 12, length: this.#view.getUint32(at + 8, this.#little) };
  }

  #startsItem(at: number, length: number): boolean {
    if (at + length > this.#size) return false;
    this.#need(at, 8);
    const inner = this.#view.getUint32(at + 4, this.#little);
    return this.#view.getUint16(at, this.#little) === 0xfffe && this.#view.getUint16(at + 2, this.#little) === 0xe000
      && (inner === UNDEFINED || inner <= length - 8);
  }

  // Zero padding after the last element.
  #rest(at: number, end: number): boolean {
    this.#need(at, end - at);
    return this.#bytes.subarray(at, end).every((b) => b === 0);
  }

  #need(at: number, length: number): void {
    if (at + length <= this.#bytes.length) return;
    if (at + length > this.#size) throw this.#cut(at, length);
    throw new NeedMore(at + length);
  }

  #cut(at: number, length: number): Error {
    return formatFault(this.#path, `is broken or cut off: an element at byte ${at} wants ${length} bytes, the file has ${this.#size}.`, 'Get the file again from its source.');
  }

  #short(at: number, length: number): Error {
    return formatFault(this.#path, `ends early: ${length} bytes of pixel data are announced, ${this.#size - at} are there.`, 'The copy is incomplete: get the file again.');
  }
}

// Groups that hold what this package reads; the rest (patient module, private groups) is skipped unread.
const keptGroups = new Set([0x0002, 0x0008, 0x0018, 0x0020, 0x0028, 0x0040, 0x5200, 0x7fe0]);
const keeps = (tag: number): boolean => keptGroups.has(tag >>> 16);
