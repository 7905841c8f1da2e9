// A baseline config that trains in a second, and what a recipe needs to run in a test.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntime } from '../../../src/engine/ort.ts';
import type { BaselineConfig } from '../../../src/papers/baseline/config.ts';
import type { Recipe, RecipeOutcome } from '../../../src/papers/recipe.ts';

export const tinyBaseline = (folder: string): BaselineConfig => ({
  recipe: 'baseline',
  name: 'tiny',
  title: 'Tiny',
  seed: 3,
  data: {
    folder,
    firstSeed: 40,
    source: { dims: [32, 32, 16], spacing: [7, 7, 11] },
    preprocess: { dims: [32, 32, 16], spacing: [7, 7, 11], centre: 'head' },
    validation: { firstSeed: 90, cases: 2 },
  },
  preprocess: { kind: 'volume', dims: [32, 32, 16], spacing: [7, 7, 11], centre: 'head', channels: [{ name: 'brain', low: 0, high: 80 }, { name: 'bone', low: -1000, high: 1500 }], mean: 0.35, std: 0.3 },
  model: {
    image: [16, 32, 32], channels: 2, patch: [4, 8, 8], cell: [2, 4, 4], cellWidth: 8, width: 24, depth: 2, heads: 2, pool: [2, 1, 1],
    lm: { vocabSize: 400, hiddenSize: 32, intermediateSize: 64, numLayers: 2, numHeads: 2, maxPositions: 256 },
  },
  textLength: 96,
  denseWeight: 0.5,
  ema: 0.9,
  weightDecay: 0.05,
  saveEvery: 2,
  threads: 1,
  stages: [
    { name: 'encoder', steps: 3, batch: 2, lr: 0.001, warmup: 1, cooldown: 0, cases: 4 },
    { name: 'language', steps: 2, batch: 2, lr: 0.001, warmup: 1, cooldown: 0, cases: 4 },
    { name: 'joint', steps: 2, batch: 2, lr: 0.001, warmup: 1, cooldown: 1, cases: 4 },
  ],
});

/** A temporary folder that goes when the suite ends. */
export function temporaryFolders(): () => string {
  const homes: string[] = [];
  after(() => homes.forEach((path) => rmSync(path, { recursive: true })));
  return () => {
    const path = mkdtempSync(join(tmpdir(), 'recipe-'));
    homes.push(path);
    return path;
  };
}

export async function runRecipe<C>(recipe: Recipe<C>, config: C, outDir: string, options: { stopAt?: number; resume?: boolean } = {}): Promise<{ rows: Map<number, Record<string, number>>; outcome: RecipeOutcome }> {
  const rows = new Map<number, Record<string, number>>();
  const abort = new AbortController();
  const outcome = await recipe.run(config, {
    runtime: await createRuntime('cpu'), outDir, baseDir: outDir, resume: options.resume ?? false, signal: abort.signal, resumedAt: () => undefined, status: () => undefined,
    log: (step, values) => {
      rows.set(step, { ...rows.get(step), ...values });
      if (step >= (options.stopAt ?? Infinity)) abort.abort();
    },
  });
  return { rows, outcome };
}
