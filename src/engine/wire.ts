// What crosses the pipe between a caller and the engine process: each method of EngineApi answers with a Result, so that
// RoomErrors keep their code and fix, and events flow the other way. Messages use Node's 'advanced' serialization, which
// carries typed arrays (0.1 ms for a small call, about 6 ms per MiB-sized slice and layer).

import type { EngineApi, EngineEvent, Result } from '../protocol/engine.ts';
import { errorInfo, RoomError } from '../protocol/error.ts';
import type { Wire } from '../protocol/wire.ts';

/** EngineApi with results instead of rejections. */
export type WireApi = Wire<EngineApi>;

export interface WireEvents {
  event(event: EngineEvent): void;
}

/** Every method's name; the type checks that none is missing. */
const METHODS: Record<keyof EngineApi, true> = {
  hello: true, checkDevices: true, openScan: true, closeScan: true, slice: true, scanFacts: true, listBundles: true, checkBundle: true,
  read: true, listReadings: true, openReading: true, closeReading: true, place: true, clueRegion: true, tokenErrors: true, exportHtml: true,
  synthHead: true, train: true, probeTrain: true, probeApply: true, evaluate: true, listRuns: true, bench: true, cancel: true,
};
export const ENGINE_METHODS = Object.keys(METHODS) as (keyof EngineApi)[];

type Method = (...args: unknown[]) => Promise<unknown>;

/** Wraps an engine for the wire: no method of the result ever rejects. */
export function toWire(engine: EngineApi): WireApi {
  const wire: Partial<Record<keyof EngineApi, Method>> = {};
  for (const name of ENGINE_METHODS) {
    const method = (engine[name] as Method).bind(engine);
    wire[name] = async (...args) => {
      try {
        return { ok: true, value: await method(...args) };
      } catch (thrown) {
        if (!(thrown instanceof RoomError)) process.stderr.write(`${name}: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
        return { ok: false, error: errorInfo(thrown) };
      }
    };
  }
  return wire as WireApi;
}

/** The value of a result, or its error thrown as the RoomError it was. */
export function fromWire<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new RoomError(result.error.code, result.error.message, result.error.fix);
}
