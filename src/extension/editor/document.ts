// The custom document of a scan: it owns the open scan in the engine and the reading in the making; its editors own only what
// they look at. Opening starts here, and with it the way to the middle axial slice, before any webview is loaded: inflating half
// of a large scan takes about as long as the page. The engine client opens the scan again, under the same handle, when the
// engine process is replaced.

import * as vscode from 'vscode';
import type { ScanInfo, SliceReply, SliceRequest } from '../../protocol/scan.ts';
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
  /** The middle axial slice, until a view takes it. */
  #first: Promise<SliceReply> | undefined;
  #onDispose: () => void;

  constructor(uri: vscode.Uri, engine: EngineLink, onDispose: () => void) {
    this.uri = uri;
    this.#engine = engine;
    this.#onDispose = onDispose;
    this.#first = this.info().then((info) => engine.api.slice(middle(info)));
    this.#first.catch(() => {}); // the view asks again and shows why
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

  /** Slice and layers of a view; the first slice has been asked for already. */
  async slice(request: SliceRequest): Promise<SliceReply> {
    const first = this.#first;
    if (first && isMiddle(request, await this.info())) {
      this.#first = undefined;
      return first.catch(() => this.#engine.api.slice(request)); // the engine was lost meanwhile
    }
    return this.#engine.api.slice(request);
  }

  dispose(): void {
    this.job?.cancel();
    this.#opening?.then((info) => this.#engine.api.closeScan(info.scanId)).catch(() => {}); // a lost engine has closed it
    this.#onDispose();
  }
}

/** What a new view asks for first. */
function middle(info: ScanInfo): SliceRequest {
  return { scanId: info.scanId, plane: 'axial', index: Math.floor(info.slices.axial / 2), layers: [{ kind: 'scan' }] };
}

function isMiddle({ plane, index, layers }: SliceRequest, info: ScanInfo): boolean {
  return plane === 'axial' && index === middle(info).index && layers.length === 1 && layers[0]?.kind === 'scan';
}
