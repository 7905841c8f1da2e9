// Read Scan and Cancel Reading. The progress is told where the scan is (in its view) and in the status bar; the result is
// saved in the readings folder and shown in every editor of the scan.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { errorInfo } from '../../protocol/error.ts';
import type { ReadProgress } from '../../protocol/view.ts';
import { isNode } from '../nodes.ts';
import { ReadingJob } from '../editor/reading-job.ts';
import type { ScanDocument } from '../editor/document.ts';
import { explain } from '../messages.ts';
import { readingName, scanName } from '../paths.ts';
import type { Room } from '../room.ts';
import * as settings from '../settings.ts';
import { pickBundle } from './pick.ts';
import type { CommandSpec } from './registry.ts';
import { scanTarget } from './targets.ts';

/** `options` lets other commands and tests name the bundle; resolves to the reading's folder when it is saved. */
async function readScan(room: Room, arg: unknown, options?: unknown): Promise<string | undefined> {
  const scan = await scanTarget(room, arg);
  if (!scan) return undefined;
  const device = settings.deviceChoice();
  const busy = room.editors.documents.find((document) => document.job?.request.device === device);
  if (busy) {
    const here = busy.uri.toString() === scan.toString();
    void explain(here ? 'This scan is being read already.' : `The model is reading ${path.basename(busy.path)}; one reading runs at a time on a device.`, {
      title: 'Cancel That Reading',
      command: 'readingRoom.cancelReading',
      args: [busy.uri],
    });
    return undefined;
  }
  const bundle = bundleOption(options) ?? (await room.bundles.default(scan))?.path ?? (await pickBundle(room, `Read ${path.basename(scan.fsPath)}`));
  if (bundle === undefined) return undefined;

  const { document } = await room.editors.open(scan);
  await document.info(); // a scan that does not open is told before a model is loaded
  const folder = room.readings.folder(scan);
  await mkdir(folder, { recursive: true });
  const out = path.join(folder, readingName(scan.fsPath, bundle, new Date()));
  const request = { scan: scan.fsPath, bundle, out, device, maxNewTokens: settings.maxNewTokens() };
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: `Reading ${scanName(scan.fsPath)}` }, (progress) =>
    runJob(room, document, new ReadingJob(room.engines, request, (said) => {
      for (const editor of document.editors) editor.progress(said);
      const message = progressLine(said);
      if (message !== undefined) progress.report({ message });
    })),
  );
}

async function runJob(room: Room, document: ScanDocument, job: ReadingJob): Promise<string | undefined> {
  document.job = job;
  const tell = (state: 'lost' | 'back', text: string): void => {
    if (!job.wasCancelled) for (const editor of document.editors) editor.tellEngine(state, text);
  };
  const watching = [
    job.engine.onLost((detail) => tell('lost', `The model's process ended (${detail}). Slices and saved readings are not affected.`)),
    job.engine.onBack(() => tell('back', 'The model can read again.')),
  ];
  changed(room, document);
  try {
    const reading = await job.run();
    room.log.info(`Read ${document.path}: ${reading.tokens.length} tokens, ${reading.clues.length} clues, ${reading.settings.device}`);
    room.device.ran(reading.settings.device);
    room.readings.refresh();
    for (const editor of document.editors) await editor.finished(job.request.out);
    room.setDone('didRead');
    return job.request.out;
  } catch (thrown) {
    // The view shows the failure where the user looks; a message would say it twice.
    if (![...document.editors].some((editor) => editor.panel.visible && editor.isReady)) throw thrown;
    room.log.error(`Reading ${document.path}: ${errorInfo(thrown).message}`);
    return undefined;
  } finally {
    document.job = undefined;
    // The process comes back within two seconds; views are told so even though this job is over.
    setTimeout(() => watching.forEach((one) => one.dispose()), 5000);
    changed(room, document);
  }
}

function changed(room: Room, document: ScanDocument): void {
  for (const editor of document.editors) room.editors.changed(editor);
}

function progressLine(said: ReadProgress): string | undefined {
  if (said.phase !== 'stage') return undefined;
  return said.total > 1 ? `${said.stage} ${Math.round((100 * said.done) / said.total)} %` : said.stage;
}

function bundleOption(options: unknown): string | undefined {
  return typeof options === 'object' && options !== null && 'bundle' in options && typeof options.bundle === 'string' ? options.bundle : undefined;
}

function cancelReading(room: Room, arg: unknown): void {
  const document =
    arg instanceof vscode.Uri ? room.editors.documentOf(arg)
    : isNode(arg) && arg.kind === 'scan' ? room.editors.documentOf(arg.scan.uri)
    : room.editors.active?.document.job ? room.editors.active.document
    : room.editors.documents.find((one) => one.job);
  if (document?.job) document.job.cancel();
  else void explain('No reading is in progress.', { title: 'Read Scan', command: 'readingRoom.readScan' });
}

export const readCommands: readonly CommandSpec[] = [
  { id: 'readScan', doing: 'Reading a scan', needs: ['trust'], run: readScan },
  { id: 'cancelReading', doing: 'Cancelling a reading', run: cancelReading },
];
