// Runs of the workspace (folder `runs` of each workspace folder) with the live state of those that this window started.

import path from 'node:path';
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { EngineApi } from '../protocol/engine.ts';
import type { RunStatus, RunSummary } from '../protocol/run.ts';
import type { EngineLink } from './engine-link.ts';
import type { Engines } from './engines.ts';

interface LiveRun {
  status: RunStatus;
  cancel(): void;
}

export class Runs implements vscode.Disposable {
  #engines: Engines;
  #log: vscode.LogOutputChannel;
  #live = new Map<string, LiveRun>();
  #list: Promise<RunSummary[]> | undefined;
  #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(engines: Engines, log: vscode.LogOutputChannel) {
    this.#engines = engines;
    this.#log = log;
  }

  /** Folder of the workspace's runs, or undefined without a workspace. */
  folder(): string | undefined {
    const root = vscode.workspace.workspaceFolders?.[0];
    return root && path.join(root.uri.fsPath, 'runs');
  }

  isLive(run: string): boolean {
    return this.#live.has(run);
  }

  async list(): Promise<RunSummary[]> {
    const folders = vscode.workspace.workspaceFolders?.map((root) => path.join(root.uri.fsPath, 'runs')) ?? [];
    this.#list ??= this.#engines.view.api.listRuns(folders).catch((thrown: unknown) => {
      this.#list = undefined;
      this.#log.error(`Runs could not be listed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      return [];
    });
    const saved = (await this.#list).filter((run) => !this.#live.has(run.path));
    const now = new Date().toISOString();
    const live = [...this.#live].map(([at, { status }]) => ({ ...status, path: at, modified: now }));
    return [...live, ...saved.sort((a, b) => b.modified.localeCompare(a.modified))];
  }

  /** Runs `work` in a process of its own, shown as a live run in folder `out`; ends with it. */
  start<T>(out: string, recipe: string, work: (api: EngineApi, job: string) => Promise<T>): Promise<T> {
    const job = `run-${randomUUID()}`;
    const name = path.basename(out);
    return this.#engines.withJob(name, async (link) => {
      const live: LiveRun = {
        status: { name, recipe, state: 'running', step: 0, steps: 0 },
        cancel: () => void this.#engines.cancel(link, job),
      };
      this.#live.set(out, live);
      const events = this.#follow(link, job, live);
      this.#changed.fire();
      try {
        return await work(link.api, job);
      } finally {
        events.dispose();
        this.#live.delete(out);
        this.refresh();
      }
    });
  }

  cancel(run: string): void {
    this.#live.get(run)?.cancel();
  }

  refresh(): void {
    this.#list = undefined;
    this.#changed.fire();
  }

  #follow(link: EngineLink, job: string, live: LiveRun): vscode.Disposable {
    return link.onEvent((event) => {
      if (event.type === 'run' && event.job === job) live.status = { ...event.status, name: live.status.name };
      else if (event.type === 'progress' && event.job === job) {
        live.status = { ...live.status, step: event.done, steps: event.total, message: event.detail ?? event.stage };
      } else return;
      this.#changed.fire();
    });
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
