// The read-only custom editor for scans, and the register of open editors: which is active, and what context keys say of it.

import * as vscode from 'vscode';
import type { Room } from '../room.ts';
import { ScanDocument } from './document.ts';
import { ScanEditor } from './scan-editor.ts';

export const SCAN_EDITOR = 'readingRoom.scan';

export class ScanEditors implements vscode.CustomReadonlyEditorProvider<ScanDocument>, vscode.Disposable {
  #room: Room;
  #documents = new Map<string, ScanDocument>();
  #editors = new Set<ScanEditor>();
  #active: ScanEditor | undefined;
  #last: ScanEditor | undefined;
  #changed = new vscode.EventEmitter<ScanEditor | undefined>();
  /** The active editor is another one, or it or its document changed. */
  readonly onDidChange = this.#changed.event;
  #registration: vscode.Disposable;

  constructor(room: Room) {
    this.#room = room;
    this.#registration = vscode.window.registerCustomEditorProvider(SCAN_EDITOR, this, { supportsMultipleEditorsPerDocument: true });
  }

  get active(): ScanEditor | undefined {
    return this.#active;
  }

  /** The active editor, or the one that was active last and is still open: what the walkthrough's buttons work on. */
  get current(): ScanEditor | undefined {
    return this.#active ?? this.#last;
  }

  get all(): ScanEditor[] {
    return [...this.#editors];
  }

  get documents(): ScanDocument[] {
    return [...this.#documents.values()];
  }

  documentOf(uri: vscode.Uri): ScanDocument | undefined {
    return this.#documents.get(uri.toString());
  }

  /** Opens (or brings to front) the editor of a scan, a file or the folder of a DICOM series. */
  async open(uri: vscode.Uri): Promise<ScanEditor> {
    const shown = [...(this.documentOf(uri)?.editors ?? [])].find((one) => one.panel.visible);
    if (shown) {
      shown.panel.reveal();
      return shown;
    }
    await vscode.commands.executeCommand('vscode.openWith', uri, SCAN_EDITOR);
    const editors = [...(this.documentOf(uri)?.editors ?? [])];
    const editor = editors.find((one) => one.panel.active) ?? editors.find((one) => one.panel.visible) ?? editors[0];
    if (!editor) throw new Error(`VS Code did not open ${uri.fsPath} in the scan editor`);
    return editor;
  }

  openCustomDocument(uri: vscode.Uri): ScanDocument {
    const document = new ScanDocument(uri, this.#room.engines.view, () => this.#documents.delete(uri.toString()));
    this.#documents.set(uri.toString(), document);
    return document;
  }

  resolveCustomEditor(document: ScanDocument, panel: vscode.WebviewPanel): void {
    const editor = new ScanEditor(this.#room, document, panel);
    document.editors.add(editor);
    this.#editors.add(editor);
    const follow = (): void => {
      if (!panel.visible) editor.hidden();
      if (panel.active) this.#activate(editor);
      else if (this.#active === editor) this.#activate(undefined);
    };
    panel.onDidChangeViewState(follow);
    panel.onDidDispose(() => {
      document.editors.delete(editor);
      this.#editors.delete(editor);
      if (this.#last === editor) this.#last = undefined;
      if (this.#active === editor) this.#activate(undefined);
      editor.dispose();
    });
    follow();
  }

  /** An editor or its document changed what commands and status bar depend on. */
  changed(editor: ScanEditor): void {
    if (editor === this.#active) this.#activate(editor);
  }

  #activate(editor: ScanEditor | undefined): void {
    this.#active = editor;
    if (editor) this.#last = editor;
    this.#room.setContext('busy', editor?.document.job !== undefined);
    this.#room.setContext('hasReading', editor?.reading !== undefined);
    this.#room.setContext('hasReference', editor?.reading?.reading.reference !== undefined);
    this.#changed.fire(editor);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
