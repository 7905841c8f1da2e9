// Commands on a saved reading's text: open it, compare it, export it, and go from a clue in it to the scan.

import path from 'node:path';
import * as vscode from 'vscode';
import { explain } from '../messages.ts';
import { scanName } from '../paths.ts';
import { clueAt } from '../report/providers.ts';
import { REPORT_SCHEME } from '../report/uri.ts';
import type { Room } from '../room.ts';
import { showReading } from './open.ts';
import type { CommandSpec } from './registry.ts';
import { readingTarget } from './targets.ts';

async function openReport(room: Room, arg: unknown): Promise<void> {
  const reading = await readingTarget(room, arg);
  const viewColumn = room.editors.active ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
  if (reading !== undefined) await room.reports.show(reading, 'model', { viewColumn });
}

async function compareReport(room: Room, arg: unknown): Promise<void> {
  const target = await readingTarget(room, arg);
  if (target === undefined) return;
  const reading = await room.readings.load(target);
  if (reading.reference) await room.reports.compare(target, reading);
  else {
    const file = `${scanName(reading.scan.path)}.txt`;
    void explain(`This reading has no reference report. Put one beside the scan as ${file} and read the scan again.`, { title: 'Read Scan', command: 'readingRoom.readScan', args: [vscode.Uri.file(reading.scan.path)] });
  }
}

async function exportHtml(room: Room, arg: unknown, target?: unknown): Promise<void> {
  const reading = await readingTarget(room, arg);
  if (reading === undefined) return;
  const suggested = vscode.Uri.file(path.join(path.dirname(reading), `${path.basename(reading)}.html`));
  const out = target instanceof vscode.Uri ? target : await vscode.window.showSaveDialog({ title: 'Export Reading as HTML', defaultUri: suggested, filters: { HTML: ['html'] } });
  if (!out) return;
  await room.engines.view.api.exportHtml(reading, out.fsPath);
  room.log.info(`Exported ${reading} to ${out.fsPath}`);
  void vscode.window.showInformationMessage(`Exported to ${path.basename(out.fsPath)}: one file, no network, no patient tags.`, 'Open', 'Reveal').then(async (picked) => {
    if (picked === 'Open') await vscode.env.openExternal(out);
    if (picked === 'Reveal') await vscode.commands.executeCommand('revealInExplorer', out);
  });
}

/** From a lens or hover with the clue, or from the cursor in a report. */
async function showClue(room: Room, reading?: unknown, clueId?: unknown): Promise<void> {
  if (typeof reading === 'string' && typeof clueId === 'string') return showReading(room, reading, clueId);
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.uri.scheme !== REPORT_SCHEME) return;
  const report = await room.reports.get(editor.document.uri);
  const placed = clueAt(report, editor.selection.active);
  if (!placed) void explain('There is no clue at the cursor. Clues are the underlined phrases.');
  else if (report.side === 'model') await showReading(room, report.path, placed.clue.id);
  else if (placed.compared?.clue) await showReading(room, report.path, placed.compared.clue.id);
  else void explain('The model did not write this clue, so no region belongs to it.');
}

export const reportCommands: readonly CommandSpec[] = [
  { id: 'openReport', doing: 'Opening the report', run: openReport },
  { id: 'compareReport', doing: 'Comparing the report', run: compareReport },
  { id: 'exportHtml', doing: 'Exporting the reading', run: exportHtml },
  { id: 'showClue', doing: 'Showing the clue', run: showClue },
];
