// The sample workspace of `npm start`: synthetic head CTs, written by the command line of this repository, once as DICOM
// series and once as NIfTI files. Written once; delete out/workspace to have them made again.
import { mkdirSync, readdirSync, renameSync, rmSync, existsSync } from 'node:fs';
import path from 'node:path';
import { root, run, workspace } from './steps.mjs';

const SETS = [
  { folder: 'head-nifti', format: 'nifti', seed: '1' },
  { folder: 'head-dicom', format: 'dicom', seed: '11' },
];
const COUNT = '3';

/** Writes what is missing and returns the workspace folder. */
export function ensureSamples() {
  mkdirSync(workspace, { recursive: true });
  for (const { folder, format, seed } of SETS) {
    const target = path.join(workspace, folder);
    if (existsSync(target)) continue;
    // Moved into place when complete, so that an interrupted run leaves nothing half-made.
    const draft = path.join(workspace, `.${folder}`);
    rmSync(draft, { recursive: true, force: true });
    const cli = path.join(root, 'dist/cli.js');
    run(process.execPath, [cli, 'synth', 'head', '--count', COUNT, '--seed', seed, '--format', format, '--out', draft]);
    renameSync(draft, target);
  }
  return workspace;
}

/** The first NIfTI scan of the samples, relative to the workspace; label maps are not scans. */
export function firstScan() {
  const files = readdirSync(workspace, { recursive: true, encoding: 'utf8' }).sort();
  return files.find((file) => /\.nii(\.gz)?$/.test(file) && !/label/i.test(path.basename(file)));
}
