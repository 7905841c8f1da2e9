// How long views are without an engine: the built engine process is killed while it holds an open scan, and the clock runs
// until the next process has opened the scan again and served a slice. The bound is two seconds; the row's reference is it.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EngineClient } from '../src/engine/client.ts';
import { RoomError } from '../src/protocol/error.ts';
import type { BenchRow } from '../src/protocol/run.ts';
import { writeNifti } from '../src/scan/nifti-write.ts';
import { row } from './index.ts';

export async function restart(): Promise<BenchRow[]> {
  const entry = join(dirname(process.argv[1] ?? ''), 'engine.js');
  if (!existsSync(entry)) throw new RoomError('not-found', `There is no built engine at ${entry}`, "Run 'npm run build' and then this bench through dist/cli.js.");
  const home = mkdtempSync(join(tmpdir(), 'restart-'));
  const client = new EngineClient({ entry });
  try {
    const path = join(home, 'scan.nii');
    await writeNifti(path, { data: new Int16Array(256 * 256 * 40), dims: [256, 256, 40], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1] });
    const start = performance.now();
    await client.start();
    const first = performance.now() - start;
    const { scanId } = await client.api.openScan(path);
    const times: number[] = [];
    for (let n = 0; n < 3; n++) {
      const killed = performance.now();
      const { pid } = client;
      client.kill();
      while (client.pid === pid) await new Promise((resolve) => setTimeout(resolve, 1));
      await client.api.slice({ scanId, plane: 'axial', index: 20, layers: [{ kind: 'scan' }] });
      times.push(performance.now() - killed);
    }
    return [
      row('engine start until it answers', first, 'ms', 'bound', 2000),
      row('kill until a slice of the open scan is served again, worst of 3', Math.max(...times), 'ms', 'bound', 2000),
    ];
  } finally {
    client.dispose();
    rmSync(home, { recursive: true, force: true });
  }
}
