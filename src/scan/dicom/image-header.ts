// What one DICOM file says about its image: pixel description, place in the patient, scaling, series; taken from the head of
// the file, which is read in growing pieces. Enhanced multi-frame objects are understood through their functional groups
// (PS3.3 C.7.6.16). Patient, study and free-text elements are not read at all.

import { open, type FileHandle } from 'node:fs/promises';
import { asFault, formatFault, unsupported } from '../fault.ts';
import type { Vec3 } from '../geometry.ts';
import { cross, norm } from '../geometry.ts';
import type { Scaling } from '../stored.ts';
import type { StoredType } from '../volume.ts';
import { type DataSet, looksLikeDicom, NeedMore, parsePart10, type Part10, pixelTags } from './part10.ts';

export interface FramePlace {
  /** LPS millimetres of the centre of the first pixel. */
  position: Vec3;
  /** Unit vectors along a row (columns increase) and down a column (rows increase). */
  rowDirection: Vec3;
  columnDirection: Vec3;
}

export interface FrameInfo {
  scaling: Scaling;
  place: FramePlace | undefined;
}

export interface PixelFormat {
  rows: number;
  columns: number;
  samples: number;
  /** Planar configuration 1: all red, then all green, then all blue. */
  planar: boolean;
  photometric: string;
  bitsAllocated: number;
  bitsStored: number;
  highBit: number;
  signed: boolean;
  stored: StoredType;
}

export interface ImageHeader {
  path: string;
  transferSyntax: string;
  pixels: PixelFormat;
  /** Where the pixel data value starts in the file, or in the inflated data set when `inFile` is false; length -1: fragments. */
  offset: number;
  length: number;
  inFile: boolean;
  fileSize: number;
  seriesUid: string;
  sopInstanceUid: string;
  instanceNumber: number;
  modality: string;
  /** Millimetres between rows and between columns. */
  pixelSpacing: [number, number] | undefined;
  sliceThickness: number | undefined;
  sliceSpacing: number | undefined;
  gantryTilt: number | undefined;
  window: { width: number; level: number } | undefined;
  frames: FrameInfo[];
  tags: Record<string, string | number>;
  warnings: string[];
}

export const RLE = '1.2.840.10008.1.2.5';
const FIRST_READ = 32 << 10;

/** Reads the head of a file and parses it; undefined when it does not look like DICOM. */
export async function readHead(path: string): Promise<{ part: Part10; size: number } | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const stat = await handle.stat();
    if (!stat.isFile()) throw formatFault(path, 'is not a file.', 'Give the path of a scan file or folder.');
    let bytes: Uint8Array = new Uint8Array(0);
    for (let want = Math.min(FIRST_READ, stat.size); ; ) {
      const grown = new Uint8Array(want);
      grown.set(bytes);
      await readFully(handle, grown.subarray(bytes.length), bytes.length, path);
      if (bytes.length === 0 && !looksLikeDicom(grown)) return undefined;
      bytes = grown;
      try {
        return { part: parsePart10(bytes, stat.size, path), size: stat.size };
      } catch (thrown) {
        if (!(thrown instanceof NeedMore)) throw thrown;
        want = Math.min(stat.size, Math.max(thrown.bytes, bytes.length * 4));
      }
    }
  } catch (thrown) {
    throw asFault(thrown, path, 'Reading the DICOM header');
  } finally {
    await handle?.close();
  }
}

export async function readFully(handle: FileHandle, into: Uint8Array, offset: number, path: string): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, Math.min(into.length - done, 64 << 20), offset + done);
    if (bytesRead === 0) throw formatFault(path, `ends early, at byte ${offset + done}.`, 'The copy is incomplete: get the file again.');
    done += bytesRead;
  }
}

/** The image header of a DICOM file. Throws 'format' when it is no DICOM, has no image, or is broken. */
export async function readImageHeader(path: string): Promise<ImageHeader> {
  const head = await readHead(path);
  if (!head) throw formatFault(path, 'is not a DICOM file.', 'Give a DICOM image, a folder of them, or a NIfTI file.');
  return imageHeader(head.part, head.size, path);
}

