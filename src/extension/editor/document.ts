// The custom document of a scan: it owns the open scan in the engine and the reading in the making; its editors own only what
// they look at. Opening starts here, before any webview is loaded. The engine client opens the scan again, under the same
// handle, when the engine process is replaced.

import * as vscode from 'vscode';
import type { ScanInfo } from '../../protocol/scan.ts';
import type { EngineLink } from '../engine-link.ts';
import type { ReadingJob } from './reading-job.ts';
import type { ScanEditor } from './scan-editor.ts';

export class ScanDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  readonly editors = new Set<ScanEditor>();
  /** The reading that is being made. */
  job: ReadingJob | undefined;
  #engine: EngineLink;
  #opening: Promise<ScanInfo> | undefined;
  #onDispose: () => void;

  constructor(uri: vscode.Uri, engine: EngineLink, onDispose: () => void) {
    this.uri = uri;
    this.#engine = engine;
    this.#onDispose = onDispose;
    this.info().catch(() => {}); // the view asks again and shows why
  }

  get path(): string {
    return this.uri.fsPath;
  }

  /** Facts of the scan; a failed opening is tried again by the next call. */
  info(): Promise<ScanInfo> {
    if (!this.#opening) {
      const opening = this.#engine.api.openScan(this.path);
      this.#opening = opening;
      opening.catch(() => {
        if (this.#opening === opening) this.#opening = undefined;
      });
    }
    return this.#opening;
  }

  dispose(): void {
    this.job?.cancel();
    this.#opening?.then((info) => this.#engine.api.closeScan(info.scanId)).catch(() => {}); // a lost engine has closed it
    this.#onDispose();
  }
}
