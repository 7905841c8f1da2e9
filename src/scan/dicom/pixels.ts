// From a DICOM file to the stored values of one frame: finds the frame's bytes (native, or fragments by offset table or by
// codestream starts), decodes them, and brings them to the header's type: byte order, bits stored with sign extension,
// unused bits masked, 1-bit frames unpacked, colour planes interleaved as RGB.

import { open } from 'node:fs/promises';
import { asFault, formatFault } from '../fault.ts';
import { storedArray, type StoredArray } from '../stored.ts';
import { decodeFrame, type DecodedFrame, nativeSyntaxes } from './codecs.ts';
import { type ImageHeader, type PixelFormat, readFully, readHead } from './image-header.ts';

interface Fragment {
  offset: number;
  length: number;
}

/** Bytes that an image header's offsets point into: the file, or its inflated data set. */
interface PixelSource {
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

async function openSource(header: ImageHeader): Promise<PixelSource> {
  if (!header.inFile) {
    const inflated = (await readHead(header.path))?.part.data.bytes ?? new Uint8Array(0);
    return { read: async (offset, length) => inflated.subarray(offset, offset + length), close: async () => undefined };
  }
  const handle = await open(header.path, 'r');
  return {
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      await readFully(handle, bytes, offset, header.path);
      return bytes;
    },
    close: () => handle.close(),
  };
}

/** Reads frames of one file. A file of many frames stays open until `close`, others are open only while they are read. */
export class FrameReader {
  readonly header: ImageHeader;
  #kept: Promise<PixelSource> | undefined;
  #frames: Promise<Fragment[][]> | undefined;
  #closed = false;

  constructor(header: ImageHeader) {
    this.header = header;
  }