function imageHeader(part: Part10, size: number, path: string): ImageHeader {
  const { data } = part;
  const floats = data.elements.get(pixelTags.float);
  const doubles = data.elements.get(pixelTags.double);
  const element = data.elements.get(pixelTags.pixels) ?? floats ?? doubles;
  const modality = data.text(0x00080060) ?? '';
  if (!element) throw formatFault(path, `holds no image${modality ? ` (modality ${modality})` : ''}.`, 'Open an image of the series, or its folder.');
  const pixels = pixelFormat(data, element === floats ? 'float32' : element === doubles ? 'float64' : undefined, path);
  const frames = data.text(0x00280008) === undefined ? 1 : data.number(0x00280008) ?? NaN;
  if (!Number.isInteger(frames) || frames < 1) throw formatFault(path, `says it has "${data.text(0x00280008) ?? ''}" frames.`);
  const bytes = frameBytes(pixels) * frames;
  if (element.length >= 0 && element.length < bytes) {
    throw formatFault(path, `has ${element.length} bytes of pixel data where ${pixels.columns} x ${pixels.rows} pixels${frames > 1 ? ` in ${frames} frames` : ''} take ${bytes}.`, 'The copy is incomplete: get the file again.');
  }
  // A forged header must not reserve memory: RLE packs at most 64 : 1, no codec here more than some thousand, and every
  // frame takes an item header and at least two bytes.
  const room = size - element.offset;
  if (element.length < 0 && (bytes > (part.transferSyntax === RLE ? 64 : 16384) * room || frames * 10 > room)) {
    throw formatFault(path, `claims ${frames} frames of ${frameBytes(pixels)} bytes, more than its ${size} bytes can hold.`);
  }
  const warnings = [...part.warnings];
  if (data.items(0x00283000).length > 0) warnings.push('A modality lookup table is present and was not applied.');
  if (pixels.samples > 1) warnings.push('Colour is shown as luminance.');
  if (pixels.photometric === 'PALETTE COLOR') warnings.push('Palette colours are shown as their index.');
  const shared = data.items(0x52009229)[0];
  const pick = (tag: number, group: number): number[] => {
    const direct = data.numbers(tag);
    return direct.length > 0 ? direct : shared?.items(group)[0]?.numbers(tag) ?? data.items(0x52009230)[0]?.items(group)[0]?.numbers(tag) ?? [];
  };
  const spacing = pick(0x00280030, 0x00289110);
  const positive = (value: number | undefined): number | undefined => (value !== undefined && Number.isFinite(value) && value > 0 ? value : undefined);
  const [rowSpacing, columnSpacing] = [positive(spacing[0]), positive(spacing[1])];
  const [level, width] = [pick(0x00281050, 0x00289132)[0], positive(pick(0x00281051, 0x00289132)[0])];
  return {
    path, transferSyntax: part.transferSyntax, pixels,
    offset: element.offset, length: element.length, inFile: part.inFile, fileSize: size,
    seriesUid: data.text(0x0020000e) ?? '',
    sopInstanceUid: data.text(0x00080018) ?? '',
    instanceNumber: data.number(0x00200013) ?? 0,
    modality,
    pixelSpacing: rowSpacing !== undefined && columnSpacing !== undefined ? [rowSpacing, columnSpacing] : undefined,
    sliceThickness: positive(pick(0x00180050, 0x00289110)[0]),
    sliceSpacing: positive(pick(0x00180088, 0x00289110)[0]),
    gantryTilt: data.number(0x00181120),
    window: width !== undefined && level !== undefined && Number.isFinite(level) ? { width, level } : undefined,
    frames: Array.from({ length: frames }, (_, n) => frameInfo(data, shared, n)),
    tags: acquisitionTags(data, part.transferSyntax, pixels),
    warnings,
  };
}

/** Bytes of one decoded frame as native pixel data stores it (1-bit frames: rounded up). */
export function frameBytes({ rows, columns, samples, bitsAllocated }: PixelFormat): number {
  return Math.ceil((rows * columns * samples * bitsAllocated) / 8);
}

