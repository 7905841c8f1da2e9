// A status bar item that shows something of the scan editor in front, and is hidden where no scan is.

import * as vscode from 'vscode';
import type { ScanEditor } from '../editor/scan-editor.ts';

export interface StatusSpec {
  id: string;
  name: string;
  /** Order on the right side, largest leftmost. */
  priority: number;
  command: string;
  /** Text and tooltip, or undefined: hidden. */
  render(editor: ScanEditor): { text: string; tooltip: string } | undefined;
}

export class StatusItem implements vscode.Disposable {
  #item: vscode.StatusBarItem;
  #render: StatusSpec['render'];

  constructor(spec: StatusSpec) {
    this.#item = vscode.window.createStatusBarItem(`readingRoom.${spec.id}`, vscode.StatusBarAlignment.Right, spec.priority);
    this.#item.name = `Reading Room: ${spec.name}`;
    this.#item.command = spec.command;
    this.#render = spec.render;
  }

  get text(): string {
    return this.#item.text;
  }

  update(editor: ScanEditor | undefined): void {
    const shown = editor && this.#render(editor);
    if (!shown) {
      this.#item.hide();
      return;
    }
    this.#item.text = shown.text;
    this.#item.tooltip = shown.tooltip;
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
