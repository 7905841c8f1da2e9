// Writer -> reader round trips: every NIfTI type and byte order, gzip, oblique and sheared affines, DICOM series with
// shuffled names. Expected values are the arrays that went in; the files were also read with nibabel and pydicom once.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeDicomSeries } from '../../../src/scan/dicom/write.ts';
import { scanFacts } from '../../../src/scan/facts.ts';
import { affineFromColumns, flipLpsRas, voxelToMm, type Affine } from '../../../src/scan/geometry.ts';
import { encodeNifti, writeNifti, type NiftiData } from '../../../src/scan/nifti-write.ts';
import { openScan } from '../../../src/scan/open.ts';
import { parseNiftiHeader } from '../../../src/scan/nifti-header.ts';

const dims: [number, number, number] = [7, 5, 4];
const count = 140;
const oblique: Affine = affineFromColumns([0.46, 0.02, 0.1], [-0.03, 0.44, 0.15], [-0.4, -0.9, 2.9], [-110, 25.5, 700]);

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let n = 0; n < expected.length; n++) {
    assert.ok(Math.abs((actual[n] as number) - (expected[n] as number)) <= tolerance, `${n}: ${actual[n]} against ${expected[n]}`);
  }
}

/** Swaps a little-endian NIfTI file into big-endian, field by field. */
function bigEndian(file: Uint8Array, bytes: number): Uint8Array {
  const out = Buffer.from(file);
  const widths: [number, number, number][] = [[0, 4, 1], [40, 2, 8], [68, 2, 4], [76, 4, 11], [120, 2, 1], [252, 2, 2], [256, 4, 18]];
  for (const [at, width, n] of widths) for (let k = 0; k < n; k++) out.subarray(at + k * width, at + (k + 1) * width).reverse();
  for (let at = 352; at + bytes <= out.length; at += bytes) out.subarray(at, at + bytes).reverse();
  return out;
}

