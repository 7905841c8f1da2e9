// One reading in the making: runs the model in its engine process and tells the progress to whoever listens. What was said so
// far is kept, so that a view that is reloaded or opened late can show it.

import { randomUUID } from 'node:crypto';
import { errorInfo } from '../../protocol/error.ts';
import type { ReadRequest } from '../../protocol/engine.ts';
import type { Reading } from '../../protocol/reading.ts';
import type { ReadProgress } from '../../protocol/view.ts';
import type { EngineLink } from '../engine-link.ts';
import type { Engines } from '../engines.ts';

export class ReadingJob {
  readonly id = `read-${randomUUID()}`;
  readonly request: ReadRequest;
  readonly engine: EngineLink;
  #engines: Engines;
  #listener: (progress: ReadProgress) => void;
  #stages = new Map<string, ReadProgress>();
  #tokens: ReadProgress[] = [];
  /** The user asked for its end, so that the end of the process is no news. */
  wasCancelled = false;

  constructor(engines: Engines, request: ReadRequest, listener: (progress: ReadProgress) => void) {
    this.#engines = engines;
    this.engine = engines.model(request.device);
    this.request = request;
    this.#listener = listener;
  }

  /** What a view needs to catch up: the last state of each stage, then the tokens. */
  get history(): ReadProgress[] {
    return [...this.#stages.values(), ...this.#tokens];
  }

  /** Runs until the reading is saved at request.out. Rejects as the engine does; 'cancelled' after cancel(). */
  async run(): Promise<Reading> {
    const events = this.engine.onEvent((event) => {
      if (event.type === 'progress' && event.job === this.id) {
        const { stage, done, total, detail } = event;
        this.#say({ phase: 'stage', stage, done, total, ...(detail === undefined ? {} : { detail }) });
      } else if (event.type === 'token' && event.job === this.id) {
        this.#say({ phase: 'token', text: event.text, logProb: event.logProb });
      }
    });
    try {
      return await this.engine.api.read(this.id, this.request);
    } catch (thrown) {
      const error = errorInfo(thrown);
      this.#listener(error.code === 'cancelled' ? { phase: 'cancelled' } : { phase: 'failed', error });
      throw thrown;
    } finally {
      events.dispose();
    }
  }

  cancel(): void {
    this.wasCancelled = true;
    void this.#engines.cancel(this.engine, this.id);
  }

  #say(progress: ReadProgress): void {
    if (progress.phase === 'stage') this.#stages.set(progress.stage, progress);
    if (progress.phase === 'token') this.#tokens.push(progress);
    this.#listener(progress);
  }
}
