// Commands that open scans and saved readings in the scan editor.

import path from 'node:path';
import * as vscode from 'vscode';
import { RoomError } from '../../protocol/error.ts';
import { contains } from '../paths.ts';
import type { Room } from '../room.ts';
import { pickReading } from './pick.ts';
import type { CommandSpec } from './registry.ts';
import { generateSamples } from './samples.ts';
import { readingTarget, scanTarget } from './targets.ts';

async function openScan(room: Room, arg: unknown): Promise<void> {
  const scan = await scanTarget(room, arg);
  if (scan) await room.editors.open(scan);
}

/** The series of a folder opens under the folder's name. */
async function openDicomFolder(room: Room, arg: unknown): Promise<void> {
  const folder =
    arg instanceof vscode.Uri ? arg
    : (await vscode.window.showOpenDialog({ title: 'DICOM Folder', openLabel: 'Open Series', canSelectFolders: true, canSelectFiles: false }))?.[0];
  if (!folder) return;
  await room.editors.open(folder);
  await room.scans.remember(folder);
}

/** Sample scans are those beside a cases.jsonl; three are made where the workspace has none. */
async function openSampleScan(room: Room): Promise<void> {
  const find = async (): Promise<vscode.Uri | undefined> => {
    const lists = await vscode.workspace.findFiles('**/cases.jsonl', '**/{node_modules,.git,runs}/**', 20);
    const folders = lists.map(({ fsPath }) => path.dirname(fsPath));
    return (await room.scans.list()).find(({ uri }) => folders.some((folder) => contains(folder, uri.fsPath)))?.uri;
  };
  const scan = (await find()) ?? ((await generateSamples(room, { count: 3, format: 'nifti' })) && (await find()));
  if (scan) await room.editors.open(scan);
}

/** Shows a saved reading in the editor of its scan, without the model. */
export async function showReading(room: Room, reading: string, clueId?: string): Promise<void> {
  const { scan } = await room.readings.load(reading);
  const uri = vscode.Uri.file(scan.path);
  try {
    await vscode.workspace.fs.stat(uri);
  } catch {
    throw new RoomError('not-found', `The scan of this reading is not at ${scan.path} any more`, 'Put it back, or open the report as text, which needs no scan.');
  }
  const editor = await room.editors.open(uri);
  await editor.show(reading, clueId);
}

async function openReading(room: Room, arg: unknown): Promise<void> {
  // From a scan the user picks among its readings, even where one is on screen.
  const scan = arg instanceof vscode.Uri && arg.scheme === 'file' ? arg : arg === undefined ? room.editors.active?.document.uri : undefined;
  const reading = scan ? await pickReading(room, scan) : await readingTarget(room, arg);
  if (reading !== undefined) await showReading(room, reading);
}

export const openCommands: readonly CommandSpec[] = [
  { id: 'openScan', doing: 'Opening a scan', run: openScan },
  { id: 'openDicomFolder', doing: 'Opening a DICOM folder', run: openDicomFolder },
  { id: 'openSampleScan', doing: 'Opening a sample scan', run: openSampleScan },
  { id: 'openReading', doing: 'Opening a reading', run: openReading },
];
