// Time to the first axial slice of a 512 x 512 x 300 .nii.gz, from the start of the webview's script, in a real VS Code in a real
// Chromium without GPU: the median of twelve openings, the first of which also starts the engine process. Reference:
// NiiVue 0.69 on the same file in the same Chromium, from the start of its script to the first slice that is really drawn.

import { basename, join } from 'node:path';
import { symlinkSync } from 'node:fs';
import type { BenchRow } from '../src/protocol/run.ts';
import { row } from './index.ts';
import type { Opening } from './host/first-slice.ts';
import { ensureBigScan } from './lib/big-scan.ts';
import { runScript } from './lib/from-source.ts';
import { benchFolder, emptyWorkspace, inVsCode, quantile } from './lib/in-vscode.ts';
import { niivueFirstSlice } from './lib/niivue.ts';

const OPENS = 12;
const REFERENCE_OPENS = 1; // it takes tens of seconds without a GPU
const TO_REACH_MS = 400;

export async function firstSlice(): Promise<BenchRow[]> {
  const scan = join(benchFolder, 'head-512x512x300.nii.gz');
  await ensureBigScan(scan);
  const folder = emptyWorkspace('workspace');
  const linked = join(folder, basename(scan));
  symlinkSync(scan, linked);
  const openings = await inVsCode<Opening[]>({
    module: 'first-slice', folder, timeoutMs: 400_000,
    env: { READING_ROOM_BENCH_SCAN: linked, READING_ROOM_BENCH_OPENS: String(OPENS) },
  });
  const list = (name: string, key: keyof Opening): void => void process.stderr.write(`${name}: ${openings.map((one) => one[key].toFixed(0)).join(' ')} ms\n`);
  list('ready', 'ready');
  list('first slice', 'firstSlice');
  list('three panes', 'threePanes');
  const p50 = (key: keyof Opening): number => quantile(openings.map((one) => one[key]), 0.5);
  const niivue = await niivueFirstSlice(scan, REFERENCE_OPENS);
  process.stderr.write(`NiiVue: ${niivue.map((ms) => ms.toFixed(0)).join(' ')} ms\n`);
  const reference = quantile(niivue, 0.5);
  return [
    row('first-slice', p50('firstSlice'), 'ms', 'NiiVue 0.69, same file and browser', reference),
    row('first-slice, to reach', p50('firstSlice'), 'ms', 'to reach', TO_REACH_MS),
    row('first-slice, first opening (engine starts)', openings[0]!.firstSlice, 'ms', 'median opening', p50('firstSlice')),
    row('three panes', p50('threePanes'), 'ms', 'NiiVue 0.69 first slice', reference),
  ];
}

await runScript(import.meta.url, firstSlice);
