// The model engine is killed in the middle of a reading, in a real VS Code: milliseconds until the view says so (seen in the
// page), until the next engine answers, and how many retries and saved readings came out right. The worst of three kills counts.

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchRow } from '../src/protocol/run.ts';
import type { Room } from '../test/e2e/harness.ts';
import { row } from './index.ts';
import type { Kill } from './host/engine-kill.ts';
import { runScript } from './lib/from-source.ts';
import { benchFolder, inVsCode } from './lib/in-vscode.ts';
import { readingCase } from './lib/reading-case.ts';

const TO_REACH_MS = 2000;

/** In the page: calls benchSaw(Date.now()) whenever a new telling appears: the banner, or a failed reading. */
const WATCH = `(() => {
  let told = false;
  setInterval(() => {
    const app = document.querySelector('rr-scan-app')?.shadowRoot;
    const heading = app?.querySelector('rr-making')?.shadowRoot?.querySelector('h2')?.textContent ?? '';
    const now = app?.querySelector('.banner.lost') != null || heading.includes('failed');
    if (now && !told) void benchSaw(Date.now());
    told = now;
  }, 5);
})()`;

export async function engineKill(): Promise<BenchRow[]> {
  const { folder, env, bundleName } = await readingCase('engine-kill');
  const [ready, go] = [join(benchFolder, 'kill-ready'), join(benchFolder, 'kill-go')];
  for (const file of [ready, go]) rmSync(file, { force: true });
  const seen: number[] = [];
  const beside = async (room: Room): Promise<void> => {
    const end = Date.now() + 300_000;
    while (!existsSync(ready) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
    await room.page.exposeFunction('benchSaw', (at: number) => void seen.push(at));
    const frame = await room.frame('rr-scan-app');
    await frame.evaluate(WATCH);
    writeFileSync(go, '');
  };
  const kills = await inVsCode<Kill[]>({
    module: 'engine-kill', folder, timeoutMs: 500_000, beside,
    env: { ...env, READING_ROOM_BENCH_READY: ready, READING_ROOM_BENCH_GO: go },
  });
  const told = kills.map(({ at }, n) => {
    const time = seen.find((one) => one >= at && one < (kills[n + 1]?.at ?? Infinity));
    if (time === undefined) throw new Error(`the view did not tell kill ${n + 1} of ${kills.length}`);
    return time - at;
  });
  const back = kills.map(({ at, back: time }) => time - at);
  process.stderr.write(`${bundleName}; host knows after ${kills.map(({ at, lost }) => lost - at).join(', ')} ms; view told after ${told.join(', ')} ms; back after ${back.join(', ')} ms\n`);
  const share = (what: 'retried' | 'intact'): number => kills.filter((kill) => kill[what]).length;
  return [
    row('engine-kill, view tells it', Math.max(...told), 'ms', 'to reach for the engine', TO_REACH_MS),
    row('engine-kill, engine is back', Math.max(...back), 'ms', 'to reach', TO_REACH_MS),
    row('engine-kill, retry gives the same text', share('retried'), 'of the kills', 'kills', kills.length),
    row('engine-kill, saved reading unchanged', share('intact'), 'of the kills', 'kills', kills.length),
  ];
}

await runScript(import.meta.url, engineKill);
