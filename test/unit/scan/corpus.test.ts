// Real files of ../shared/data against their measured facts (pydicom, gdcm, nibabel): stored values by SHA-256, scaled range,
// mean, shape and axis codes; files that are no scan are refused with a typed error. Exceptions are listed with their reason.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RoomError, type ErrorCode } from '../../../src/protocol/error.ts';
import { scanFacts } from '../../../src/scan/facts.ts';

const data = fileURLToPath(new URL('../../../../shared/data', import.meta.url));

interface Measured {
  pixel_sha256_le?: string;
  HU_min?: number;
  HU_max?: number;
  shape?: number[];
  zooms?: number[];
  axcodes?: string;
  min?: number;
  max?: number;
  mean?: number;
  pixels?: string;
  SamplesPerPixel?: string;
}
interface Fact {
  file: string;
  measured: Measured;
}

const lossyJpeg = 'lossy JPEG is not decoded';
/** Files that the facts describe and that are refused here, with the code and the reason. */
const refused: Record<string, [ErrorCode, string]> = {
  'pydicom/JPEG-lossy.dcm': ['unsupported', lossyJpeg],
  'pydicom/SC_rgb_jpeg_dcmtk.dcm': ['unsupported', lossyJpeg],
  'pydicom/SC_rgb_dcmtk_+eb+cy+n1.dcm': ['unsupported', lossyJpeg],
  'pydicom/SC_rgb_dcmtk_+eb+cy+np.dcm': ['unsupported', lossyJpeg],
  'pydicom/SC_rgb_dcmtk_+eb+cy+s2.dcm': ['unsupported', lossyJpeg],
  'cornerstone3D/CTImage.dcm_JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51.dcm': ['unsupported', lossyJpeg],
  'cornerstone3D/TestPattern_JPEG-Baseline_YBRFull.dcm': ['unsupported', lossyJpeg],
  'dcmjs/sample-op.dcm': ['format', 'says JPEG lossless, holds a baseline JPEG'],
  'pydicom/SC_rgb_rle_16bit.dcm': ['unsupported', '16-bit colour'],
  'pydicom/no_meta.dcm': ['format', 'no image, and nothing to tell DICOM by'],
  'pydicom/MR_truncated.dcm': ['format', 'cut off'],
  'pydicom/badVR.dcm': ['format', '"1A" frames'],
  'pydicom/meta_missing_tsyntax.dcm': ['format', 'pixel data without an image description'],
  'nibabel/row_major.dconn.nii': ['unsupported', 'NIfTI-2'],
  'nifti-reader-js/not-nifti.nii': ['format', 'not NIfTI'],
  'nifti-rs/complex/complex64.nii': ['unsupported', 'complex values'],
  'nifti-rs/fuzz_artifacts/crash-1.nii': ['format', 'forged'],
};
/** The facts' HU range leaves out the rescale of the functional groups (intercept -1024, read with pydicom). */
const rescaledInGroups = new Set(['pydicom-data/eCT_Supplemental.dcm', 'dicomParser/CT0012.not_fragmented_no_bot_rle.dcm']);
function facts(group: string): Fact[] {
  return JSON.parse(readFileSync(join(data, group, 'FACTS.json'), 'utf8').replace(/-?\bInfinity\b|\bNaN\b/g, 'null')) as Fact[];
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(b));

