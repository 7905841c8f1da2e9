// The webview's end of the message channel to the extension host. Both sides use birpc and answer with Result<T>
// (src/protocol/wire.ts); here results are unwrapped again, so callers see values or a RoomError with its fix.

import { createBirpc } from 'birpc';
import { RoomError, errorInfo } from '../../src/protocol/error.ts';
import type { Wire } from '../../src/protocol/wire.ts';
import type { Result } from '../../src/protocol/engine.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

type AsyncFunctions<T> = { [K in keyof T]: (...args: never[]) => Promise<unknown> };

/** Wraps methods so that they resolve to a Result instead of rejecting. */
export function toWire<T extends AsyncFunctions<T>>(api: T, names: readonly (keyof T & string)[]): Wire<T> {
  const wire: Record<string, unknown> = {};
  for (const name of names) {
    wire[name] = async (...args: unknown[]): Promise<Result<unknown>> => {
      try {
        return { ok: true, value: await (api[name] as unknown as (...a: unknown[]) => Promise<unknown>).apply(api, args) };
      } catch (thrown) {
        return { ok: false, error: errorInfo(thrown) };
      }
    };
  }
  return wire as Wire<T>;
}

/** Wraps a wire so that its methods return values and reject with RoomError. */
export function fromWire<T extends AsyncFunctions<T>>(call: (name: string, args: unknown[]) => Promise<Result<unknown>>): T {
  return new Proxy({} as T, {
    get: (_target, name) => {
      if (typeof name !== 'string' || name === 'then') return undefined;
      return async (...args: unknown[]): Promise<unknown> => {
        const result = await call(name, args);
        if (result.ok) return result.value;
        throw new RoomError(result.error.code, result.error.message, result.error.fix);
      };
    },
  });
}

/** Connects `mine` to the extension host and returns the host's methods. Waits without time limit: opening may be slow. */
export function connect<Remote extends AsyncFunctions<Remote>, Local extends AsyncFunctions<Local>>(
  mine: Local,
  names: readonly (keyof Local & string)[],
): Remote {
  const vscode = acquireVsCodeApi();
  const rpc = createBirpc<Record<string, (...args: unknown[]) => Promise<Result<unknown>>>, Wire<Local>>(toWire(mine, names), {
    post: (message) => vscode.postMessage(message),
    on: (listen) => window.addEventListener('message', (event) => listen(event.data)),
    timeout: -1,
  });
  return fromWire<Remote>((name, args) => rpc.$call(name, ...args));
}
