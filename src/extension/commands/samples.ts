// Generate Sample Scans: synthetic head CTs with label maps and reference reports, written into the workspace.

import path from 'node:path';
import * as vscode from 'vscode';
import { isNode } from '../nodes.ts';
import type { Room } from '../room.ts';
import type { CommandSpec } from './registry.ts';

interface Wanted {
  count: number;
  format: 'dicom' | 'nifti';
}

async function ask(): Promise<Wanted | undefined> {
  const count = await vscode.window.showQuickPick(['3', '10', '50'], { title: 'Generate Sample Scans (1/2)', placeHolder: 'How many synthetic head scans?' });
  if (count === undefined) return undefined;
  const formats = [
    { label: 'NIfTI', description: 'one .nii.gz file each', value: 'nifti' as const },
    { label: 'DICOM', description: 'one folder of .dcm files each', value: 'dicom' as const },
  ];
  const format = await vscode.window.showQuickPick(formats, { title: 'Generate Sample Scans (2/2)', placeHolder: 'Which format?' });
  return format && { count: Number(count), format: format.value };
}

/** Returns the folder, or undefined where the user cancelled. */
export async function generateSamples(room: Room, wanted?: Wanted): Promise<string | undefined> {
  const { count, format } = wanted ?? (await ask()) ?? { count: 0, format: 'nifti' as const };
  if (count === 0) return undefined;
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? (await chooseFolder());
  if (root === undefined) return undefined;
  const out = await freeFolder(path.join(root, 'samples'));
  const seed = 1 + Math.floor(Math.random() * 1e6);
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: 'Generating sample scans', cancellable: true }, (progress, token) =>
    room.engines.withJob('samples', async (link) => {
      const job = 'samples';
      const events = link.onEvent((event) => {
        if (event.type === 'progress') progress.report({ message: `${event.done} of ${event.total}`, increment: 100 / Math.max(1, event.total) });
      });
      token.onCancellationRequested(() => void room.engines.cancel(link, job));
      try {
        await link.api.synthHead(job, { out, count, seed, format });
      } finally {
        events.dispose();
      }
    }),
  );
  room.log.info(`Wrote ${count} sample scans to ${out} (seed ${seed})`);
  room.scans.refresh();
  return out;
}

async function chooseFolder(): Promise<string | undefined> {
  return (await vscode.window.showOpenDialog({ title: 'Folder for the sample scans', openLabel: 'Write Here', canSelectFolders: true, canSelectFiles: false }))?.[0]?.fsPath;
}

/** `base`, or `base-2`, `base-3` ... where it exists already. */
async function freeFolder(base: string): Promise<string> {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? base : `${base}-${n}`;
    try {
      await vscode.workspace.fs.stat(vscode.Uri.file(candidate));
    } catch {
      return candidate;
    }
  }
}

export const sampleCommands: readonly CommandSpec[] = [
  { id: 'generateSamples', doing: 'Generating sample scans', run: async (room, arg) => void (await generateSamples(room, isWanted(arg) ? arg : undefined)) },
];

function isWanted(arg: unknown): arg is Wanted {
  return typeof arg === 'object' && arg !== null && !isNode(arg) && 'count' in arg && typeof arg.count === 'number' && 'format' in arg && (arg.format === 'dicom' || arg.format === 'nifti');
}
