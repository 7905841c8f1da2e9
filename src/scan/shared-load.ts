// One piece of work that several callers wait for: started by the first, given to all, kept when done. Each caller may have
// its own progress function and may leave by its own signal; the work stops when all have left, or on `close`.

import { cancelled } from './fault.ts';
import type { Progress } from './volume.ts';

export class SharedLoad<T> {
  /** The result, once there. */
  value: T | undefined;
  readonly #run: (signal: AbortSignal, progress: Progress) => Promise<T>;
  #loading: Promise<T> | undefined;
  #stop = new AbortController();
  #callers = 0;
  readonly #listeners = new Set<Progress>();

  constructor(run: (signal: AbortSignal, progress: Progress) => Promise<T>) {
    this.#run = run;
  }

  get(signal?: AbortSignal, progress?: Progress): Promise<T> {
    if (this.value !== undefined) return Promise.resolve(this.value);
    if (signal?.aborted) return Promise.reject(cancelled());
    const loading = this.#loading ?? this.#start();
    this.#callers++;
    if (progress) this.#listeners.add(progress);
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        if (progress) this.#listeners.delete(progress);
        if (--this.#callers === 0) this.#stop.abort();
        reject(cancelled());
      };
      signal?.addEventListener('abort', leave, { once: true });
      loading.then(resolve, reject).finally(() => {
        signal?.removeEventListener('abort', leave);
        if (progress) this.#listeners.delete(progress);
      });
    });
  }

  /** Stops the work and drops the result. */
  close(): void {
    this.#stop.abort();
    this.value = undefined;
  }

  #start(): Promise<T> {
    this.#stop = new AbortController();
    this.#callers = 0;
    const { signal } = this.#stop;
    const loading = this.#run(signal, (done, total) => { for (const listener of this.#listeners) listener(done, total); });
    this.#loading = loading;
    // A stopped or failed attempt is not kept: the next caller starts anew.
    loading.then((value) => { if (!signal.aborted) this.value = value; }, () => undefined).finally(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
    signal.addEventListener('abort', () => { if (this.#loading === loading) this.#loading = undefined; });
    return loading;
  }
}
