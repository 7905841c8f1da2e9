// Runs before anything else of the bundle: connects to the host and asks for the scan and its middle axial slice, so that
// the host works while the rest of the script is evaluated.

import type { HostApi, ViewApi } from '../../src/protocol/view.ts';
import { errorInfo } from '../../src/protocol/error.ts';
import { connect } from '../shared/rpc.ts';
import { ScanModel } from './model.ts';

const started = performance.now();

export const model = new ScanModel((api) =>
  connect<HostApi, ViewApi>(api, ['readProgress', 'showReading', 'engine', 'act', 'readingsChanged']),
);

const marks = new Set<string>();

/** Reports a moment once, in milliseconds from the start of this script. */
export function mark(name: string): void {
  if (marks.has(name)) return;
  marks.add(name);
  model.host.mark(name, performance.now() - started).catch(() => undefined);
}

model.host.ready().then(
  (init) => {
    mark('ready');
    model.start(init);
  },
  (thrown: unknown) => {
    model.error = errorInfo(thrown);
    model.changed.emit('scan');
  },
);
