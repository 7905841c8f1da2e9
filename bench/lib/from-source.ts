// Benches that drive VS Code, Chromium or the packager run from the repository in a process of their own: their tools are
// developer packages that the extension does not carry. `reading-room bench <name>` reaches them through here; an installed
// extension says that it cannot.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RoomError } from '../../src/protocol/error.ts';
import type { BenchRow } from '../../src/protocol/run.ts';

/** The repository, seen from dist/cli.js, dist/engine.js or from this file; undefined in an installed extension. */
function repository(name: string): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url));
  return [dirname(here), dirname(dirname(here))].find((root) => existsSync(join(root, 'bench', `${name}.ts`)) && existsSync(join(root, 'node_modules/tsx')));
}

/**
 * A bench that runs bench/<name>.ts; its progress goes to stderr. Throws RoomError 'unsupported' where there is no repository with
 * its developer packages, 'internal' when the script fails.
 */
export function fromSource(name: string): () => Promise<BenchRow[]> {
  return async () => {
    const root = repository(name);
    if (root === undefined) {
      throw new RoomError('unsupported', `The bench '${name}' needs the repository with its developer packages; an installed extension has neither`, 'In a clone of the repository: npm ci --ignore-scripts, npm run build, then npm run --silent reading-room -- bench ' + name);
    }
    const child = spawn(process.execPath, ['--import', 'tsx', join('bench', `${name}.ts`)], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0) throw new RoomError('internal', `The bench '${name}' ended with exit code ${code}`, 'See what it printed above.');
    return JSON.parse(printed) as BenchRow[];
  };
}

/** At the end of a bench script: when it is what node was started with, runs it and prints its rows as JSON. */
export async function runScript(url: string, bench: () => Promise<BenchRow[]>): Promise<void> {
  if (fileURLToPath(url) !== process.argv[1]) return;
  try {
    process.stdout.write(`${JSON.stringify(await bench(), undefined, 1)}\n`);
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
    process.exitCode = 1;
  }
}
