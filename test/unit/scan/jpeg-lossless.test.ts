// JPEG lossless decoder against a small encoder written from ITU-T T.81 annex H: all predictors, 8 to 16 bits, point
// transform, restart intervals, one and three components, and the last pixel of an image.

import assert from 'node:assert/strict';
import { decodeLosslessJpeg } from '../../../src/scan/dicom/jpeg-lossless.ts';
import { RoomError } from '../../../src/protocol/error.ts';

interface Job {
  width: number;
  height: number;
  components: number;
  precision: number;
  predictor: number;
  pointTransform: number;
  /** Lines per restart interval; 0: none. */
  restartLines: number;
}

/** Encodes with 17 Huffman codes of 5 bits each (code = category). */
function encode(samples: readonly number[], { width, height, components, precision, predictor, pointTransform, restartLines }: Job): Uint8Array {
  const out: number[] = [0xff, 0xd8, 0xff, 0xc4, 0, 19 + 17, 0];
  for (let length = 1; length <= 16; length++) out.push(length === 5 ? 17 : 0);
  for (let category = 0; category <= 16; category++) out.push(category);
  out.push(0xff, 0xc3, 0, 8 + 3 * components, precision, height >> 8, height & 255, width >> 8, width & 255, components);
  for (let c = 1; c <= components; c++) out.push(c, 0x11, 0);
  if (restartLines > 0) out.push(0xff, 0xdd, 0, 4, (restartLines * width) >> 8, (restartLines * width) & 255);
  out.push(0xff, 0xda, 0, 6 + 2 * components, components);
  for (let c = 1; c <= components; c++) out.push(c, 0);
  out.push(predictor, 0, pointTransform);
  let bits = '';
  const flush = (): void => {
    while (bits.length % 8 !== 0) bits += '1';
    for (let n = 0; n < bits.length; n += 8) {
      const byte = parseInt(bits.slice(n, n + 8), 2);
      out.push(byte);
      if (byte === 0xff) out.push(0);
    }
    bits = '';
  };
  const at = (x: number, y: number, c: number): number => (samples[(y * width + x) * components + c] as number) >> pointTransform;
  for (let y = 0; y < height; y++) {
    const first = restartLines > 0 ? y % restartLines === 0 : y === 0;
    if (first && y > 0) {
      flush();
      out.push(0xff, 0xd0 + ((y / restartLines - 1) & 7));
    }
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < components; c++) {
        let guess: number;
        if (x === 0) guess = first ? 2 ** (precision - pointTransform - 1) : at(x, y - 1, c);
        else if (first) guess = at(x - 1, y, c);
        else {
          const [a, b, d] = [at(x - 1, y, c), at(x, y - 1, c), at(x - 1, y - 1, c)];
          guess = [a, b, d, a + b - d, a + ((b - d) >> 1), b + ((a - d) >> 1), (a + b) >> 1][predictor - 1] as number;
        }
        let difference = (at(x, y, c) - guess) & 0xffff;
        if (difference > 32768) difference -= 65536;
        const category = difference === 32768 ? 16 : Math.ceil(Math.log2(Math.abs(difference) + 1));
        bits += category.toString(2).padStart(5, '0');
        if (category > 0 && category < 16) bits += (difference < 0 ? difference + 2 ** category - 1 : difference).toString(2).padStart(category, '0');
      }
    }
  }
  flush();
  out.push(0xff, 0xd9);
  return Uint8Array.from(out);
}

describe('JPEG lossless', () => {
  const jobs: Job[] = [];
  for (let predictor = 1; predictor <= 7; predictor++) {
    for (const precision of [8, 12, 16]) jobs.push({ width: 13, height: 9, components: 1, precision, predictor, pointTransform: 0, restartLines: 0 });
    jobs.push({ width: 13, height: 9, components: 1, precision: 12, predictor, pointTransform: 2, restartLines: 2 });
    jobs.push({ width: 6, height: 5, components: 3, precision: 8, predictor, pointTransform: 0, restartLines: 0 });
  }

  it(`decodes ${jobs.length} streams exactly`, () => {
    for (const job of jobs) {
      const range = 2 ** (job.precision - job.pointTransform);
      // Steps over the whole range, so that differences of every category occur, with a smooth half.
      const samples = Array.from({ length: job.width * job.height * job.components }, (_, n) => ((n % 5 === 0 ? (n * 7919 + 13) % range : (n * 3) % range)) * 2 ** job.pointTransform);
      const image = decodeLosslessJpeg(encode(samples, job), job.width, job.height, 'x.dcm');
      assert.deepEqual([...image.data], samples, JSON.stringify(job));
      assert.equal(image.components, job.components);
    }
  });

  it('refuses short streams and other sizes', () => {
    const job: Job = { width: 13, height: 9, components: 1, precision: 12, predictor: 4, pointTransform: 0, restartLines: 0 };
    const stream = encode(Array.from({ length: 117 }, (_, n) => (n * 977) % 4096), job);
    assert.throws(() => decodeLosslessJpeg(stream, 14, 9, 'x.dcm'), RoomError);
    for (let length = 2; length < stream.length - 10; length += 3) assert.throws(() => decodeLosslessJpeg(stream.subarray(0, length), 13, 9, 'x.dcm'), RoomError);
  });
});
