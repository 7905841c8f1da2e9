// What every script starts from: the repository's paths, a way to run a program and see it fail with words, and the
// check of the Node version. Node built-ins only, because these run before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const out = path.join(root, 'out');
export const workspace = path.join(out, 'workspace');

/** An error whose message is for the person at the terminal: printed without a stack trace. */
export class StepError extends Error {}

export const say = (text) => process.stderr.write(`${text}\n`);

/** Prints what is being done, does it, prints how long it took. */
export async function step(title, work) {
  const start = performance.now();
  say(`- ${title} ...`);
  const result = await work();
  say(`  ${title}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/** Runs a program; its output goes to stderr, so stdout stays free for results. Throws StepError unless it exits 0. */
export function run(program, args, options = {}) {
  const { quiet = false, fix = '', env = {}, ...rest } = options;
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2],
    encoding: 'utf8',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32' && program === 'npm',
    ...rest,
  });
  if (result.error || result.status !== 0) {
    const why = result.error ? result.error.message : `exit code ${result.status ?? result.signal}`;
    const tail = quiet ? `\n${result.stdout ?? ''}${result.stderr ?? ''}`.slice(-4000) : '';
    throw new StepError(`${path.basename(program)} ${args.join(' ')} failed: ${why}${tail}${fix && `\n${fix}`}`);
  }
  return result.stdout ?? '';
}

/** The full path of a program on PATH, or undefined. */
export function which(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    for (const ending of endings) {
      const file = path.join(folder, name + ending);
      if (folder && existsSync(file)) return file;
    }
  }
  return undefined;
}

export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new StepError(`Node ${process.versions.node} is too old: Reading Room needs Node 20.19 or newer (https://nodejs.org).`);
}

/** Runs a script's main function: errors for people lose their stack, all errors end with exit code 1. */
export async function main(work) {
  try {
    requireNode();
    await work();
  } catch (error) {
    say(error instanceof StepError ? `\nerror: ${error.message}` : `\n${error?.stack ?? error}`);
    process.exitCode = 1;
  }
}
