// The quick picks: scans, readings and bundles, each with an explanation where there is nothing to pick.

import path from 'node:path';
import * as vscode from 'vscode';
import type { BundleSummary } from '../../protocol/bundle.ts';
import { RoomError } from '../../protocol/error.ts';
import { explain } from '../messages.ts';
import { timeWords } from '../words.ts';
import type { Room } from '../room.ts';

const LAST_BUNDLE = 'lastBundle';

type Item<T> = vscode.QuickPickItem & { value: T };

export async function pickScan(room: Room): Promise<vscode.Uri | undefined> {
  const scans = await room.scans.list();
  const items: Item<vscode.Uri | 'browse'>[] = scans.map(({ uri, files }) => ({
    label: path.basename(uri.fsPath),
    description: vscode.workspace.asRelativePath(path.dirname(uri.fsPath)),
    ...(files === undefined ? {} : { detail: `DICOM, ${files} files` }),
    value: uri,
  }));
  items.push({ label: '$(folder-opened) Browse...', description: 'a NIfTI or DICOM file', value: 'browse' });
  const picked = await vscode.window.showQuickPick(items, { title: 'Scan', placeHolder: 'Which scan?', matchOnDescription: true });
  if (picked?.value !== 'browse') return picked?.value;
  const chosen = await vscode.window.showOpenDialog({ title: 'Scan', openLabel: 'Open', filters: { 'CT scans': ['nii', 'gz', 'dcm'], 'All files': ['*'] } });
  return chosen?.[0];
}

export async function pickReading(room: Room, scan?: vscode.Uri): Promise<string | undefined> {
  const readings = scan ? await room.readings.of(scan.fsPath) : await room.readings.list();
  if (readings.length === 0) {
    void explain(scan ? 'This scan has no saved reading yet.' : 'There is no saved reading yet.', { title: 'Read Scan', command: 'readingRoom.readScan', args: scan ? [scan] : [] });
    return undefined;
  }
  if (scan && readings.length === 1) return readings[0]?.path;
  const items: Item<string>[] = readings.map((reading) => ({
    label: scan ? timeWords(new Date(reading.created)) : path.basename(reading.scanPath),
    description: scan ? reading.bundle : `${timeWords(new Date(reading.created))}, ${reading.bundle}`,
    detail: reading.headline,
    value: reading.path,
  }));
  return (await vscode.window.showQuickPick(items, { title: 'Reading', placeHolder: 'Which reading?', matchOnDetail: true }))?.value;
}

/** Folder of a bundle to use; the last one comes first. Undefined: the user cancelled. */
export async function pickBundle(room: Room, title: string): Promise<string | undefined> {
  const last = room.context.workspaceState.get<string>(LAST_BUNDLE);
  const bundles = (await room.bundles.list()).toSorted((a, b) => Number(b.path === last) - Number(a.path === last));
  const items: Item<BundleSummary | 'browse'>[] = bundles.map((bundle) => ({
    label: `$(${bundle.problem ? 'warning' : 'package'}) ${bundle.title || path.basename(bundle.path)}`,
    description: room.bundles.isShipped(bundle) ? 'shipped with Reading Room' : vscode.workspace.asRelativePath(bundle.path),
    detail: bundle.problem ? bundle.problem.message : `${bundle.description} ${bundle.limits}`.trim(),
    value: bundle,
  }));
  items.push({ label: '$(folder-opened) Browse...', description: 'a folder with a reading-room.json', value: 'browse' });
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: 'Which bundle?', matchOnDescription: true });
  if (!picked) return undefined;
  if (picked.value !== 'browse') {
    if (picked.value.problem) throw new RoomError('invalid', picked.value.problem.message, picked.value.problem.fix);
    await room.context.workspaceState.update(LAST_BUNDLE, picked.value.path);
    return picked.value.path;
  }
  const chosen = await vscode.window.showOpenDialog({ title, openLabel: 'Use Bundle', canSelectFolders: true, canSelectFiles: false });
  return chosen?.[0]?.fsPath;
}
