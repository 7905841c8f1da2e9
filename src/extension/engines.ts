// The engine processes: one that serves slices and saved readings and is never blocked by a model, one per device choice that
// runs models and may be killed to cancel, and one for each background job. Each is forked at its first call. Loss of a
// process is told in the views; a notification appears only when it is lost a second time within a minute, or for good.

import * as vscode from 'vscode';
import type { DeviceChoice } from '../protocol/reading.ts';
import { EngineLink } from './engine-link.ts';

const AGAIN_MS = 60_000;

export class Engines implements vscode.Disposable {
  readonly view: EngineLink;
  #models = new Map<DeviceChoice, EngineLink>();
  #jobs = new Set<EngineLink>();
  #extensionPath: string;
  #log: vscode.LogOutputChannel;
  /** Processes that are being ended on purpose; their loss is no news. */
  #cancelling = new Set<EngineLink>();

  constructor(extensionPath: string, log: vscode.LogOutputChannel) {
    this.#extensionPath = extensionPath;
    this.#log = log;
    this.view = this.#open('view');
  }

  model(device: DeviceChoice): EngineLink {
    const link = this.#models.get(device) ?? this.#open(`model (${device})`);
    this.#models.set(device, link);
    return link;
  }

  /** A process of its own for work that takes long. Ends with the work. */
  async withJob<T>(title: string, work: (link: EngineLink) => Promise<T>): Promise<T> {
    const link = this.#open(title);
    this.#jobs.add(link);
    try {
      return await work(link);
    } finally {
      this.#jobs.delete(link);
      link.dispose();
    }
  }

  async cancel(link: EngineLink, job: string): Promise<void> {
    this.#cancelling.add(link);
    try {
      await link.cancel(job);
    } finally {
      setTimeout(() => this.#cancelling.delete(link), 1000);
    }
  }

  /** Replaces every running process except those of background jobs. */
  async restart(): Promise<void> {
    await Promise.all([this.view, ...this.#models.values()].map((link) => link.restart()));
  }

  /** Process ids by name, of those that run. */
  pids(): Record<string, number> {
    const all = [this.view, ...this.#models.values(), ...this.#jobs];
    return Object.fromEntries(all.flatMap((link) => (link.pid === undefined ? [] : [[link.name, link.pid]])));
  }

  dispose(): void {
    for (const link of [this.view, ...this.#models.values(), ...this.#jobs]) link.dispose();
  }

  #open(name: string): EngineLink {
    const link = new EngineLink(name, this.#extensionPath, this.#log);
    let lostAt = Number.NEGATIVE_INFINITY;
    link.onLost((detail) => {
      if (this.#cancelling.has(link)) return;
      const now = performance.now();
      if (now - lostAt < AGAIN_MS) this.#tell(`The ${name} engine of Reading Room ended twice within a minute (${detail}) and was started again. Saved readings are intact.`);
      lostAt = now;
    });
    link.onFailed((detail) => this.#tell(`The ${name} engine of Reading Room does not stay alive: ${detail}. Saved readings are intact.`));
    return link;
  }

  #tell(text: string): void {
    void vscode.window.showErrorMessage(text, 'Restart Engine', 'Show Log').then((picked) => {
      if (picked === 'Restart Engine') void this.restart();
      if (picked === 'Show Log') this.#log.show(true);
    });
  }
}
