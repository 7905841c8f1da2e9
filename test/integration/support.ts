// What the tests inside the extension host share: the extension's test API, sample files, and waiting for a state.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { ScanEditor } from '../../src/extension/editor/scan-editor.ts';
import type { TestApi } from '../../src/extension/test-api.ts';
import { writeDicomSeries } from '../../src/scan/dicom/write.ts';
import { writeNifti, writeNiftiLabels } from '../../src/scan/nifti-write.ts';

export const EXTENSION = 'reading-room.reading-room';
export const DIMS = [32, 28, 12] as const;
/** 4 x 4 x 8 mm voxels, patient-aligned. */
export const AFFINE = [4, 0, 0, -62, 0, 4, 0, -54, 0, 0, 8, -44, 0, 0, 0, 1];

export async function testApi(): Promise<TestApi> {
  const api = await vscode.extensions.getExtension<TestApi | undefined>(EXTENSION)?.activate();
  assert.ok(api, 'activate() returned no test API; is READING_ROOM_TEST=1 set?');
  return api;
}

export function workspaceFolder(): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  assert.ok(folder, 'the tests need a workspace folder');
  return folder;
}

/** Value (HU) of voxel (i, j, k): unlike in every voxel of a slice. */
export const valueAt = (i: number, j: number, k: number): number => i + 32 * j - 500 + 10 * k;

function voxels(): Int16Array {
  const [ni, nj, nk] = DIMS;
  const data = new Int16Array(ni * nj * nk);
  for (let k = 0, n = 0; k < nk; k++) for (let j = 0; j < nj; j++) for (let i = 0; i < ni; i++) data[n++] = valueAt(i, j, k);
  return data;
}

/** Writes a scan with label map and reference report into a folder of the workspace; returns its address. */
export async function writeCase(folder: string, name: string): Promise<vscode.Uri> {
  const target = path.join(workspaceFolder(), folder);
  await mkdir(target, { recursive: true });
  const file = path.join(target, `${name}.nii.gz`);
  await writeNifti(file, { data: voxels(), dims: DIMS, affine: AFFINE, unit: 'HU' });
  await writeNiftiLabels(path.join(target, `${name}-labels.nii.gz`), new Uint8Array(DIMS[0] * DIMS[1] * DIMS[2]), DIMS, AFFINE);
  await writeFile(path.join(target, `${name}.txt`), 'Impression: Acute haemorrhage in the right putamen.\n');
  return vscode.Uri.file(file);
}

/** Writes a DICOM series; returns the address of its folder. */
export async function writeSeries(folder: string): Promise<vscode.Uri> {
  const target = path.join(workspaceFolder(), folder);
  await writeDicomSeries(target, { data: voxels(), dims: DIMS, affine: AFFINE }, { seed: folder });
  return vscode.Uri.file(target);
}

/** Waits until `value` gives something; fails with `what` after `ms`. */
export async function until<T>(what: string, value: () => T | undefined | false | Promise<T | undefined | false>, ms = 20_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await value();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Opens a scan as a click does and waits until its view has asked for its first state. */
export async function openScan(api: TestApi, uri: vscode.Uri): Promise<ScanEditor> {
  await vscode.commands.executeCommand('vscode.open', uri);
  return until(`the view of ${uri.fsPath} is ready`, () => api.room.editors.all.find((editor) => editor.document.uri.toString() === uri.toString() && editor.isReady));
}

export async function closeAll(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/**
 * Milliseconds within which a lost engine must be back: two seconds, and on a machine that is busy with other things as
 * many more as an empty Node process needs longer than the 50 ms it takes on a quiet one.
 */
export async function restartBound(): Promise<number> {
  const start = performance.now();
  await promisify(execFile)(process.execPath, ['-e', '0'], { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
  return 2000 * Math.max(1, (performance.now() - start) / 50);
}
