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
/** SHA-256 of stored values where the facts have none: pydicom 3.0 with pylibjpeg; the last two must equal liver.dcm. */
const goldens: Record<string, string> = {
  'pydicom/ExplVR_BigEnd.dcm': '1583c4339dd36e91dd2c30d278ef1ed95f3ea9a6de4401868d5712a76036ef2d',
  'pydicom/GDCMJ2K_TextGBR.dcm': 'bea5673fdd49313fd8c391f115e57ac501f44194aa3915c22293ddb55f1d0b88',
  'pydicom/SC_rgb_small_odd.dcm': 'ef2df252ba3cd066405c4dd121d0efea1341083ae2f676e1f4c844b5a4838cb8',
  'pydicom-data/JLSL_RGB_ILV0.dcm': 'ed1fce22a62e4194dd75dd98e7c04aa6978a2858108714876a615c5d5d3c7dff',
  'pydicom-data/HTJ2K_08_RGB.dcm': '16463ac9d0b0c70eed678971adf2076815b73148cff485ade090beb64868f7e3',
  'pydicom-data/color-pl.dcm': '4631a14e915f1a7f27d30fb4cd2c4418e592a26008b61a29221641dc6e97c8b2',
  'dicomParser/CT0012.fragmented_no_bot_jpeg_ls.80.dcm': 'b6b202c4af4494a26933ffa7834f9ab6b8a5b4b623f105751e84829abbcdd302',
  'pydicom-data/eCT_Supplemental.dcm': 'b6b202c4af4494a26933ffa7834f9ab6b8a5b4b623f105751e84829abbcdd302',
  'pydicom-data/liver.dcm': '86ceb97b138085d01b005c48e893bb4348fcdcf6a9c5c73c54d4efaa0288a1f2',
  'pydicom-data/parametric_map_float.dcm': 'ef41ff13cf378171c7ee25198c75e2b70764e3789664f17dd6df40163ec37284',
  'pydicom-data/liver_rle.dcm': '86ceb97b138085d01b005c48e893bb4348fcdcf6a9c5c73c54d4efaa0288a1f2',
  'pydicom-data/liver_deflate.dcm': '86ceb97b138085d01b005c48e893bb4348fcdcf6a9c5c73c54d4efaa0288a1f2',
};

function facts(group: string): Fact[] {
  return JSON.parse(readFileSync(join(data, group, 'FACTS.json'), 'utf8').replace(/-?\bInfinity\b|\bNaN\b/g, 'null')) as Fact[];
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(b));

describe('scan corpus', function () {
  this.timeout(300_000);
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
        try {
          const r = await scanFacts(path, { single: true });
          const bad: string[] = [];
          const sha = m.pixel_sha256_le ?? goldens[file];
          if (sha !== undefined && r.storedSha256 !== sha) bad.push('stored values');
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
