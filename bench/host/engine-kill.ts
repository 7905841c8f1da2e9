// Kills the model engine in the middle of a reading, several times: when the host knows, when the next engine answers, whether
// a retry gives the text of the first reading, and whether that one is unchanged.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { deviceChoice } from '../../src/extension/settings.ts';
import { testApi, until } from '../../test/integration/support.ts';
import { given, openDrawn, report, sleep } from './support.ts';

const KILLS = 3;
/** Five ends within 20 s and the engine is not started any more. */
const APART_MS = 6000;

export interface Kill {
  /** Date.now() at the kill, when the host knew, and when the next engine answered. */
  at: number;
  lost: number;
  back: number;
  /** The retry wrote the text of the first reading. */
  retried: boolean;
  intact: boolean;
}

export async function run(): Promise<void> {
  const api = await testApi();
  const uri = vscode.Uri.file(given('READING_ROOM_BENCH_SCAN'));
  const editor = await openDrawn(api, uri);
  const read = (): Thenable<string | undefined> => vscode.commands.executeCommand<string | undefined>('readingRoom.readScan', uri, { bundle: given('READING_ROOM_BENCH_BUNDLE') });
  const saved = await read();
  if (saved === undefined) throw new Error('the first reading did not run');
  const [text, bytes] = [textOf(saved), digest(saved)];
  writeFileSync(given('READING_ROOM_BENCH_READY'), '');
  await until('the page is watched', () => existsSync(given('READING_ROOM_BENCH_GO')), 60_000);
  const kills: Kill[] = [];
  const engine = api.room.engines.model(deviceChoice());
  // Length of a reading from the moment the engine has it.
  const again = read();
  await until('the reading has begun', () => editor.document.job !== undefined);
  const start = performance.now();
  await again;
  let delay = (performance.now() - start) / 3;
  for (let attempt = 0; kills.length < KILLS; attempt++) {
    if (attempt === 4 * KILLS) throw new Error('the readings ended before they could be killed');
    const kill: Kill = { at: 0, lost: 0, back: 0, retried: false, intact: false };
    const watching = [engine.onLost(() => { kill.lost ||= Date.now(); }), engine.onBack(() => { kill.back ||= Date.now(); })];
    const reading = read();
    await until('the reading has begun', () => editor.document.job !== undefined);
    await sleep(delay);
    const busy = editor.document.job !== undefined;
    if (busy && engine.pid !== undefined) {
      kill.at = Date.now();
      process.kill(engine.pid, 'SIGKILL');
    }
    const survived = (await reading) !== undefined;
    if (kill.at !== 0) await until('the engine is back', () => kill.back !== 0, 30_000);
    for (const one of watching) one.dispose();
    await sleep(APART_MS);
    if (survived) {
      delay *= 0.5; // it ended first
      continue;
    }
    const retry = await read();
    kill.retried = retry !== undefined && textOf(retry) === text;
    kill.intact = digest(saved) === bytes;
    kills.push(kill);
  }
  report(kills);
}

function textOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'reading.json'), 'utf8')) as { text: string }).text;
}

function digest(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex');
}