describe('scan corpus', function () {
  if (!existsSync(data)) {
    it('needs ../shared/data', function () {
      assert.notEqual(process.env['CI'], 'true', 'the corpus is missing beside the repository');
      console.log('      ../shared/data is absent: corpus not checked');
      this.skip();
    });
    return;
  }
  const wanted: Record<string, (fact: Fact) => boolean> = {
    dicom: ({ file }) => !file.endsWith('.json'),
    ct: ({ file }) => !/\.(json|nrrd)$/.test(file),
    volumes: ({ file }) => /\.nii(\.gz)?$/.test(file),
  };
  for (const [group, want] of Object.entries(wanted)) {
    it(`${group}: stored values, ranges and geometry equal the facts`, async () => {
      let [matching, refusals] = [0, 0];
      const wrong: string[] = [];
      for (const fact of facts(group).filter(want)) {
        const { file, measured: m } = fact;
        const path = join(data, group, file);
        const started = performance.now();
        try {
          const r = await scanFacts(path, { single: true });
          const bad: string[] = [];
          if (m.pixel_sha256_le !== undefined && r.storedSha256 !== m.pixel_sha256_le) bad.push('stored values');
          const [low, high] = rescaledInGroups.has(file) ? [-1024, 172] : [m.HU_min ?? m.min, m.HU_max ?? m.max];
          if (typeof low === 'number' && !near(r.min, low)) bad.push(`min ${r.min}, not ${low}`);
          if (typeof high === 'number' && !near(r.max, high)) bad.push(`max ${r.max}, not ${high}`);
          if (typeof m.mean === 'number' && !near(r.mean, m.mean)) bad.push(`mean ${r.mean}, not ${m.mean}`);
          if (m.shape && m.shape.join() !== r.shape.join()) bad.push(`shape ${r.shape}, not ${m.shape}`);
          if (m.axcodes && m.axcodes !== r.axcodes) bad.push(`axes ${r.axcodes}, not ${m.axcodes}`);
          if (m.zooms && !r.spacing.every((s, n) => near(s, m.zooms?.[n] as number))) bad.push(`spacing ${r.spacing}, not ${m.zooms}`);
          if (refused[file]) bad.push(`opened, although ${refused[file][1]}`);
          if (bad.length > 0) wrong.push(`${file}: ${bad.join('; ')}`);
          else matching++;
        } catch (thrown) {
          if (!(thrown instanceof RoomError)) throw thrown;
          const expected = refused[file]?.[0] ?? (m.pixels === 'none' ? 'format' : undefined);
          if (thrown.code !== expected) wrong.push(`${file}: ${thrown.code}: ${thrown.message}`);
          else refusals++;
          assert.ok(thrown.fix.length > 0);
          assert.ok(performance.now() - started < 2000, `${file} is refused in time`);
        }
      }
      console.log(`      ${group}: ${matching} files as their facts say, ${refusals} refused with a reason`);
      assert.deepEqual(wrong, []);
    });
  }

  it('opens whole series of real CT with their geometry', async () => {
    const series: [string, number[], number, RegExp][] = [
      ['philips_head_phantom_5mm', [512, 512, 28], 5, /^$/],
      ['philips_head_gantry_tilt_plus16_5', [512, 512, 8], 2.5, /tilt.* 16\.5 degrees/],
      ['ge_head_human_first8', [512, 512, 8], 4.22, /tilt.* 18\.5 degrees/],
      ['d2n_gantrytilt_001', [512, 512, 4], 5, /tilt.* 14\.0 degrees/],
      ['d2n_sliceincrement_001', [512, 512, 4], 20 / 3, /Uneven slice gaps, 5\.00 to 10\.00 mm.*1 slice seems to be missing/],
      ['dcmqi_ct_3slice', [512, 512, 3], 1, /^$/],
    ];
    for (const [folder, shape, gap, warning] of series) {
      const r = await scanFacts(join(data, 'ct', folder));
      assert.deepEqual(r.shape, shape);
      assert.ok(Math.abs((r.spacing[2] as number) - gap) < 1e-3, `${folder}: ${r.spacing[2]}`);
      assert.equal(r.axcodes, 'LPS');
      assert.match(r.warnings.join(' '), warning);
    }
  });

  it('takes the series of a clicked file, without the others of its folder', async () => {
    const r = await scanFacts(join(data, 'ct/philips_head_phantom_5mm/I100'));
    assert.deepEqual(r.shape, [512, 512, 28]);
    const one = await scanFacts(join(data, 'dicom/pydicom/CT_small.dcm'));
    assert.deepEqual(one.shape, [128, 128, 1]);
  });
});
