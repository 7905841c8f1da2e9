// Entry of the engine process. It serves one EngineApi to its parent over IPC, exits when the parent goes away, and takes
// an error that nobody caught for what it is: it is written to stderr and ends the process, and the parent starts it anew.

import { createBirpc } from 'birpc';
import { createEngine } from './api.ts';
import { toWire, type WireApi, type WireEvents } from './wire.ts';

function fatal(kind: string, thrown: unknown): never {
  process.stderr.write(`${kind}: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
  process.exit(70);
}

process.on('uncaughtException', (error) => fatal('uncaught exception', error));
process.on('unhandledRejection', (reason) => fatal('unhandled rejection', reason));
process.on('disconnect', () => process.exit(0));

if (process.send === undefined) {
  process.stderr.write('The engine is started by Reading Room and talks over IPC. Use the reading-room command instead.\n');
  process.exit(64);
}
const send = process.send.bind(process);

const engine = createEngine({ emit: (event) => void parent.event.asEvent(event) });
const parent = createBirpc<WireEvents, WireApi>(toWire(engine), {
  post: (message) => {
    if (process.connected) send(message);
  },
  on: (receive) => {
    process.on('message', receive);
  },
  timeout: -1,
});
