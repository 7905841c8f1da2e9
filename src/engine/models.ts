// Bundles that are loaded, by digest and device, reference-counted. A model that nobody uses stays for two minutes, so that
// the next case of a batch or a retry does not load it again, and is released then.

import { bundleDigest, loadBundle } from '../bundle/manifest.ts';
import { BundleModel } from '../bundle/model.ts';
import type { Runtime } from '../onnx/runtime.ts';
import type { DeviceChoice } from '../protocol/reading.ts';
import { runtimeFor } from './devices.ts';

const IDLE_MS = 120_000;

interface Held {
  model: BundleModel;
  users: number;
  idle?: NodeJS.Timeout;
}

export class ModelStore {
  private readonly runtimes = new Map<DeviceChoice, Promise<Runtime>>();
  private readonly models = new Map<string, Held>();

  runtime(choice: DeviceChoice): Promise<Runtime> {
    let runtime = this.runtimes.get(choice);
    if (runtime === undefined) {
      runtime = runtimeFor(choice);
      this.runtimes.set(choice, runtime);
      runtime.catch(() => this.runtimes.delete(choice));
    }
    return runtime;
  }

  /** Runs `body` with the bundle's model on the device; its files are checked again each time, since they may have changed. */
  async use<T>(folder: string, choice: DeviceChoice, body: (model: BundleModel) => Promise<T>): Promise<T> {
    const bundle = loadBundle(folder);
    const digest = await bundleDigest(bundle);
    const runtime = await this.runtime(choice);
    const key = `${digest}:${runtime.device}:${bundle.path}`;
    let held = this.models.get(key);
    if (held === undefined) {
      held = { model: new BundleModel(bundle, runtime, digest), users: 0 };
      this.models.set(key, held);
    }
    clearTimeout(held.idle);
    held.users++;
    try {
      return await body(held.model);
    } finally {
      held.users--;
      if (held.users === 0) {
        held.idle = setTimeout(() => {
          this.models.delete(key);
          void held.model.release();
        }, IDLE_MS).unref();
      }
    }
  }
}
