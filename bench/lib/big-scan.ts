// The scan of the opening benches: a head phantom as 512 x 512 x 300 voxels of 0.45 x 0.45 x 0.55 mm in a .nii.gz, with the entropy of
// a thin-slice scan: noise of 12 HU in every voxel, independent between slices and correlated over two pixels within one.
// Made once and kept; the phantom is rendered on a coarser grid and interpolated, since only its bytes matter here.

import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { randomBytes } from 'node:crypto';
import { writeNifti } from '../../src/scan/nifti-write.ts';
import { headCase } from '../../src/synth/head/index.ts';

export const BIG_DIMS = [512, 512, 300] as const;
const COARSE = [128, 128, 75] as const;
const SPACING = [0.45, 0.45, 0.55] as const;
const NOISE_HU = 12;

/** Writes the scan unless it is there. `path` ends in .nii.gz. */
export async function ensureBigScan(path: string, seed = 7): Promise<void> {
  if (existsSync(path)) return;
  process.stderr.write('- making the 512 x 512 x 300 scan, once ...\n');
  mkdirSync(dirname(path), { recursive: true });
  const { hu } = headCase(seed, { grid: { dims: [...COARSE], spacing: [SPACING[0] * 4, SPACING[1] * 4, SPACING[2] * 4] } });
  const [ni, nj, nk] = BIG_DIMS;
  const data = new Int16Array(ni * nj * nk);
  const noise = gaussian(1 << 20, seed);
  for (let k = 0, at = 0; k < nk; k++) {
    const shift = Math.floor(((k * 0.6180339887) % 1) * noise.length);
    for (let j = 0; j < nj; j++) {
      for (let i = 0; i < ni; i++, at++) {
        const n = (shift + j * 617 + i) & (noise.length - 1);
        data[at] = sample(hu, i / 4, j / 4, k / 4) + NOISE_HU * 0.8 * (noise[n]! + 0.75 * noise[(n + 1) & (noise.length - 1)]!);
      }
    }
  }
  const affine = [SPACING[0], 0, 0, -((ni - 1) / 2) * SPACING[0], 0, SPACING[1], 0, -((nj - 1) / 2) * SPACING[1], 0, 0, SPACING[2], -((nk - 1) / 2) * SPACING[2], 0, 0, 0, 1];
  const draft = `${path}.${randomBytes(4).toString('hex')}.nii.gz`;
  await writeNifti(draft, { data, dims: BIG_DIMS, affine, unit: 'HU' });
  renameSync(draft, path);
}

/** Trilinear, clamped at the border. */
function sample(hu: Int16Array, x: number, y: number, z: number): number {
  const [ni, nj, nk] = COARSE;
  const [i, j, k] = [Math.min(ni - 2, Math.floor(x)), Math.min(nj - 2, Math.floor(y)), Math.min(nk - 2, Math.floor(z))];
  const [a, b, c] = [Math.min(1, x - i), Math.min(1, y - j), Math.min(1, z - k)];
  const at = i + ni * (j + nj * k);
  const row = (from: number): number => hu[from]! * (1 - a) + hu[from + 1]! * a;
  const plane = (from: number): number => row(from) * (1 - b) + row(from + ni) * b;
  return plane(at) * (1 - c) + plane(at + ni * nj) * c;
}

/** Standard normal values by Box and Muller over a 32-bit xorshift generator. */
function gaussian(count: number, seed: number): Float32Array {
  let state = seed >>> 0 || 1;
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
  return Float32Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}
