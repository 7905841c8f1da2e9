// One engine process as the extension uses it: the client of src/engine with VS Code's events, forked at the first call.
// When the process ends, the client starts another and opens again what was open.

import path from 'node:path';
import * as vscode from 'vscode';
import { EngineClient } from '../engine/client.ts';
import type { EngineApi, EngineEvent } from '../protocol/engine.ts';

export class EngineLink implements vscode.Disposable {
  /** 'view', 'model (cpu)' or the title of a background job; for the log and messages. */
  readonly name: string;
  readonly api: EngineApi;
  #client: EngineClient;
  #event = new vscode.EventEmitter<EngineEvent>();
  #lost = new vscode.EventEmitter<string>();
  #back = new vscode.EventEmitter<string>();
  #failed = new vscode.EventEmitter<string>();
  readonly onEvent = this.#event.event;
  /** The process ended; the text says how. A new one is on its way. */
  readonly onLost = this.#lost.event;
  readonly onBack = this.#back.event;
  /** The process ends again and again and is not started any more. */
  readonly onFailed = this.#failed.event;

  constructor(name: string, extensionPath: string, log: vscode.LogOutputChannel) {
    this.name = name;
    this.#client = new EngineClient({
      entry: path.join(extensionPath, 'dist', 'engine.js'),
      onEvent: (event) => {
        if (event.type === 'log') log[event.level](`[${name}] ${event.message}`);
        this.#event.fire(event);
      },
      onState: (state, detail) => {
        log[state === 'back' ? 'info' : 'warn'](`[${name}] engine ${state}: ${detail}`);
        ({ lost: this.#lost, back: this.#back, failed: this.#failed })[state].fire(detail);
      },
      onLog: (line) => log.info(`[${name}] ${line}`),
    });
    this.api = this.#client.api;
  }

  get pid(): number | undefined {
    return this.#client.pid;
  }

  /** Asks a job to stop and kills the process where it does not within half a second. */
  cancel(job: string): Promise<void> {
    return this.#client.cancel(job);
  }

  /** Replaces the process if it is running. */
  async restart(): Promise<void> {
    if (this.#client.pid !== undefined) await this.#client.restart();
  }

  dispose(): void {
    this.#client.dispose();
    for (const emitter of [this.#event, this.#lost, this.#back, this.#failed]) emitter.dispose();
  }
}
