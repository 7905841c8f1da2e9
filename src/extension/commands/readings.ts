// Reveal Reading Folder and Delete Reading.

import path from 'node:path';
import * as vscode from 'vscode';
import type { Room } from '../room.ts';
import type { CommandSpec } from './registry.ts';
import { readingTarget } from './targets.ts';

async function revealReading(room: Room, arg: unknown): Promise<void> {
  const reading = await readingTarget(room, arg);
  if (reading === undefined) return;
  const uri = vscode.Uri.file(path.join(reading, 'reading.json'));
  const inside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  await vscode.commands.executeCommand(inside ? 'revealInExplorer' : 'revealFileInOS', uri);
}

async function deleteReading(room: Room, arg: unknown): Promise<void> {
  const reading = await readingTarget(room, arg);
  if (reading === undefined) return;
  const uri = vscode.Uri.file(reading);
  const name = path.basename(reading);
  const answer = await vscode.window.showWarningMessage(`Delete the reading ${name}?`, { modal: true, detail: 'Its folder is moved to the trash. The scan is not touched.' }, 'Move to Trash');
  if (answer === undefined) return;
  try {
    await vscode.workspace.fs.delete(uri, { recursive: true, useTrash: true });
  } catch {
    const again = await vscode.window.showWarningMessage(`There is no trash on this machine. Delete ${name} for good?`, { modal: true }, 'Delete');
    if (again === undefined) return;
    await vscode.workspace.fs.delete(uri, { recursive: true });
  }
  room.readings.refresh();
}

export const readingCommands: readonly CommandSpec[] = [
  { id: 'revealReading', doing: 'Revealing a reading', run: revealReading },
  { id: 'deleteReading', doing: 'Deleting a reading', run: deleteReading },
];
