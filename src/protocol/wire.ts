// How an async interface crosses a process or frame border: the methods of HostApi, ViewApi and EngineApi never reject on
// the wire, they resolve to a Result. The transport is birpc with its plain messages; typed arrays travel as they are.

import type { Result } from './engine.ts';

/** Methods of `T` with every `Promise<R>` turned into `Promise<Result<R>>`. */
export type Wire<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => Promise<Result<R>> : never;
};
