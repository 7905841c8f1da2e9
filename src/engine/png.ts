// Encodes 8-bit RGB pictures as PNG (ISO/IEC 15948: signature, IHDR, one IDAT of unfiltered rows, IEND), for data URIs in
// exported pages. Node's zlib does the work.

import { crc32, deflateSync } from 'node:zlib';

export function pngDataUri(rgb: Uint8Array, width: number, height: number): string {
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let r = 0; r < height; r++) rows.set(rgb.subarray(r * 3 * width, (r + 1) * 3 * width), r * (1 + 3 * width) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const png = Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
  return `data:image/png;base64,${png.toString('base64')}`;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  out.set(body, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