describe('scan writers and readers', () => {
  let folder = '';
  before(async () => { folder = await mkdtemp(join(tmpdir(), 'scan-write-')); });
  after(() => rm(folder, { recursive: true, force: true }));

  const kinds: (new (n: number) => NiftiData)[] = [Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array, Float32Array, Float64Array];
  for (const Kind of kinds) {
    it(`round-trips ${Kind.name}, both byte orders, plain and gzip`, async () => {
      const data = new Kind(count);
      const big = data instanceof BigInt64Array || data instanceof BigUint64Array;
      const low = data instanceof Uint8Array || data instanceof Int8Array ? 0 : 3;
      const expected = Array.from({ length: count }, (_, n) => ((n * 37) % 100) + low * 100);
      expected.forEach((v, n) => { (data as { [n: number]: number | bigint })[n] = big ? BigInt(v) : v; });
      const plain = encodeNifti({ data, dims, affine: oblique });
      const sha = createHash('sha256').update(plain.subarray(352)).digest('hex');
      const files = { 'a.nii': plain, 'b.nii': bigEndian(plain, data.BYTES_PER_ELEMENT), 'c.nii.gz': gzipSync(plain) };
      for (const [name, content] of Object.entries(files)) {
        const path = join(folder, `${Kind.name}-${name}`);
        await writeFile(path, content);
        const scan = await openScan(path);
        const volume = await scan.volume();
        assert.deepEqual([...volume.data], expected);
        assert.equal(volume.data instanceof Float32Array, data instanceof Float32Array || data instanceof Float64Array);
        close(scan.info.affine, oblique, 1e-4);
        const middle = await scan.slice('axial', 2);
        assert.equal(middle.data.length, 35);
        await scan.close();
        const facts = await scanFacts(path);
        assert.equal(facts.storedSha256, sha);
        assert.equal(facts.min, Math.min(...expected));
        assert.equal(facts.max, Math.max(...expected));
        assert.ok(Math.abs(facts.mean - expected.reduce((a, b) => a + b, 0) / count) < 1e-9);
      }
    });
  }

  it('stores the qform of an orthogonal affine so that it equals the sform, for all axis layouts', async () => {
    const c = Math.cos(0.3);
    const s = Math.sin(0.3);
    const bases: Affine[] = [];
    for (const flip of [1, -1]) {
      for (const order of [[0, 1, 2], [1, 2, 0], [2, 1, 0], [0, 2, 1]] as const) {
        const columns = [[c, s, 0], [-s, c, 0], [0, 0, flip]].map((v, n) => v.map((x) => x * (n + 0.5)) as [number, number, number]);
        bases.push(affineFromColumns(columns[order[0]] as [number, number, number], columns[order[1]] as [number, number, number], columns[order[2]] as [number, number, number], [1, 2, 3]));
      }
    }
    for (const affine of bases) {
      const file = encodeNifti({ data: new Uint8Array(count), dims, affine });
      new DataView(file.buffer).setInt16(254, 0, true); // without its sform
      const header = parseNiftiHeader(file, 'x.nii');
      close(header.ras, flipLpsRas(affine), 2e-6);
    }
  });

  it('scales by scl_slope and scl_inter', async () => {
    const file = encodeNifti({ data: Int16Array.from({ length: count }, (_, n) => n), dims, affine: oblique });
    const view = new DataView(file.buffer);
    view.setFloat32(112, 0.5, true);
    view.setFloat32(116, -10, true);
    const path = join(folder, 'scaled.nii');
    await writeFile(path, file);
    const scan = await openScan(path);
    const { data } = await scan.volume();
    assert.deepEqual([...data].slice(0, 4), [-10, -9.5, -9, -8.5]);
    assert.equal((await scanFacts(path)).mean, -10 + 0.5 * 69.5);
    await scan.close();
  });

  it('opens one frame of a 4D file and sums up all', async () => {
    const data = Int16Array.from({ length: count }, (_, n) => n);
    const file = encodeNifti({ data, dims: [7, 5, 4], affine: oblique });
    const view = new DataView(file.buffer);
    [4, 7, 5, 2, 2].forEach((v, n) => view.setInt16(40 + 2 * n, v, true));
    const path = join(folder, '4d.nii.gz');
    await writeFile(path, gzipSync(file));
    const scan = await openScan(path, { frame: 1 });
    assert.deepEqual(scan.info.dims, [7, 5, 2]);
    assert.equal((await scan.volume()).data[0], 70);
    assert.match(scan.info.warnings.join(), /2 frames/);
    await scan.close();
    const facts = await scanFacts(path);
    assert.deepEqual(facts.shape, [7, 5, 2, 2]);
    assert.equal(facts.max, 139);
    await assert.rejects(openScan(path, { frame: 2 }), { code: 'invalid' });
  });

  it('orders a DICOM series by geometry, whatever the names, and keeps shear', async () => {
    const tilt = 0.3;
    const affine = affineFromColumns([0.5, 0, 0], [0, 0.5 * Math.cos(tilt), 0.5 * Math.sin(tilt)], [0, 0, 2.5], [-100, -120, 30]);
    const data = Int16Array.from({ length: count }, (_, n) => n * 7 - 500);
    const series = join(folder, 'series');
    const paths = await writeDicomSeries(series, { data, dims, affine }, { seed: 'round trip' });
    await rename(paths[0] as string, join(series, 'zz'));
    await rename(paths[3] as string, join(series, 'aa'));
    const scan = await openScan(join(series, 'aa'));
    assert.deepEqual(scan.info.dims, dims);
    assert.equal(scan.info.unit, 'HU');
    close(scan.info.affine, affine, 1e-9);
    assert.deepEqual([...(await scan.volume()).data], [...data]);
    assert.match(scan.info.warnings.join(), /tilt.*17\.2 degrees/);
    assert.equal((await scan.slice('axial', 1)).data.length, 35);
    await scan.close();
    const facts = await scanFacts(series);
    assert.equal(facts.storedSha256, createHash('sha256').update(new Uint8Array(data.buffer)).digest('hex'));
    assert.equal(facts.axcodes, 'LPS');
    const one = await scanFacts(join(series, 'zz'), { single: true });
    assert.deepEqual(one.shape, [7, 5, 1]);
    assert.equal(one.min, -500);
  });

  it('tells missing and doubled slices', async () => {
    const affine = affineFromColumns([0.5, 0, 0], [0, 0.5, 0], [0, 0, 5], [0, 0, 0]);
    const long = Int16Array.from({ length: 350 }, (_, n) => n);
    const series = join(folder, 'gap');
    const paths = await writeDicomSeries(series, { data: long, dims: [7, 5, 10], affine }, { seed: 'gap' });
    await rm(paths[4] as string);
    const gap = await openScan(series);
    assert.match(gap.info.warnings.join(), /10\.00 mm after slice 3.*1 slice seems to be missing/);
    close(voxelToMm(gap.info.affine, [0, 0, 8]), [0, 0, 45], 1e-9);
    await gap.close();
    await copyFile(paths[6] as string, join(series, 'copy'));
    const doubled = await openScan(series);
    assert.match(doubled.info.warnings.join(), /1 of 10 slices lie at the position of another/);
    assert.equal(doubled.info.dims[2], 9);
    await doubled.close();
  });

  it('is deterministic', async () => {
    const image = { data: new Int16Array(count), dims, affine: oblique, unit: 'HU' };
    await writeNifti(join(folder, 'd1.nii.gz'), image);
    await writeNifti(join(folder, 'd2.nii.gz'), image);
    assert.deepEqual(await readFile(join(folder, 'd1.nii.gz')), await readFile(join(folder, 'd2.nii.gz')));
    const scan = await openScan(join(folder, 'd1.nii.gz'));
    assert.equal(scan.info.unit, 'HU');
    await scan.close();
  });
});
