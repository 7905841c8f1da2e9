// Select Default Bundle and Check Bundle.

import path from 'node:path';
import * as vscode from 'vscode';
import { isNode } from '../nodes.ts';
import { escapeMarkdown, table } from '../pages.ts';
import type { Room } from '../room.ts';
import * as settings from '../settings.ts';
import { pickBundle } from './pick.ts';
import type { CommandSpec } from './registry.ts';

async function bundleTarget(room: Room, arg: unknown, title: string): Promise<string | undefined> {
  if (isNode(arg) && arg.kind === 'bundle') return arg.bundle.path;
  if (typeof arg === 'string') return arg;
  return pickBundle(room, title);
}

async function selectBundle(room: Room, arg: unknown): Promise<void> {
  const bundle = await bundleTarget(room, arg, 'Select Default Bundle');
  if (bundle === undefined) return;
  await settings.update('bundle', bundle);
  room.bundles.refresh();
  void vscode.window.showInformationMessage(`${path.basename(bundle)} reads scans from now on.`, 'Ask Each Time').then(async (picked) => {
    if (picked) await settings.update('bundle', undefined);
  });
}

/** Runs every part of the bundle once; in the model process, since it executes what others exported. */
async function checkBundle(room: Room, arg: unknown): Promise<void> {
  const bundle = await bundleTarget(room, arg, 'Check Bundle');
  if (bundle === undefined) return;
  const name = path.basename(bundle);
  const { ok, checks } = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: `Checking ${name}` }, () =>
    room.engines.model(settings.deviceChoice()).api.checkBundle(bundle),
  );
  const failed = checks.filter((check) => !check.ok).length;
  const head = ok ? 'Every part loads and runs.' : `${failed} of ${checks.length} checks failed.`;
  const rows = checks.map((check) => [check.name, check.ok ? 'passed' : 'failed', check.detail]);
  await room.pages.show('Check Bundle', `# ${escapeMarkdown(name)}\n\n${head}\n\n${table(['Check', 'Result', 'Detail'], rows)}\n\n${escapeMarkdown(bundle)}\n`);
}

export const bundleCommands: readonly CommandSpec[] = [
  { id: 'selectBundle', doing: 'Selecting a bundle', needs: ['trust'], run: selectBundle },
  { id: 'checkBundle', doing: 'Checking a bundle', needs: ['trust'], run: checkBundle },
];
