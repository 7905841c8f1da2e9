// DICOM RLE Lossless (PS3.5 annex G): a frame is up to 15 byte planes, most significant byte first, each PackBits coded.
// Output is bounded by the image size; a plane that ends early or runs over is a 'format' error.

import { formatFault } from '../fault.ts';

/** Decodes one frame to little-endian pixels, samples interleaved: `pixels` x `samples` x `bytesPerSample` bytes. */
export function decodeRle(frame: Uint8Array, pixels: number, samples: number, bytesPerSample: number, path: string): Uint8Array {
  const planes = samples * bytesPerSample;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 64) throw formatFault(path, 'has an RLE frame without header.');
  const segments = view.getUint32(0, true);
  if (segments !== planes) throw formatFault(path, `has ${segments} RLE segments where ${planes} are needed.`);
  const out = new Uint8Array(pixels * planes);
  for (let plane = 0; plane < planes; plane++) {
    const start = view.getUint32(4 + 4 * plane, true);
    const end = plane + 1 < planes ? view.getUint32(8 + 4 * plane, true) : frame.length;
    if (start < 64 || start > end || end > frame.length) throw formatFault(path, `has RLE segment ${plane + 1} outside its frame.`);
    const sample = Math.floor(plane / bytesPerSample);
    const byte = bytesPerSample - 1 - (plane % bytesPerSample);
    unpack(frame.subarray(start, end), out, sample * bytesPerSample + byte, planes, pixels, path);
  }
  return out;
}

function unpack(segment: Uint8Array, out: Uint8Array, offset: number, stride: number, pixels: number, path: string): void {
  let o = offset;
  const end = offset + pixels * stride;
  let at = 0;
  while (o < end) {
    if (at >= segment.length) throw formatFault(path, 'has an RLE segment that ends early.', 'The copy is incomplete: get the file again.');
    const control = segment[at++] as number;
    if (control === 128) continue;
    if (control < 128) {
      const last = Math.min(at + control + 1, segment.length);
      for (; at < last && o < end; o += stride) out[o] = segment[at++] as number;
    } else {
      const value = segment[at++];
      if (value === undefined) continue;
      for (let run = 257 - control; run > 0 && o < end; run--, o += stride) out[o] = value;
    }
  }
}
