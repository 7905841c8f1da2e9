// Commands whose effect is inside the scan editor in front, or the one that was last.

import * as vscode from 'vscode';
import type { ViewAction } from '../../protocol/view.ts';
import { explain } from '../messages.ts';
import { scanName } from '../paths.ts';
import type { Room } from '../room.ts';
import * as settings from '../settings.ts';
import type { CommandSpec, Need } from './registry.ts';

const act = (id: string, doing: string, action: ViewAction, needs: readonly Need[]): CommandSpec => ({
  id,
  doing,
  needs,
  run: (room) => room.editors.current?.act(action),
});

async function showLabelMap(room: Room): Promise<void> {
  const editor = room.editors.current;
  if (!editor) return;
  const { labels } = await editor.document.info();
  if (labels) editor.act({ kind: 'toggle', what: 'labels' });
  else void explain(`This scan has no label map. One is found by its name, beside the scan: ${scanName(editor.document.path)}-labels.nii.gz.`, { title: 'Open Sample Scan', command: 'readingRoom.openSampleScan' });
}

function nextClue(room: Room, step: 1 | -1): void {
  const editor = room.editors.current;
  const clues = editor?.reading?.reading.clues.length ?? 0;
  const missed = editor?.reading?.reading.reference?.compared.length ?? 0;
  if (clues + missed > 0) editor?.act({ kind: 'nextClue', step });
  else void explain('This report names no clue: nothing in it is known as a finding.', { title: 'Open Report as Text', command: 'readingRoom.openReport' });
}

async function windowPreset(room: Room): Promise<void> {
  const editor = room.editors.current;
  const items = settings.windowPresets().map((preset) => ({
    label: preset.name,
    description: `W ${preset.width} L ${preset.level}`,
    detail: `key ${preset.key}`,
    preset,
  }));
  const picked = await vscode.window.showQuickPick(items, { title: 'Window Preset', placeHolder: 'Hounsfield window' });
  if (picked) editor?.act({ kind: 'preset', key: picked.preset.key });
}

const editor = ['scan-editor'] as const;
const reading = ['scan-editor', 'reading'] as const;

export const viewCommands: readonly CommandSpec[] = [
  act('toggleModelView', 'The model view', { kind: 'view', view: 'toggle' }, reading),
  { id: 'nextClue', doing: 'Going to the next clue', needs: reading, run: (room) => nextClue(room, 1) },
  { id: 'previousClue', doing: 'Going to the previous clue', needs: reading, run: (room) => nextClue(room, -1) },
  { id: 'showLabelMap', doing: 'The label map', needs: editor, run: showLabelMap },
  act('showTokenGrid', 'The token grid', { kind: 'toggle', what: 'tokens' }, reading),
  { id: 'windowPreset', doing: 'Choosing a window', needs: editor, run: windowPreset },
];
