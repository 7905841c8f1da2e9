// A workspace of its own for each end-to-end suite: the sample scans of `npm start`, copied to a temporary folder, and
// files that no reader should accept.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { outFolder, type Room } from './harness.ts';

export const vsix = path.join(outFolder, `reading-room-${process.platform}-${process.arch}.vsix`);

/** A NIfTI scan, a file of a DICOM series and damaged files, as paths in the workspace. */
export const NIFTI = 'head-nifti/head-00001.nii.gz';
export const DICOM = 'head-dicom/head-00011/IM0010.dcm';
export const SHORT = 'damaged/short.nii';

export function sampleWorkspace(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reading-room-workspace-'));
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  for (const set of ['head-nifti', 'head-dicom']) {
    fs.cpSync(path.join(outFolder, 'workspace', set), path.join(folder, set), { recursive: true });
  }
  fs.mkdirSync(path.join(folder, 'damaged'));
  fs.writeFileSync(path.join(folder, SHORT), Buffer.alloc(100));
  return folder;
}

/** Saves a picture of the page when a test fails: out/e2e/failed-<title>.png. Call it inside `describe`. */
export function pictureOfFailures(room: () => Room | undefined): void {
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    await room()?.screenshot(`e2e/failed-${this.currentTest.fullTitle().replace(/\W+/g, '-')}`).catch(() => undefined);
  });
}
