// Exact resume: a run that is killed (SIGKILL) at moments nobody chose and started again gives, for each step it ever
// logged, the very numbers of a run that was left alone.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('./resume-child.ts', import.meta.url));
const STEPS = 40;

/** Runs the child; with `killAfter`, kills it once its log has grown by that many steps (and a little later, at random). */
function train(folder: string, killAfter?: number): Promise<number | null> {
  const log = join(folder, 'log.jsonl');
  const lines = (): number => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0);
  const before = lines();
  return new Promise((resolve, reject) => {
    const run = spawn(process.execPath, ['--import', 'tsx', child, folder, String(STEPS)], { stdio: ['ignore', 'ignore', 'pipe'] });
    let problems = '';
    run.stderr.on('data', (text: Buffer) => (problems += text.toString()));
    const watch = killAfter === undefined ? undefined : setInterval(() => {
      if (lines() >= before + killAfter) {
        clearInterval(watch);
        setTimeout(() => run.kill('SIGKILL'), Math.random() * 15);
      }
    }, 2);
    run.on('error', reject);
    run.on('exit', (code, signal) => {
      clearInterval(watch);
      if (code !== 0 && signal !== 'SIGKILL') reject(new Error(problems));
      else resolve(code);
    });
  });
}

describe('exact resume', () => {
  it('continues to the same loss curve after kills', async function () {
    this.timeout(120_000);
    const folder = mkdtempSync(join(tmpdir(), 'resume-'));
    try {
      assert.equal(await train(join(folder, 'whole')), 0);
      let kills = 0;
      for (let i = 0; i < 3; i++) if ((await train(join(folder, 'killed'), 2 + Math.floor(Math.random() * 9))) === null) kills++;
      assert.equal(await train(join(folder, 'killed')), 0);
      const read = (name: string) => readFileSync(join(folder, name, 'log.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { step: number; loss: number });
      const whole = read('whole');
      assert.deepEqual(whole.map((r) => r.step), Array.from({ length: STEPS }, (_, i) => i + 1));
      assert.ok(whole[STEPS - 1]!.loss < whole[0]!.loss, 'it learns');
      const killed = read('killed');
      assert.ok(kills > 0, 'no run was killed');
      assert.ok(killed.length > STEPS, 'no step was repeated');
      for (const row of killed) assert.deepEqual(row, whole[row.step - 1]);
      assert.equal(new Set(killed.map((r) => r.step)).size, STEPS);
      assert.deepEqual(readFileSync(join(folder, 'killed', 'checkpoint.safetensors')), readFileSync(join(folder, 'whole', 'checkpoint.safetensors')));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
