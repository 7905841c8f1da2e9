// The job behind `read`: opens the scan, takes the bundle's model on the chosen device, reads and saves. Under 'auto' a model
// that fails on WebGPU is run on the CPU instead, and the log says so.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadBundle } from '../bundle/manifest.ts';
import { read } from '../bundle/read.ts';
import { writeReading } from '../bundle/reading-files.ts';
import type { ReadRequest } from '../protocol/engine.ts';
import { errorInfo, RoomError } from '../protocol/error.ts';
import type { DeviceChoice, Reading } from '../protocol/reading.ts';
import { emptyFolder } from './files.ts';
import type { JobContext } from './jobs.ts';
import type { ModelStore } from './models.ts';
import type { ScanStore } from './scan-store.ts';
import { findSiblings } from './siblings.ts';
import { versions } from './version.ts';

/** What a reading leaves behind whose process was killed while it was saved: tensors without a reading.json. */
const LEFTOVER = /^(tensors\.safetensors|reading\.json\.tmp-\d+|tensors\.safetensors\.tmp-\d+)$/;

export async function readScan(job: JobContext, request: ReadRequest, scans: ScanStore, models: ModelStore): Promise<Reading> {
  loadBundle(request.bundle); // refuses a wrong bundle before the scan is decoded
  const out = resolve(request.out);
  emptyFolder(out, LEFTOVER);
  job.progress('scan', 0, 1);
  const { scanId, path } = await scans.open(request.scan);
  try {
    const volume = await scans.volume(scanId, job.signal, (done, total) => job.progress('scan', done, total));
    const { storedSha256 } = await scans.summary(scanId, job.signal);
    const reference = referenceOf(request.reference, path);
    const readOn = (device: DeviceChoice): Promise<Reading> =>
      models.use(request.bundle, device, async (model) => {
        const { reading, tensors } = await read({
          model,
          scan: { path, storedSha256, volume },
          maxNewTokens: request.maxNewTokens ?? model.bundle.decoder.maxNewTokens,
          versions: versions(),
          hooks: {
            progress: job.progress,
            token: (text, logProb) => job.emit({ type: 'token', job: job.id, text, logProb }),
            breathe: job.breathe,
          },
          ...(reference === undefined ? {} : { reference }),
        });
        writeReading(out, reading, tensors);
        return reading;
      });
    try {
      return await readOn(request.device);
    } catch (thrown) {
      const { code, message } = errorInfo(thrown);
      const ofDevice = code === 'device' || code === 'invalid' || code === 'limit' || code === 'internal';
      if (request.device !== 'auto' || !ofDevice || (await models.runtime('auto')).device === 'cpu') throw thrown;
      job.emit({ type: 'log', level: 'warn', message: `WebGPU failed, going on with the CPU: ${message}` });
      return await readOn('cpu');
    }
  } finally {
    await scans.close(scanId);
  }
}

/** The reference report that was asked for, else the one beside the scan, else none. */
function referenceOf(asked: string | undefined, scanPath: string): { path: string; text: string } | undefined {
  const path = asked ?? findSiblings(scanPath).reportPath;
  if (path === undefined) return undefined;
  try {
    return { path: resolve(path), text: readFileSync(path, 'utf8') };
  } catch (thrown) {
    throw new RoomError('not-found', `The reference report ${path} cannot be read`, 'Check the path, or leave the reference out.', { cause: thrown });
  }
}
