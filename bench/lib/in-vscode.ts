// Runs a module of bench/host inside the extension host of a real VS Code server, seen by a real Chromium, with the extension
// built as it is shipped (minified). The module exports run(); what it passes to report() of host/support.ts comes back.

import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { openRoom, root, type Room } from '../../test/e2e/harness.ts';

export const benchFolder = join(root, 'out/bench');
const extension = join(benchFolder, 'extension');

interface HostOptions {
  /** File name in bench/host without ending. */
  module: string;
  /** The workspace, absolute. */
  folder: string;
  /** Given to the module as environment variables. */
  env?: Record<string, string>;
  settings?: Record<string, unknown>;
  timeoutMs: number;
  /** Runs beside the module, with the page in reach. */
  beside?: (room: Room) => Promise<void>;
}

/** What the module reported. Throws with its output when it fails or takes longer than `timeoutMs`. */
export async function inVsCode<T>(options: HostOptions): Promise<T> {
  await buildExtension();
  const bundle = join(benchFolder, 'host', `${options.module}.cjs`);
  await esbuild.build({
    entryPoints: [join(root, 'bench/host', `${options.module}.ts`)], outfile: bundle, bundle: true, platform: 'node', format: 'cjs', target: 'node20',
    external: ['vscode', 'onnxruntime-node'], logLevel: 'warning',
  });
  const report = join(benchFolder, `${options.module}.json`);
  rmSync(report, { force: true });
  const env = { ...options.env, READING_ROOM_TEST: '1', READING_ROOM_BENCH_REPORT: report };
  const room = await openRoom({ folder: options.folder, development: extension, tests: bundle, env, settings: options.settings ?? {} });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${options.module} took longer than ${options.timeoutMs} ms\n${room.testOutput.join('\n')}`)), options.timeoutMs);
    });
    const beside = options.beside?.(room);
    beside?.catch(() => undefined);
    const code = await Promise.race([room.testsEnded, late]);
    if (code !== 0 || !existsSync(report)) throw new Error(`${options.module} failed with code ${code}\n${room.testOutput.join('\n')}`);
    await beside;
    return JSON.parse(readFileSync(report, 'utf8')) as T;
  } finally {
    clearTimeout(timer);
    await room.close();
  }
}

async function buildExtension(): Promise<void> {
  rmSync(extension, { recursive: true, force: true });
  mkdirSync(extension, { recursive: true });
  copyFileSync(join(root, 'package.json'), join(extension, 'package.json'));
  for (const name of ['media', 'models']) symlinkSync(join(root, name), join(extension, name));
  const { build } = (await import(new URL('../../scripts/build.mjs', import.meta.url).href)) as { build(options: { outdir: string; minify: boolean }): Promise<void> };
  await build({ outdir: join(extension, 'dist'), minify: true });
}

/** An empty workspace folder of a bench. */
export function emptyWorkspace(name: string): string {
  const folder = join(benchFolder, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '.gitignore'), '*\n');
  return folder;
}

export const quantile = (values: readonly number[], q: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
};
