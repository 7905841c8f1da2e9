// Commands whose effect is inside the scan editor in front, or the one that was last.

import * as vscode from 'vscode';
import type { ViewAction } from '../../protocol/view.ts';
import type { Room } from '../room.ts';
import * as settings from '../settings.ts';
import type { CommandSpec, Need } from './registry.ts';

const act = (id: string, doing: string, action: ViewAction, needs: readonly Need[]): CommandSpec => ({
  id,
  doing,
  needs,
  run: (room) => room.editors.current?.act(action),
});

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
  act('nextClue', 'Going to the next clue', { kind: 'nextClue', step: 1 }, reading),
  act('previousClue', 'Going to the previous clue', { kind: 'nextClue', step: -1 }, reading),
  act('showLabelMap', 'The label map', { kind: 'toggle', what: 'labels' }, editor),
  act('showTokenGrid', 'The token grid', { kind: 'toggle', what: 'tokens' }, reading),
  { id: 'windowPreset', doing: 'Choosing a window', needs: editor, run: windowPreset },
];
