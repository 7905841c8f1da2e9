// Damaged and forged scans: files cut at many lengths, headers with seeded byte flips, claims larger than the file. Each
// must give a RoomError or a valid result, quickly and without large allocations; a cut file must not pass for a whole one.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { RoomError } from '../../../src/protocol/error.ts';
import { writeDicomSeries } from '../../../src/scan/dicom/write.ts';
import { affineFromColumns } from '../../../src/scan/geometry.ts';
import { encodeNifti } from '../../../src/scan/nifti-write.ts';
import { openScan } from '../../../src/scan/open.ts';

const corpus = fileURLToPath(new URL('../../../../shared/data/dicom', import.meta.url));

/** Small seeded generator (mulberry32), so that a failure can be run again. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Processor time of this process: bounds on it hold on a busy machine too. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

describe('damaged scans', function () {
  this.timeout(300_000);
  let folder = '';
  const samples: Record<string, Uint8Array> = {};

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scan-damage-'));
    const dims: [number, number, number] = [24, 20, 6];
    const data = Int16Array.from({ length: 24 * 20 * 6 }, (_, n) => (n * 7919) % 2000);
    const affine = affineFromColumns([0.5, 0, 0], [0, 0.5, 0], [0, 0, 5], [0, 0, 0]);
    samples['a.nii'] = encodeNifti({ data, dims, affine });
    samples['a.nii.gz'] = gzipSync(samples['a.nii']);
    const [first] = await writeDicomSeries(join(folder, 'series'), { data, dims, affine }, { seed: 'damage' });
    samples['explicit.dcm'] = readFileSync(first as string);
    const real: Record<string, string> = {
      'implicit.dcm': 'highdicom/seg_image_ct_binary.dcm',
      'big-endian.dcm': 'pydicom/MR_small_bigendian.dcm',
      'deflated.dcm': 'suyashkumar/6.dcm',
      'rle.dcm': 'pydicom/MR_small_RLE.dcm',
      'rle-frames.dcm': 'pydicom-data/emri_small_RLE.dcm',
      'jpeg-ls.dcm': 'dicomParser/CT0012.fragmented_no_bot_jpeg_ls.80.dcm',
      'jpeg-lossless.dcm': 'pydicom-data/JPEG-LL.dcm',
      'j2k.dcm': 'pydicom-data/emri_small_jpeg_2k_lossless.dcm',
    };
    if (!existsSync(corpus)) {
      assert.notEqual(process.env['CI'], 'true', 'the corpus is missing beside the repository');
      console.log('      ../shared/data is absent: compressed files not damaged');
      return;
    }
    for (const [name, path] of Object.entries(real)) samples[name] = readFileSync(join(corpus, path));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  let slowest = 0;
  /** Opens, takes a slice and everything; undefined when that worked, else the error, which must be a RoomError. */
  async function outcome(name: string, bytes: Uint8Array, note: string): Promise<RoomError | undefined> {
    const path = join(folder, name);
    await writeFile(path, bytes);
    const started = cpuMs();
    try {
      const scan = await openScan(path, { single: true });
      try {
        await scan.slice('axial', Math.floor(scan.info.dims[2] / 2)).catch((thrown: unknown) => { if (!(thrown instanceof RoomError)) throw thrown; });
        const volume = await scan.volume();
        assert.equal(volume.data.length, volume.dims[0] * volume.dims[1] * volume.dims[2]);
        await scan.summary();
      } finally {
        await scan.close();
      }
      return undefined;
    } catch (thrown) {
      assert.ok(thrown instanceof RoomError, `${name}, ${note}: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
      assert.ok(thrown.message.length > 0 && thrown.fix.length > 0);
      return thrown;
    } finally {
      const took = cpuMs() - started;
      slowest = Math.max(slowest, took);
      assert.ok(took < 3000, `${name}, ${note}: ${took.toFixed(0)} ms of processor time`);
    }
  }

  it('refuses files cut at any length', async () => {
    let cuts = 0;
    for (const [name, bytes] of Object.entries(samples)) {
      assert.equal(await outcome(name, bytes, 'whole'), undefined, name);
      const lengths = new Set([0, 1, 3, 4, 127, 131, 132, 200, 347, 348, 351, 352, bytes.length - 20]);
      for (let n = 0; n < 40; n++) lengths.add(Math.floor((n / 40) * (bytes.length - 20)));
      for (const length of lengths) {
        if (length >= bytes.length) continue;
        cuts++;
        const error = await outcome(name, bytes.subarray(0, length), `cut at ${length}`);
        // The last bytes of a file may be padding or a trailer that carries no pixels.
        if (length < bytes.length - 1000 || name.startsWith('a.nii')) assert.ok(error, `${name} cut at ${length} of ${bytes.length} passed`);
      }
    }
    console.log(`      ${cuts} cuts, slowest ${slowest.toFixed(0)} ms of processor time`);
  });

  it('survives flipped bytes in headers and pixel data', async () => {
    const next = random(20_26);
    const tally: Record<string, number> = {};
    for (const [name, bytes] of Object.entries(samples)) {
      for (let n = 0; n < 40; n++) {
        const copy = new Uint8Array(bytes);
        const reach = n % 3 === 2 ? copy.length : Math.min(copy.length, 2500);
        const flips = 1 + Math.floor(next() * 4);
        const places: number[] = [];
        for (let f = 0; f < flips; f++) {
          const at = Math.floor(next() * reach);
          places.push(at);
          copy[at] = Math.floor(next() * 256);
        }
        const error = await outcome(name, copy, `flips at ${places}`);
        const key = error?.code ?? 'opened';
        tally[key] = (tally[key] ?? 0) + 1;
      }
    }
    console.log(`      ${Object.entries(tally).map(([code, count]) => `${code} ${count}`).join(', ')}; slowest ${slowest.toFixed(0)} ms of processor time`);
    assert.deepEqual(Object.keys(tally).filter((k) => !['opened', 'format', 'unsupported'].includes(k)), []);
  });

  it('believes no claim that the file cannot hold', async () => {
    const huge = new Uint8Array(samples['a.nii'] as Uint8Array);
    const view = new DataView(huge.buffer);
    for (const at of [42, 44, 46]) view.setInt16(at, 32767, true);
    const before = process.memoryUsage().rss;
    assert.equal((await outcome('huge.nii', huge, 'claims 70 TB'))?.code, 'format');
    assert.equal((await outcome('huge.nii.gz', gzipSync(huge), 'claims 70 TB'))?.code, 'format');
    // 1032 : 1 allows this claim; memory must still follow what arrives.
    for (const [n, at] of [42, 44, 46].entries()) view.setInt16(at, [1000, 1000, 1][n] as number, true);
    assert.equal((await outcome('large.nii.gz', gzipSync(huge), 'claims 2 MB'))?.code, 'format');
    view.setInt16(42, -5, true);
    assert.equal((await outcome('negative.nii', huge, 'negative'))?.code, 'format');
    const nested = deeplyNested(200_000);
    assert.equal((await outcome('nested.dcm', nested, 'nested sequences'))?.code, 'format');
    assert.ok(process.memoryUsage().rss - before < 200e6);
  });

  it('names what is no scan', async () => {
    assert.equal((await outcome('text.nii', Buffer.from('not a scan at all, just text'.repeat(20)), 'text'))?.code, 'format');
    assert.equal((await outcome('empty.dcm', new Uint8Array(0), 'empty'))?.code, 'format');
    await assert.rejects(openScan(join(folder, 'nothing-here')), { code: 'not-found' });
    const empty = await mkdtemp(join(folder, 'empty-'));
    await assert.rejects(openScan(empty), { code: 'format' });
  });

  it('can be cancelled, by one caller and by all, and started again', async () => {
    const path = join(folder, 'cancel.nii.gz');
    await writeFile(path, samples['a.nii.gz'] as Uint8Array);
    const scan = await openScan(path);
    await assert.rejects(scan.volume(AbortSignal.abort()), { code: 'cancelled' });
    const leaving = new AbortController();
    const calls = [scan.volume(leaving.signal), scan.volume()];
    leaving.abort();
    await assert.rejects(calls[0] as Promise<unknown>, { code: 'cancelled' });
    const volume = await calls[1];
    assert.equal(volume?.data.length, 24 * 20 * 6);
    await scan.close();

    const series = await openScan(join(folder, 'series'));
    const all = new AbortController();
    const seen: number[] = [];
    const stopped = series.volume(all.signal, (done) => { seen.push(done); all.abort(); });
    await assert.rejects(stopped, { code: 'cancelled' });
    assert.deepEqual(seen, [1]);
    const progress: number[] = [];
    assert.equal((await series.volume(undefined, (done) => progress.push(done))).data.length, 24 * 20 * 6);
    assert.deepEqual(progress, [1, 2, 3, 4, 5, 6]);
    await series.close();
  });

  it('shows slices of a gzip file while it inflates, equal to those of the volume', async () => {
    const path = join(folder, 'stream.nii.gz');
    await writeFile(path, samples['a.nii.gz'] as Uint8Array);
    const scan = await openScan(path);
    const early = await Promise.all([5, 0, 3].map((k) => scan.slice('axial', k)));
    await scan.volume();
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const slice of early) assert.deepEqual((await scan.slice('axial', slice.index)).data, slice.data);
    await scan.close();
  });
});

/** A data set whose sequences hold nothing but another sequence. */
function deeplyNested(levels: number): Uint8Array {
  const head = Buffer.alloc(132);
  head.write('DICM', 128);
  const syntax = Buffer.from([2, 0, 0x10, 0, 0x55, 0x49, 20, 0, ...Buffer.from('1.2.840.10008.1.2.1\0')]);
  const level = Buffer.from([8, 0, 0x15, 0x11, 0x53, 0x51, 0, 0, 255, 255, 255, 255, 0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255]);
  return Buffer.concat([head, syntax, ...Array.from({ length: levels }, () => level)]);
}
