// The scans of the workspace: NIfTI files, and DICOM files gathered by folder into one scan each. The search is bounded and
// its end is told; folders that were opened by hand (DICOM files without extension) are remembered.

import path from 'node:path';
import * as vscode from 'vscode';
import { contains, isDicomFile, isScanFile, SCAN_GLOB } from './paths.ts';

const LIMIT = 5000;
const OPENED = 'openedFolders';
const OPENED_LIMIT = 20;

export interface ScanEntry {
  uri: vscode.Uri;
  /** Number of files of a DICOM folder; undefined for a single file. */
  files?: number;
}

export class Scans implements vscode.Disposable {
  #memento: vscode.Memento;
  #excluded: () => string[];
  #list: Promise<ScanEntry[]> | undefined;
  #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  /** The search met its bound; there are more. */
  truncated = false;

  /** `excluded`: folders whose files are no scans of the user, such as readings. */
  constructor(memento: vscode.Memento, excluded: () => string[]) {
    this.#memento = memento;
    this.#excluded = excluded;
  }

  list(): Promise<ScanEntry[]> {
    this.#list ??= this.#find();
    return this.#list;
  }

  /** Remembers a folder outside the search, newest first. */
  async remember(folder: vscode.Uri): Promise<void> {
    if ((await this.list()).some((scan) => scan.uri.toString() === folder.toString())) return;
    const kept = this.#opened().filter((one) => one !== folder.toString());
    await this.#memento.update(OPENED, [folder.toString(), ...kept].slice(0, OPENED_LIMIT));
    this.refresh();
  }

  refresh(): void {
    this.#list = undefined;
    this.#changed.fire();
  }

  #opened(): string[] {
    return this.#memento.get<string[]>(OPENED, []);
  }

  async #find(): Promise<ScanEntry[]> {
    const files = await vscode.workspace.findFiles(SCAN_GLOB, '**/{node_modules,.git}/**', LIMIT);
    this.truncated = files.length >= LIMIT;
    const excluded = this.#excluded();
    const folders = new Map<string, ScanEntry>();
    const scans: ScanEntry[] = [];
    for (const uri of files) {
      if (!isScanFile(uri.fsPath) || excluded.some((folder) => contains(folder, uri.fsPath))) continue;
      if (!isDicomFile(uri.fsPath)) {
        scans.push({ uri });
        continue;
      }
      const folder = vscode.Uri.joinPath(uri, '..');
      const entry = folders.get(folder.fsPath) ?? { uri: folder, files: 0 };
      entry.files = (entry.files ?? 0) + 1;
      folders.set(folder.fsPath, entry);
    }
    for (const text of this.#opened()) {
      const uri = vscode.Uri.parse(text);
      if (!folders.has(uri.fsPath) && (await isFolder(uri))) folders.set(uri.fsPath, { uri });
    }
    const compare = new Intl.Collator(undefined, { numeric: true }).compare;
    return [...scans, ...folders.values()].sort((a, b) => compare(path.dirname(a.uri.fsPath), path.dirname(b.uri.fsPath)) || compare(a.uri.fsPath, b.uri.fsPath));
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

async function isFolder(uri: vscode.Uri): Promise<boolean> {
  try {
    return (await vscode.workspace.fs.stat(uri)).type === vscode.FileType.Directory;
  } catch {
    return false;
  }
}
