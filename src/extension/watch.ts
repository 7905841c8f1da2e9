// Follows the files behind the trees: readings, runs, bundles and scans. Bursts of changes are gathered for a quarter of a
// second, so that a folder that is being written is listed once.

import * as vscode from 'vscode';
import { SCAN_GLOB } from './paths.ts';
import type { Room } from './room.ts';
import * as settings from './settings.ts';

const QUIET_MS = 250;

function gathered(action: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, QUIET_MS);
  };
}

function watch(pattern: vscode.GlobPattern, changes: boolean, action: () => void): vscode.Disposable[] {
  const watcher = vscode.workspace.createFileSystemWatcher(pattern, false, !changes, false);
  const act = gathered(action);
  return [watcher, watcher.onDidCreate(act), watcher.onDidDelete(act), watcher.onDidChange(act)];
}

export function watchFiles(room: Room): vscode.Disposable[] {
  const readings = (): void => {
    room.readings.refresh();
    for (const editor of room.editors.all) void editor.readingsChanged();
  };
  const runs = (): void => {
    room.runs.refresh();
    room.runLogs.refresh();
  };
  return [
    ...watch('**/reading.json', false, readings),
    ...watch('**/runs/*/status.json', true, runs),
    ...watch('**/reading-room.json', true, () => room.bundles.refresh()),
    ...watch(SCAN_GLOB, false, () => room.scans.refresh()),
    settings.onDidChange(['readingsFolder'], readings),
    vscode.workspace.onDidGrantWorkspaceTrust(() => room.bundles.refresh()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      readings();
      runs();
      room.bundles.refresh();
      room.scans.refresh();
    }),
  ];
}
