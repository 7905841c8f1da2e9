// Jobs: long calls that a caller names so that it can follow and cancel them. Cancelling is cooperative: the job sees the
// signal at its next safe point, which never lies inside one `session.run`; a caller who cannot wait kills the process.

import type { EngineEvent } from '../protocol/engine.ts';
import { RoomError } from '../protocol/error.ts';

export interface JobContext {
  readonly id: string;
  readonly signal: AbortSignal;
  emit(event: EngineEvent): void;
  progress(stage: string, done: number, total: number, detail?: string): void;
  /** A safe point: lets messages in, then throws 'cancelled' where the job was cancelled. */
  breathe(): Promise<void>;
}

export class Jobs {
  private readonly running = new Map<string, AbortController>();
  private readonly emit: (event: EngineEvent) => void;

  constructor(emit: (event: EngineEvent) => void) {
    this.emit = emit;
  }

  async run<T>(id: string, body: (job: JobContext) => Promise<T>): Promise<T> {
    if (this.running.has(id)) throw new RoomError('invalid', `Job ${id} is running already`, 'Give each job its own name.');
    const controller = new AbortController();
    const { signal } = controller;
    this.running.set(id, controller);
    const job: JobContext = {
      id,
      signal,
      emit: this.emit,
      progress: (stage, done, total, detail) =>
        this.emit({ type: 'progress', job: id, stage, done, total, ...(detail === undefined ? {} : { detail }) }),
      breathe: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        if (signal.aborted) throw cancelled();
      },
    };
    try {
      return await body(job);
    } finally {
      this.running.delete(id);
    }
  }

  cancel(id: string): void {
    this.running.get(id)?.abort();
  }
}

export function cancelled(): RoomError {
  return new RoomError('cancelled', 'The job was cancelled', 'Start it again when you want the result.');
}
