// Commands about Reading Room itself: the engine, the log, the lists, the walkthrough.

import * as vscode from 'vscode';
import type { Room } from '../room.ts';
import type { CommandSpec } from './registry.ts';

async function restartEngine(room: Room): Promise<void> {
  const jobs = room.editors.documents.filter((document) => document.job);
  if (jobs.length > 0) {
    const answer = await vscode.window.showWarningMessage('A reading is in progress and will be lost. Restart the engine?', { modal: true }, 'Restart');
    if (answer === undefined) return;
  }
  await room.engines.restart();
  const { pid } = await room.engines.view.api.hello();
  room.log.info(`Engine restarted, process ${pid}`);
  vscode.window.setStatusBarMessage('$(check) Reading Room engine restarted', 4000);
}

function refresh(room: Room): void {
  for (const list of [room.bundles, room.scans, room.readings, room.runs]) list.refresh();
}

export const engineCommands: readonly CommandSpec[] = [
  { id: 'restartEngine', doing: 'Restarting the engine', run: restartEngine },
  { id: 'showLog', doing: 'Showing the log', run: (room) => room.log.show() },
  { id: 'refresh', doing: 'Refreshing', run: refresh },
  { id: 'openWalkthrough', doing: 'Opening the walkthrough', run: (room) => vscode.commands.executeCommand('workbench.action.openWalkthrough', `${room.context.extension.id}#start`, false) },
];
