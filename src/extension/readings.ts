// The saved readings of the workspace, newest first, as the engine lists them; kept until a file of theirs changes.

import path from 'node:path';
import * as vscode from 'vscode';
import type { Reading, ReadingSummary } from '../protocol/reading.ts';
import type { EngineLink } from './engine-link.ts';
import { sameScan } from './paths.ts';
import * as settings from './settings.ts';

export class Readings implements vscode.Disposable {
  #engine: EngineLink;
  #storage: string;
  #log: vscode.LogOutputChannel;
  #list: Promise<ReadingSummary[]> | undefined;
  #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(engine: EngineLink, storage: string, log: vscode.LogOutputChannel) {
    this.#engine = engine;
    this.#storage = storage;
    this.#log = log;
  }

  /** Folder of new readings of a scan. */
  folder(scan?: vscode.Uri): string {
    return settings.readingsFolder(this.#storage, scan);
  }

  /** Every folder that readings are looked for in. */
  folders(): string[] {
    const roots = vscode.workspace.workspaceFolders?.map((folder) => this.folder(folder.uri)) ?? [];
    return [...new Set([...roots, path.join(this.#storage, 'readings')])];
  }

  list(): Promise<ReadingSummary[]> {
    this.#list ??= this.#engine.api.listReadings(this.folders()).then(
      (list) => list.sort((a, b) => b.created.localeCompare(a.created)),
      (thrown: unknown) => {
        this.#list = undefined;
        this.#log.error(`Readings could not be listed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        return [];
      },
    );
    return this.#list;
  }

  async of(scan: string): Promise<ReadingSummary[]> {
    return (await this.list()).filter((reading) => sameScan(reading.scanPath, scan));
  }

  /** A saved reading without its tensors. */
  async load(reading: string): Promise<Reading> {
    const open = await this.#engine.api.openReading(reading);
    this.#engine.api.closeReading(open.readingId).catch(() => {}); // a lost engine has closed it
    return open.reading;
  }

  refresh(): void {
    this.#list = undefined;
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
