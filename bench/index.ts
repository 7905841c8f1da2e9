// Benches by name: measured comparisons, one command each (`reading-room bench <name>`). Every row has its reference from the
// same run, since only ratios can be compared between machines.

import { RoomError } from '../src/protocol/error.ts';
import type { BenchRow } from '../src/protocol/run.ts';
import { fromSource } from './lib/from-source.ts';

type Bench = () => Promise<BenchRow[]>;

const BENCHES: Record<string, () => Promise<Bench>> = {
  clues: () => import('./clues.ts').then(({ cluesBench }) => cluesBench),
  decode: () => import('./decode.ts').then(({ decode }) => decode),
  'engine-kill': async () => fromSource('engine-kill'),
  'first-slice': async () => fromSource('first-slice'),
  'host-gap': async () => fromSource('host-gap'),
  layers: () => import('./layers.ts').then(({ layers }) => layers),
  pane: async () => fromSource('pane'),
  restart: () => import('./restart.ts').then(({ restart }) => restart),
  'training-step': async () => fromSource('training-step'),
  vsix: async () => fromSource('vsix'),
};

export function benchNames(): string[] {
  return Object.keys(BENCHES);
}

export async function runBench(name: string): Promise<BenchRow[]> {
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (load === undefined) throw new RoomError('invalid', `There is no bench '${name}'`, `Choose one of: ${benchNames().join(', ')}.`);
  return (await load())();
}

/** A row whose ratio is value / reference. */
export function row(name: string, value: number, unit: string, reference: string, referenceValue: number): BenchRow {
  return { name, value, unit, reference, referenceValue, ratio: value / referenceValue };
}

/** Fewest milliseconds among `runs` calls after two that are not counted: what the code needs when nothing else runs. */
export async function bestMs(runs: number, body: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let n = -2; n < runs; n++) {
    const start = performance.now();
    await body();
    if (n >= 0) best = Math.min(best, performance.now() - start);
  }
  return best;
}
