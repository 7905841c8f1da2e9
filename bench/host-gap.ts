// The longest gap of the extension host's event loop while a model reads, in a real VS Code. The gap on the clock holds what
// a busy machine takes away as well, so the gap while nothing happens stands beside it, and the CPU time of the host's main
// thread within a gap, which is ours alone.

import type { BenchRow } from '../src/protocol/run.ts';
import { row } from './index.ts';
import type { GapReport } from './host/host-gap.ts';
import { runScript } from './lib/from-source.ts';
import { inVsCode, quantile } from './lib/in-vscode.ts';
import { readingCase } from './lib/reading-case.ts';

const TO_REACH_MS = 50;

export async function hostGap(): Promise<BenchRow[]> {
  const { folder, env, bundleName } = await readingCase('host-gap');
  const { idle, reading, readings } = await inVsCode<GapReport>({ module: 'host-gap', folder, env, timeoutMs: 500_000 });
  process.stderr.write(`${readings} readings by ${bundleName}\n`);
  const longest = Math.max(...reading.clock);
  return [
    row(`host-gap, longest while ${bundleName} reads`, longest, 'ms', 'to reach', TO_REACH_MS),
    row('host-gap, longest against idle', longest, 'ms', 'longest while nothing happens', Math.max(...idle.clock)),
    row('host-gap, p99 while reading', quantile(reading.clock, 0.99), 'ms', 'p99 while nothing happens', quantile(idle.clock, 0.99)),
    row('host-gap, most CPU time of the host within a gap', Math.max(...reading.cpu), 'ms', 'to reach', TO_REACH_MS),
  ];
}

await runScript(import.meta.url, hostGap);
