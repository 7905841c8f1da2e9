// A scan and a bundle for the benches that read: a head phantom, and the shipped brain-CT reader or, in a tree without its weights,
// the tiny bundle of the tests, whose engine does the same kinds of work on smaller tensors.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeNifti } from '../../src/scan/nifti-write.ts';
import { headCase } from '../../src/synth/head/index.ts';
import { writeTinyBundle } from '../../test/unit/bundle/tiny-bundle.ts';
import { root } from '../../test/e2e/harness.ts';
import { emptyWorkspace } from './in-vscode.ts';

interface ReadingCase {
  folder: string;
  bundle: string;
  bundleName: string;
  env: Record<string, string>;
}

export async function readingCase(name: string): Promise<ReadingCase> {
  const folder = emptyWorkspace(name);
  const { hu, grid, affine } = headCase(11, { grid: { dims: [256, 256, 64], spacing: [0.85, 0.85, 2.5] } });
  const scan = join(folder, 'head.nii.gz');
  await writeNifti(scan, { data: hu, dims: grid.dims, affine, unit: 'HU' });
  const shipped = join(root, 'models/brain-ct');
  const bundleName = existsSync(join(shipped, 'reading-room.json')) ? 'brain-ct' : 'tiny bundle';
  const bundle = bundleName === 'brain-ct' ? shipped : join(folder, 'tiny');
  if (bundleName === 'tiny bundle') writeTinyBundle(bundle);
  process.stderr.write(`bundle: ${bundleName}\n`);
  return { folder, bundle, bundleName, env: { READING_ROOM_BENCH_SCAN: scan, READING_ROOM_BENCH_BUNDLE: bundle } };
}
