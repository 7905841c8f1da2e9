// Gaps of the extension host's event loop, seen by a timer every 5 ms: while nothing happens, then while the model reads a scan
// again and again, engine start and session loading included. Besides the time on the clock, the CPU time that the host's
// main thread spent within each gap: what our code blocks, without the time the machine gave to others.

import * as vscode from 'vscode';
import { testApi } from '../../test/integration/support.ts';
import { given, openDrawn, report, sleep } from './support.ts';

const TICK_MS = 5;
const AT_LEAST_MS = 15_000;

export interface Gaps {
  clock: number[];
  cpu: number[];
}

export interface GapReport {
  idle: Gaps;
  reading: Gaps;
  readings: number;
}

/** Gaps beyond the timer's own pace while `work` runs, in milliseconds. */
async function gaps(work: () => Promise<void>): Promise<Gaps> {
  const found: Gaps = { clock: [], cpu: [] };
  let running = true;
  let [at, cpu] = [performance.now(), cpuMs()];
  const tick = (): void => {
    const [now, spent] = [performance.now(), cpuMs()];
    found.clock.push(Math.max(0, now - at - TICK_MS));
    found.cpu.push(spent - cpu);
    [at, cpu] = [now, spent];
    if (running) setTimeout(tick, TICK_MS);
  };
  setTimeout(tick, TICK_MS);
  await work();
  running = false;
  return found;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

export async function run(): Promise<void> {
  const api = await testApi();
  const uri = vscode.Uri.file(given('READING_ROOM_BENCH_SCAN'));
  await openDrawn(api, uri);
  await sleep(2000);
  const idle = await gaps(() => sleep(AT_LEAST_MS));
  let readings = 0;
  const reading = await gaps(async () => {
    const start = performance.now();
    while (readings < 3 || performance.now() - start < AT_LEAST_MS) {
      const out = await vscode.commands.executeCommand<string | undefined>('readingRoom.readScan', uri, { bundle: given('READING_ROOM_BENCH_BUNDLE') });
      if (out === undefined) throw new Error('the reading did not run');
      readings++;
    }
  });
  report({ idle, reading, readings } satisfies GapReport);
}
