// The test suites, each a function that runs one suite, shows its output and returns {passed, failed, pending}.
// A suite that breaks before it can count is an error, never a count of zero.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { tsImport } from 'tsx/esm/api';
import { out, readJson, root, say, StepError } from './steps.mjs';

const INTEGRATION_TIMEOUT_MS = 900_000;

function mocha(name, pattern, timeout) {
  const results = path.join(out, `${name}-results.json`);
  mkdirSync(out, { recursive: true });
  rmSync(results, { force: true });
  const reporter = path.join(root, 'scripts/lib/reporter.mjs');
  const args = ['--import', 'tsx', path.join(root, 'node_modules/mocha/bin/mocha.js'), '--no-config'];
  const { status, signal } = spawnSync(
    process.execPath,
    [...args, '--exit', '--reporter', reporter, '--timeout', String(timeout), pattern],
    { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, READING_ROOM_RESULTS: results } },
  );
  let counts;
  try {
    counts = readJson(results);
  } catch {
    throw new StepError(`the ${name} tests ended (${status ?? signal}) without a result.`);
  }
  if (counts.passed + counts.failed === 0) throw new StepError(`no ${name} test was found by ${pattern}.`);
  return counts;
}

export const unit = () => mocha('unit', 'test/unit/**/*.test.ts', 60_000);

export const e2e = () => mocha('e2e', 'test/e2e/*.test.ts', 180_000);

/** Bundles test/integration and runs it inside the extension host of a real VS Code. */
export async function integration() {
  const bundles = path.join(out, 'integration');
  const results = path.join(out, 'integration-results.json');
  const workspace = path.join(out, 'integration-workspace');
  for (const target of [bundles, results, workspace]) rmSync(target, { recursive: true, force: true });
  mkdirSync(workspace, { recursive: true });
  const folder = path.join(root, 'test/integration');
  await esbuild.build({
    entryPoints: readdirSync(folder).filter((name) => /^index\.ts$|\.test\.ts$/.test(name)).map((name) => path.join(folder, name)),
    outdir: bundles,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha', 'onnxruntime-node'],
    logLevel: 'warning',
  });
  const { openRoom } = await tsImport('../../test/e2e/harness.ts', import.meta.url);
  const env = { READING_ROOM_RESULTS: results, READING_ROOM_TEST: '1' };
  const room = await openRoom({ folder: workspace, development: root, tests: path.join(bundles, 'index.cjs'), env });
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, INTEGRATION_TIMEOUT_MS, 'timeout');
  });
  const code = await Promise.race([room.testsEnded, late]);
  clearTimeout(timer);
  await room.close();
  let outcomes;
  try {
    outcomes = readJson(results);
  } catch {
    throw new StepError(`the integration tests ended (${code}) without a result.\n${room.testOutput.join('\n')}`);
  }
  const counts = { passed: 0, failed: 0, pending: 0 };
  for (const { title, state, milliseconds, error } of outcomes) {
    counts[state] += 1;
    say(`  ${{ passed: '✔', failed: '✘', pending: '-' }[state]} ${title} (${milliseconds} ms)${error ? `\n${error}` : ''}`);
  }
  if (outcomes.length === 0) throw new StepError('no integration test was found.');
  return counts;
}