  /** Stored values of frame `n`, of the header's stored type (rgb24: 3 bytes a pixel), rows x columns. */
  async stored(n: number): Promise<StoredArray> {
    const { header } = this;
    const once = header.frames.length === 1 || this.#closed;
    try {
      const source = await (once ? openSource(header) : (this.#kept ??= openSource(header)));
      try {
        return toStored(await this.#decoded(source, n), header);
      } finally {
        if (once) await source.close();
      }
    } catch (thrown) {
      throw asFault(thrown, header.path, `Decoding frame ${n + 1}`);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const kept = this.#kept;
    this.#kept = undefined;
    await (await kept?.catch(() => undefined))?.close();
  }

  async #decoded(source: PixelSource, n: number): Promise<DecodedFrame> {
    const { header } = this;
    const { pixels } = header;
    if (header.length >= 0) {
      if (!nativeSyntaxes.has(header.transferSyntax)) throw formatFault(header.path, 'names a compressed transfer syntax but holds plain pixel data.');
      const bits = pixels.rows * pixels.columns * pixels.samples * pixels.bitsAllocated;
      // 1-bit frames follow each other without padding to bytes (PS3.5 8.1.1).
      const start = Math.floor((n * bits) / 8);
      const bytes = await source.read(header.offset + start, Math.ceil(((n + 1) * bits) / 8) - start);
      if (pixels.bitsAllocated === 1) return { bytes: unpackBits(bytes, (n * bits) % 8, bits), bytesPerSample: 1, signExtended: true, planar: false };
      return { bytes, bytesPerSample: pixels.bitsAllocated / 8, signExtended: false, planar: pixels.planar };
    }
    this.#frames ??= this.#fragments(source);
    const fragments = (await this.#frames)[n];
    if (!fragments || fragments.length === 0) throw formatFault(header.path, `holds no data for frame ${n + 1} of ${header.frames.length}.`, 'The copy is incomplete: get the file again.');
    const parts: Uint8Array[] = [];
    for (const { offset, length } of fragments) parts.push(await source.read(offset, length));
    const frame = parts.length === 1 ? (parts[0] as Uint8Array) : new Uint8Array(Buffer.concat(parts));
    const decoded = await decodeFrame(frame, header.transferSyntax, pixels, header.path);
    if (pixels.bitsAllocated === 1 && decoded.bytesPerSample === 0) {
      return { bytes: unpackBits(decoded.bytes, 0, pixels.rows * pixels.columns), bytesPerSample: 1, signExtended: true, planar: false };
    }
    return decoded;
  }

  // Items of encapsulated pixel data (PS3.5 A.4): a basic offset table, then fragments, then a delimiter.
  async #fragments(source: PixelSource): Promise<Fragment[][]> {
    const { header } = this;
    const count = header.frames.length;
    const limit = header.fileSize;
    const items: Fragment[] = [];
    for (let at = header.offset; at + 8 <= limit; ) {
      const head = await source.read(at, 8);
      const view = new DataView(head.buffer, head.byteOffset, 8);
      const tag = view.getUint16(0, true) * 65536 + view.getUint16(2, true);
      const length = view.getUint32(4, true);
      if (tag === 0xfffee0dd) break;
      if (tag !== 0xfffee000) throw formatFault(header.path, `has broken pixel data fragments at byte ${at}.`);
      if (at + 8 + length > limit) throw formatFault(header.path, `ends early: a fragment of ${length} bytes starts at ${at + 8}, the file has ${limit}.`, 'The copy is incomplete: get the file again.');
      items.push({ offset: at + 8, length });
      at += 8 + length;
    }
    const table = items.shift();
    if (!table || items.length === 0) throw formatFault(header.path, 'holds no pixel data fragments.', 'The copy is incomplete: get the file again.');
    if (count === 1) return [items];
    if (table.length >= 4 * count) {
      const raw = await source.read(table.offset, 4 * count);
      const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
      const base = table.offset + table.length;
      const starts = Array.from({ length: count }, (_, n) => base + view.getUint32(4 * n, true));
      const frames = starts.map((start, n) => items.filter((i) => i.offset - 8 >= start && i.offset - 8 < (starts[n + 1] ?? Infinity)));
      if (frames.every((f) => f.length > 0)) return frames;
    }
    if (items.length === count) return items.map((item) => [item]);
    const frames: Fragment[][] = [];
    for (const item of items) {
      const head = await source.read(item.offset, Math.min(2, item.length));
      const starts = head[0] === 0xff && (head[1] === 0xd8 || head[1] === 0x4f);
      if (starts || frames.length === 0) frames.push([]);
      frames.at(-1)?.push(item);
    }
    if (frames.length !== count) throw formatFault(header.path, `has ${items.length} fragments that cannot be divided into ${count} frames.`);
    return frames;
  }
}

function unpackBits(bytes: Uint8Array, first: number, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let n = 0; n < count; n++) out[n] = ((bytes[(first + n) >> 3] as number) >> ((first + n) & 7)) & 1;
  return out;
}

function toStored(frame: DecodedFrame, header: ImageHeader): StoredArray {
  const { pixels, path } = header;
  const count = pixels.rows * pixels.columns;
  const need = count * pixels.samples * frame.bytesPerSample;
  if (frame.bytes.length < need) throw formatFault(path, `has a frame of ${frame.bytes.length} bytes where ${need} are needed.`, 'The copy is incomplete: get the file again.');
  const bytes = frame.bytes.subarray(0, need);
  if (pixels.stored === 'rgb24') return toRgb(bytes, count, frame.planar, pixels.photometric, frame.bytesPerSample, path);
  if (pixels.stored === 'float32' || pixels.stored === 'float64') return storedArray(bytes, pixels.stored, isBigEndian(header));
  const size = Math.ceil(pixels.bitsAllocated / 8);
  if (frame.bytesPerSample > size) throw formatFault(path, `has compressed samples wider than the ${pixels.bitsAllocated} bits its header allows.`);
  const raw = storedArray(bytes, frame.bytesPerSample === 1 ? 'uint8' : frame.bytesPerSample === 2 ? 'uint16' : 'uint32', header.length >= 0 && isBigEndian(header));
  return signAndMask(raw as Uint8Array, frame.signExtended ? frame.bytesPerSample * 8 : undefined, pixels);
}

const isBigEndian = (header: ImageHeader): boolean => header.transferSyntax === '1.2.840.10008.1.2.2';

// Keeps the stored bits, extends the sign where samples are signed, and widens to the allocated type.
function signAndMask(raw: Uint8Array | Uint16Array | Uint32Array, fullBits: number | undefined, pixels: PixelFormat): StoredArray {
  const { stored, signed, bitsAllocated } = pixels;
  const bits = fullBits ?? pixels.bitsStored;
  const low = fullBits === undefined ? pixels.highBit + 1 - pixels.bitsStored : 0;
  const out = stored === 'int8' ? new Int8Array(raw.length) : stored === 'uint8' ? new Uint8Array(raw.length)
    : stored === 'int16' ? new Int16Array(raw.length) : stored === 'uint16' ? new Uint16Array(raw.length)
      : stored === 'int32' ? new Int32Array(raw.length) : new Uint32Array(raw.length);
  if (low === 0 && bits === bitsAllocated && raw.BYTES_PER_ELEMENT === out.BYTES_PER_ELEMENT) {
    out.set(raw); // same width: the sign bit wraps into place
    return out;
  }
  const [left, right] = [32 - bits - low, 32 - bits];
  if (signed) for (let n = 0; n < out.length; n++) out[n] = ((raw[n] as number) << left) >> right;
  else for (let n = 0; n < out.length; n++) out[n] = ((raw[n] as number) << left) >>> right;
  return out;
}

// Interleaves planes and converts YBR_FULL (PS3.3 C.7.6.3.1.2) to RGB; codecs already deliver RGB for YBR_RCT and YBR_ICT.
function toRgb(bytes: Uint8Array, count: number, planar: boolean, photometric: string, bytesPerSample: number, path: string): Uint8Array {
  if (bytesPerSample !== 1) throw formatFault(path, 'has colour samples wider than its header says.');
  const rgb = new Uint8Array(count * 3);
  if (planar) for (let n = 0; n < count; n++) for (let c = 0; c < 3; c++) rgb[3 * n + c] = bytes[c * count + n] as number;
  else rgb.set(bytes);
  if (photometric !== 'YBR_FULL') return rgb;
  const clamp = (v: number): number => Math.min(255, Math.max(0, Math.round(v)));
  for (let n = 0; n < rgb.length; n += 3) {
    const [y, cb, cr] = [rgb[n] as number, (rgb[n + 1] as number) - 128, (rgb[n + 2] as number) - 128];
    rgb[n] = clamp(y + 1.402 * cr);
    rgb[n + 1] = clamp(y - 0.344136 * cb - 0.714136 * cr);
    rgb[n + 2] = clamp(y + 1.772 * cb);
  }
  return rgb;
}

