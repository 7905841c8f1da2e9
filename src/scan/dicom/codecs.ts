// Decoders of compressed DICOM frames: JPEG-LS (CharLS) and JPEG 2000 / HTJ2K (OpenJPEG) as wasm from @cornerstonejs, the
// others are here or in Node. The size in the codestream is compared with the DICOM header before anything is reserved, and what
// codecs throw (often bare numbers) becomes a 'format' error. The two wasm packages are loaded with `createRequire` from
// node_modules, both from source and from a bundled dist/engine.js: they must be shipped beside it, a bundler leaves them alone.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inflateRawSync } from 'node:zlib';
import { asFault, formatFault, unsupported } from '../fault.ts';
import { frameBytes, type PixelFormat, RLE } from './image-header.ts';
import { decodeLosslessJpeg } from './jpeg-lossless.ts';
import { decodeRle } from './rle.ts';

/** Decoded pixels: little-endian samples of `bits` bits (8 or 16, or as allocated), and whether samples are already signed. */
export interface DecodedFrame {
  bytes: Uint8Array;
  bytesPerSample: number;
  /** True when samples carry their sign in all bits; otherwise the header's bits stored say where the sign bit is. */
  signExtended: boolean;
  /** Samples lie plane after plane. */
  planar: boolean;
}

export const nativeSyntaxes = new Set(['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.1.99']);
const jpegLs = new Set(['1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.4.81']);
const jpegLossless = new Set(['1.2.840.10008.1.2.4.57', '1.2.840.10008.1.2.4.70']);
const jpeg2000 = new Set([90, 91, 201, 202, 203].map((n) => `1.2.840.10008.1.2.4.${n}`));
const DEFLATED_FRAME = '1.2.840.10008.1.2.8.1';

/** Decodes one encapsulated frame. Throws 'format' on damage and 'unsupported' for other transfer syntaxes. */
export async function decodeFrame(frame: Uint8Array, syntax: string, pixels: PixelFormat, path: string): Promise<DecodedFrame> {
  const bytesPerSample = Math.ceil(pixels.bitsAllocated / 8);
  const count = pixels.rows * pixels.columns;
  if (syntax === RLE) {
    if (pixels.bitsAllocated === 1) {
      return { bytes: decodeRle(frame, Math.ceil(count / 8), 1, 1, path), bytesPerSample: 0, signExtended: false, planar: false };
    }
    return { bytes: decodeRle(frame, count, pixels.samples, bytesPerSample, path), bytesPerSample, signExtended: false, planar: false };
  }
  if (syntax === DEFLATED_FRAME) {
    const bytes = inflateFrame(frame, frameBytes(pixels), path);
    return { bytes, bytesPerSample: pixels.bitsAllocated === 1 ? 0 : bytesPerSample, signExtended: false, planar: pixels.planar };
  }
  if (jpegLossless.has(syntax)) {
    const { data, components } = decodeLosslessJpeg(frame, pixels.columns, pixels.rows, path);
    if (components !== pixels.samples) throw formatFault(path, `has ${components} components in a frame where its header says ${pixels.samples}.`);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { bytes, bytesPerSample: data.BYTES_PER_ELEMENT, signExtended: false, planar: false };
  }
  if (jpegLs.has(syntax) || jpeg2000.has(syntax)) {
    checkSize(codestreamSize(frame), pixels, path);
    const kind = jpegLs.has(syntax) ? 'charls' : 'openjpeg';
    return decodeWasm(frame, kind, path);
  }
  throw unsupported(path, `is compressed with transfer syntax ${syntax}${syntaxName(syntax)}, which is not decoded here.`, 'Convert it to an uncompressed or losslessly compressed file, for example with gdcmconv --raw.');
}

function syntaxName(syntax: string): string {
  const names: Record<string, string> = { '50': ' (8-bit lossy JPEG)', '51': ' (12-bit lossy JPEG)', '110': ' (JPEG XL)', '111': ' (JPEG XL)', '112': ' (JPEG XL)' };
  return syntax.startsWith('1.2.840.10008.1.2.4.') ? names[syntax.slice(20)] ?? '' : '';
}

interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number; isSigned?: boolean };
  getInterleaveMode?(): number;
  delete(): void;
}
interface WasmModule {
  JpegLSDecoder?: new () => WasmDecoder;
  J2KDecoder?: new () => WasmDecoder;
}
type WasmFactory = (options: { wasmBinary: Uint8Array; print: () => void; printErr: () => void }) => Promise<WasmModule>;

type Kind = 'charls' | 'openjpeg';
const modules = new Map<Kind, Promise<WasmModule>>();

function wasmModule(kind: Kind): Promise<WasmModule> {
  let loading = modules.get(kind);
  if (!loading) {
    const require = createRequire(import.meta.url);
    const factory = require(`@cornerstonejs/codec-${kind}/decodewasmjs`) as WasmFactory;
    const wasmBinary = readFileSync(require.resolve(`@cornerstonejs/codec-${kind}/decodewasm`));
    loading = factory({ wasmBinary, print: () => undefined, printErr: () => undefined });
    modules.set(kind, loading);
  }
  return loading;
}

async function decodeWasm(frame: Uint8Array, kind: Kind, path: string): Promise<DecodedFrame> {
  const module = await wasmModule(kind);
  const Decoder = kind === 'charls' ? module.JpegLSDecoder : module.J2KDecoder;
  if (!Decoder) throw formatFault(path, `the ${kind} decoder is not installed correctly.`, 'Install Reading Room again.');
  try {
    const decoder = new Decoder();
    decoder.getEncodedBuffer(frame.length).set(frame);
    decoder.decode();
    const info = decoder.getFrameInfo();
    // The view points into wasm memory: copy before the decoder goes.
    const bytes = decoder.getDecodedBuffer().slice();
    const planar = kind === 'charls' && info.componentCount > 1 && decoder.getInterleaveMode?.() === 0;
    decoder.delete();
    return { bytes, bytesPerSample: info.bitsPerSample <= 8 ? 1 : 2, signExtended: info.isSigned === true, planar };
  } catch (thrown) {
    modules.delete(kind); // after a trap the instance cannot be trusted
    throw asFault(thrown, path, kind === 'charls' ? 'Decoding JPEG-LS' : 'Decoding JPEG 2000');
  }
}

export interface CodestreamSize {
  width: number;
  height: number;
}

/** Width and height from a JPEG, JPEG-LS or JPEG 2000 codestream (SOF or SIZ marker); undefined when there is none. */
export function codestreamSize(frame: Uint8Array): CodestreamSize | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  let at = 0;
  if (frame.length > 12 && view.getUint32(4) === 0x6a502020) { // JP2 boxes around the codestream
    while (at + 8 <= frame.length && view.getUint32(at + 4) !== 0x6a703263) at += Math.max(8, view.getUint32(at));
    at += 8;
  }
  if (at + 24 <= frame.length && view.getUint32(at) === 0xff4fff51) {
    return { width: view.getUint32(at + 8) - view.getUint32(at + 16), height: view.getUint32(at + 12) - view.getUint32(at + 20) };
  }
  if (at + 4 > frame.length || view.getUint16(at) !== 0xffd8) return undefined;
  for (at += 2; at + 9 <= frame.length; ) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at++;
    else if (marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    } else at += 2 + Math.max(2, view.getUint16(at + 2));
  }
  return undefined;
}

function checkSize(size: CodestreamSize | undefined, pixels: PixelFormat, path: string): void {
  if (!size) throw formatFault(path, 'has a compressed frame that does not start as its transfer syntax demands.');
  if (size.width !== pixels.columns || size.height !== pixels.rows) {
    throw formatFault(path, `has a compressed frame of ${size.width} x ${size.height} in an image of ${pixels.columns} x ${pixels.rows}.`);
  }
}

function inflateFrame(frame: Uint8Array, size: number, path: string): Uint8Array {
  try {
    return new Uint8Array(inflateRawSync(frame, { maxOutputLength: size + 1024 }));
  } catch (thrown) {
    throw asFault(thrown, path, 'Inflating a frame');
  }
}