function pixelFormat(data: DataSet, float: 'float32' | 'float64' | undefined, path: string): PixelFormat {
  const rows = data.number(0x00280010) ?? 0;
  const columns = data.number(0x00280011) ?? 0;
  if (rows < 1 || columns < 1) throw formatFault(path, `has an image of ${columns} x ${rows} pixels.`);
  const samples = data.number(0x00280002) ?? 1;
  const photometric = data.text(0x00280004) ?? 'MONOCHROME2';
  const signed = data.number(0x00280103) === 1;
  const bitsAllocated = data.number(0x00280100) ?? (float === 'float64' ? 64 : float === 'float32' ? 32 : 16);
  const bitsStored = float ? bitsAllocated : data.number(0x00280101) ?? bitsAllocated;
  const highBit = float ? bitsAllocated - 1 : data.number(0x00280102) ?? bitsStored - 1;
  if (!float && (bitsStored < 1 || bitsStored > bitsAllocated || highBit >= bitsAllocated || highBit + 1 < bitsStored)) {
    throw formatFault(path, `has an impossible pixel description (${bitsAllocated} bits allocated, ${bitsStored} stored, high bit ${highBit}).`);
  }
  return { rows, columns, samples, planar: data.number(0x00280006) === 1, photometric, bitsAllocated, bitsStored, highBit, signed,
    stored: float ?? storedType(samples, bitsAllocated, signed, path) };
}

function storedType(samples: number, bits: number, signed: boolean, path: string): StoredType {
  if (samples === 3 && bits === 8) return 'rgb24';
  if (samples !== 1) throw unsupported(path, `has ${samples} samples of ${bits} bits per pixel, which is not a scan.`, 'Open a greyscale or 8-bit colour image.');
  switch (bits) {
    case 1: return 'uint8';
    case 8: return signed ? 'int8' : 'uint8';
    case 16: return signed ? 'int16' : 'uint16';
    case 32: return signed ? 'int32' : 'uint32';
    default: throw unsupported(path, `has ${bits} bits per pixel.`, 'Convert it to 16 bits, for example with dcmconv or gdcmconv.');
  }
}

function frameInfo(data: DataSet, shared: DataSet | undefined, n: number): FrameInfo {
  const own = data.items(0x52009230)[n];
  const from = (sequence: number, tag: number): number[] => {
    for (const set of [own?.items(sequence)[0], shared?.items(sequence)[0], data]) {
      const numbers = set?.numbers(tag) ?? [];
      if (numbers.length > 0) return numbers;
    }
    return [];
  };
  const slope = from(0x00289145, 0x00281053)[0];
  const inter = from(0x00289145, 0x00281052)[0];
  const scaling = {
    slope: slope !== undefined && Number.isFinite(slope) && slope !== 0 ? slope : 1,
    inter: inter !== undefined && Number.isFinite(inter) ? inter : 0,
  };
  const p = from(0x00209113, 0x00200032);
  const o = from(0x00209116, 0x00200037);
  if (p.length !== 3 || o.length !== 6 || ![...p, ...o].every(Number.isFinite)) return { scaling, place: undefined };
  const place: FramePlace = {
    position: p as Vec3, rowDirection: o.slice(0, 3) as Vec3, columnDirection: o.slice(3) as Vec3,
  };
  const plane = norm(cross(place.rowDirection, place.columnDirection));
  return { scaling, place: plane > 0.9 && plane < 1.1 ? place : undefined };
}

function acquisitionTags(data: DataSet, transferSyntax: string, pixels: PixelFormat): Record<string, string | number> {
  const tags: Record<string, string | number> = { transferSyntax, photometric: pixels.photometric, bitsStored: pixels.bitsStored };
  const texts: [string, number][] = [['manufacturer', 0x00080070], ['model', 0x00081090], ['kernel', 0x00181210], ['bodyPart', 0x00180015]];
  for (const [name, tag] of texts) {
    const text = data.text(tag);
    if (text !== undefined) tags[name] = text;
  }
  const numbers: [string, number][] = [['kVp', 0x00180060], ['sliceThickness', 0x00180050], ['seriesNumber', 0x00200011]];
  for (const [name, tag] of numbers) {
    const value = data.number(tag);
    if (value !== undefined) tags[name] = value;
  }
  return tags;
}
