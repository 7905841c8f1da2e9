import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineClient } from '../../../src/engine/client.ts';
import type { EngineEvent } from '../../../src/protocol/engine.ts';
import type { RoomError } from '../../../src/protocol/error.ts';
import { writeNifti } from '../../../src/scan/nifti-write.ts';
import { headCase } from '../../../src/synth/head/index.ts';
import { TINY_TEXT, writeTinyBundle } from '../bundle/tiny-bundle.ts';

describe('engine client', () => {
  const home = mkdtempSync(join(tmpdir(), 'engine-'));
  const scan = join(home, 'head.nii.gz');
  const bundle = join(home, 'tiny');
  const states: string[] = [];
  const events: EngineEvent[] = [];
  const logs: string[] = [];
  let client: EngineClient;

  before(async () => {
    const { hu, grid, affine } = headCase(3, { grid: { dims: [48, 48, 20], spacing: [4.4, 4.4, 8] } });
    await writeNifti(scan, { data: hu, dims: grid.dims, affine, unit: 'HU' });
    writeTinyBundle(bundle);
    client = new EngineClient({
      entry: join(import.meta.dirname, '../../../src/engine/main.ts'),
      execArgv: ['--import', 'tsx'],
      onState: (state) => states.push(state),
      onEvent: (event) => events.push(event),
      onLog: (line) => logs.push(line),
    });
    await client.start();
  });
  after(() => {
    client.dispose();
    rmSync(home, { recursive: true, force: true });
  });

  const until = async (what: () => boolean, ms = 20_000): Promise<void> => {
    const deadline = performance.now() + ms;
    while (!what()) {
      if (performance.now() > deadline) throw new Error(`waited ${ms} ms`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  it('carries results, errors with their fix, typed arrays and events', async () => {
    const { pid, versions } = await client.api.hello();
    assert.equal(pid, client.pid);
    assert.notEqual(pid, process.pid);
    assert.match(versions['onnxruntime-node'] ?? '', /^1\./);
    await assert.rejects(client.api.openScan(join(home, 'none.nii')), (error: RoomError) => error.name === 'RoomError' && error.code === 'not-found' && error.fix !== '');
    const { scanId } = await client.api.openScan(scan);
    const { images } = await client.api.slice({ scanId, plane: 'coronal', index: 3, layers: [{ kind: 'scan' }] });
    assert.ok(images[0]!.data instanceof Int16Array);
    assert.equal(images[0]!.data.length, 48 * 20);
    await client.api.closeScan(scanId);
    const reading = await client.api.read('job-1', { scan, bundle, out: join(home, 'r1'), device: 'cpu' });
    assert.equal(reading.text, TINY_TEXT);
    await until(() => events.filter((event) => event.type === 'token').length === reading.tokens.length);
  });

  it('comes back after a crash: calls in flight are told, open scans and readings keep their handles', async () => {
    const { scanId } = await client.api.openScan(scan);
    const { readingId } = await client.api.openReading(join(home, 'r1'));
    states.length = 0;
    const old = client.pid;
    const inFlight = client.api.read('job-2', { scan, bundle, out: join(home, 'r2'), device: 'cpu' });
    const told = assert.rejects(inFlight, (error: RoomError) => error.code === 'engine-lost');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const killed = performance.now();
    client.kill();
    await told;
    const { images } = await client.api.slice({ scanId, plane: 'axial', index: 5, layers: [{ kind: 'scan' }, { kind: 'input', readingId, channel: 0 }] });
    assert.equal(images.length, 2);
    await until(() => states.includes('back'));
    assert.deepEqual(states, ['lost', 'back']);
    assert.notEqual(client.pid, old);
    logs.push(`back after ${Math.round(performance.now() - killed)} ms`);
    const again = await client.api.read('job-2', { scan, bundle, out: join(home, 'r2b'), device: 'cpu' });
    assert.equal(again.text, TINY_TEXT);
    assert.equal((await client.api.openReading(join(home, 'r1'))).reading.text, TINY_TEXT);
  });

  it('cancels cooperatively, and by a kill where the process does not listen', async () => {
    const job = client.api.synthHead('job-3', { out: join(home, 'synth'), count: 200, seed: 0, format: 'nifti' });
    const told = assert.rejects(job, (error: RoomError) => error.code === 'cancelled');
    await until(() => events.some((event) => event.type === 'progress' && event.job === 'job-3'));
    const pid = client.pid;
    await client.cancel('job-3', 15_000);
    await told;
    assert.equal(client.pid, pid, 'a job that listens is stopped without a kill');
    const deaf = client.api.synthHead('job-4', { out: join(home, 'deaf'), count: 200, seed: 0, format: 'nifti' });
    const deafTold = assert.rejects(deaf, (error: RoomError) => error.code === 'cancelled');
    await until(() => events.some((event) => event.type === 'progress' && event.job === 'job-4'));
    states.length = 0;
    await client.cancel('job-4', 0);
    await deafTold;
    assert.equal((await client.api.hello()).pid === pid, false);
    assert.deepEqual(states, [], 'a cancel is no loss of the engine');
  });

  it('logs an uncaught error, gives up after repeated ends at start, and says so', async () => {
    const bad = join(home, 'bad.mjs');
    writeFileSync(bad, "process.stderr.write('no engine here\\n'); process.exit(3);");
    const seen: string[] = [];
    const lines: string[] = [];
    const failing = new EngineClient({ entry: bad, onState: (state) => seen.push(state), onLog: (line) => lines.push(line) });
    await assert.rejects(failing.start(), (error: RoomError) => error.code === 'engine-lost' && error.message.includes('exit code 3'));
    await until(() => seen.includes('failed'));
    assert.equal(seen.filter((state) => state === 'lost').length, 5);
    assert.equal(lines[0], 'no engine here');
    failing.dispose();
  });
});
