// Activation: makes the one context object and registers commands, editors, trees, status bar and report documents with it. No
// engine process is started here; the first view or command that needs one does.

import * as vscode from 'vscode';
import { allCommands } from './commands/all.ts';
import { register } from './commands/registry.ts';
import { ClueDecorations } from './report/decorations.ts';
import { registerReportProviders } from './report/providers.ts';
import { Room } from './room.ts';
import { registerStatus } from './status/items.ts';
import { testApi, type TestApi } from './test-api.ts';
import { registerTrees } from './trees/register.ts';
import { watchFiles } from './watch.ts';

export function activate(context: vscode.ExtensionContext): TestApi | undefined {
  const room = new Room(context);
  const trees = registerTrees(room);
  const status = registerStatus(room);
  context.subscriptions.push(
    room,
    ...register(room, allCommands),
    ...trees.disposables,
    ...status.disposables,
    ...registerReportProviders(room.reports),
    new ClueDecorations(room.reports, context.extensionUri),
    ...watchFiles(room),
  );
  room.log.info(`Reading Room ${String(context.extension.packageJSON.version)}, VS Code ${vscode.version}`);
  return process.env['READING_ROOM_TEST'] === '1' ? testApi(room, trees, status.items) : undefined;
}
