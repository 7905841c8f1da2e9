// JPEG lossless, Huffman coded (ITU-T T.81, process 14, SOF3): predictors 1 to 7, point transform, restart intervals, one or
// more components without subsampling, in one scan or several. Own code, because jpeg-lossless-decoder-js 2.1.2 leaves out the
// last pixel of some streams and fills short ones with zeros. Damage is a 'format' error; output is bounded by the caller's size.

import { formatFault } from '../fault.ts';

interface Component {
  id: number;
  index: number;
}

interface Frame {
  precision: number;
  height: number;
  width: number;
  components: Component[];
}

export interface LosslessImage {
  /** Samples, components interleaved; precision up to 8 bits in bytes, above in 16 bits. */
  data: Uint8Array | Uint16Array;
  precision: number;
  components: number;
}

/** Decodes a codestream of exactly `width` x `height`. */
export function decodeLosslessJpeg(bytes: Uint8Array, width: number, height: number, path: string): LosslessImage {
  const fault = (what: string): Error => formatFault(path, `JPEG lossless: ${what}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tables: (Uint16Array | undefined)[] = [];
  let frame: Frame | undefined;
  let data: Uint8Array | Uint16Array | undefined;
  let restart = 0;
  let scanned = 0;
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) throw fault(`no marker at byte ${at}`);
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) { at++; continue; }
    if (marker === 0xd9) break;
    const length = view.getUint16(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) throw fault('a marker segment is cut off');
    const segment = bytes.subarray(at + 4, end);
    if (marker === 0xc4) readTables(segment, tables, fault);
    else if (marker === 0xdd) restart = segment.length >= 2 ? view.getUint16(at + 4) : 0;
    else if (marker === 0xc3) {
      frame = readFrame(segment, fault);
      if (frame.width !== width || frame.height !== height) throw fault(`the image is ${frame.width} x ${frame.height}, not ${width} x ${height}`);
      const count = width * height * frame.components.length;
      data = frame.precision <= 8 ? new Uint8Array(count) : new Uint16Array(count);
    } else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc) throw fault(`coding process SOF${marker & 15} is not lossless Huffman`);
    else if (marker === 0xda) {
      if (!frame || !data) throw fault('a scan comes before its frame header');
      const scan = readScan(segment, frame, tables, fault);
      at = decodeScan(bytes, end, data, frame, scan, restart, fault);
      scanned += scan.components.length;
      if (scanned >= frame.components.length) break;
      continue;
    }
    at = end;
  }
  if (!frame || !data || scanned < frame.components.length) throw fault('image data is missing');
  return { data, precision: frame.precision, components: frame.components.length };
}

type Fault = (what: string) => Error;

// A table maps the next 16 bits to (code length << 8 | category); 0 marks codes that do not exist.
function readTables(segment: Uint8Array, tables: (Uint16Array | undefined)[], fault: Fault): void {
  for (let at = 0; at < segment.length; ) {
    const id = segment[at] as number;
    const counts = segment.subarray(at + 1, at + 17);
    if (counts.length < 16) throw fault('a Huffman table is cut off');
    at += 17;
    const table = new Uint16Array(65536);
    let code = 0;
    for (let length = 1; length <= 16; length++) {
      for (let n = counts[length - 1] as number; n > 0; n--) {
        const category = segment[at++];
        const span = 1 << (16 - length);
        if (category === undefined || category > 16 || code + span > 65536) throw fault('a Huffman table is impossible');
        table.fill((length << 8) | category, code, code + span);
        code += span;
      }
    }
    if (id < 4) tables[id] = table;
  }
}

function readFrame(segment: Uint8Array, fault: Fault): Frame {
  const [precision = 0, h1 = 0, h0 = 0, w1 = 0, w0 = 0, count = 0] = segment;
  if (precision < 2 || precision > 16 || count < 1 || count > 4 || segment.length < 6 + 3 * count) throw fault('the frame header is impossible');
  const components = Array.from({ length: count }, (_, index) => ({ id: segment[6 + 3 * index] as number, index }));
  for (const { index } of components) if (segment[7 + 3 * index] !== 0x11) throw fault('subsampled components');
  return { precision, height: h1 * 256 + h0, width: w1 * 256 + w0, components };
}

interface Scan {
  components: { offset: number; table: Uint16Array }[];
  predictor: number;
  pointTransform: number;
}

function readScan(segment: Uint8Array, frame: Frame, tables: readonly (Uint16Array | undefined)[], fault: Fault): Scan {
  const count = segment[0] ?? 0;
  if (count < 1 || segment.length < 4 + 2 * count) throw fault('the scan header is cut off');
  const components = Array.from({ length: count }, (_, n) => {
    const component = frame.components.find((c) => c.id === segment[1 + 2 * n]);
    const table = tables[(segment[2 + 2 * n] as number) >> 4];
    if (!component || !table) throw fault('the scan names a component or table that is not there');
    return { offset: component.index, table };
  });
  const predictor = segment[1 + 2 * count] as number;
  const pointTransform = (segment[3 + 2 * count] as number) & 15;
  if (predictor < 1 || predictor > 7 || pointTransform >= frame.precision) throw fault(`predictor ${predictor} or point transform ${pointTransform} is impossible`);
  return { components, predictor, pointTransform };
}

/** Fills the scan's components in `data`; returns the position of the marker behind the entropy-coded data. */
function decodeScan(bytes: Uint8Array, start: number, data: Uint8Array | Uint16Array, frame: Frame, scan: Scan, restart: number, fault: Fault): number {
  const { width, height } = frame;
  const stride = frame.components.length;
  const line = width * stride;
  const { predictor, pointTransform: pt } = scan;
  const first = 1 << (frame.precision - pt - 1);
  let at = start;
  let buffer = 0;
  let bits = 0;
  let beyond = 0;
  const fill = (): void => {
    while (bits <= 16) {
      let byte = 0;
      if (at < bytes.length && !(bytes[at] === 0xff && bytes[at + 1] !== 0)) {
        byte = bytes[at] as number;
        at += byte === 0xff ? 2 : 1;
      } else if (++beyond > 4) throw fault('the image data ends early');
      buffer = ((buffer << 8) | byte) & 0xffffff | 0;
      bits += 8;
    }
  };
  let left = restart > 0 ? restart : Infinity;
  let firstLine = true;
  for (let y = 0, row = 0; y < height; y++, row += line) {
    for (let x = 0; x < width; x++) {
      if (left === 0) {
        // Restart markers stand on byte borders; what is left in the buffer is padding.
        bits = buffer = beyond = 0;
        if (bytes[at] !== 0xff || ((bytes[at + 1] ?? 0) & 0xf8) !== 0xd0) throw fault('a restart marker is missing');
        at += 2;
        left = restart;
        if (x !== 0) throw fault('a restart inside a line');
        firstLine = true;
      }
      left--;
      for (const { offset, table } of scan.components) {
        const o = row + x * stride + offset;
        if (bits < 16) fill();
        const entry = table[(buffer >> (bits - 16)) & 0xffff] as number;
        if (entry === 0) throw fault('an unknown Huffman code');
        bits -= entry >> 8;
        const category = entry & 0xff;
        let difference = 0;
        if (category === 16) difference = 32768;
        else if (category > 0) {
          if (bits < category) fill();
          bits -= category;
          const value = (buffer >> bits) & ((1 << category) - 1);
          difference = value < 1 << (category - 1) ? value - (1 << category) + 1 : value;
        }
        let guess: number;
        if (x === 0) guess = firstLine ? first : (data[o - line] as number) >> pt;
        else if (firstLine) guess = (data[o - stride] as number) >> pt;
        else {
          const a = (data[o - stride] as number) >> pt;
          const b = (data[o - line] as number) >> pt;
          if (predictor === 1) guess = a;
          else if (predictor === 2) guess = b;
          else {
            const c = (data[o - line - stride] as number) >> pt;
            guess = predictor === 3 ? c : predictor === 4 ? a + b - c : predictor === 5 ? a + ((b - c) >> 1)
              : predictor === 6 ? b + ((a - c) >> 1) : (a + b) >> 1;
          }
        }
        data[o] = ((guess + difference) & 0xffff) << pt;
      }
    }
    firstLine = false;
  }
  while (at + 1 < bytes.length && !(bytes[at] === 0xff && bytes[at + 1] !== 0)) at++;
  return at;
}
