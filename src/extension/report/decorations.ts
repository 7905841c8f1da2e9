// Clues in report documents: the line style tells the status without colour, the gutter icon repeats it by shape.

import * as vscode from 'vscode';
import type { Mark, ReportDocuments } from './documents.ts';
import { REPORT_SCHEME } from './uri.ts';

const STYLES: Record<Mark, { line: string; colour: string; gutter: string }> = {
  supported: { line: 'solid', colour: '--vscode-readingRoom-supported', gutter: 'supported' },
  unsupported: { line: 'wavy', colour: '--vscode-readingRoom-unsupported', gutter: 'unsupported' },
  contradicted: { line: 'double', colour: '--vscode-errorForeground', gutter: 'contradicted' },
  missed: { line: 'dashed', colour: '--vscode-readingRoom-missed', gutter: 'missed' },
  normal: { line: 'dotted', colour: '--vscode-readingRoom-absent', gutter: 'normal' },
  present: { line: 'solid', colour: '--vscode-charts-blue', gutter: 'present' },
  uncertain: { line: 'dashed', colour: '--vscode-charts-yellow', gutter: 'uncertain' },
};

export class ClueDecorations implements vscode.Disposable {
  #documents: ReportDocuments;
  #types: Map<Mark, vscode.TextEditorDecorationType>;
  #disposables: vscode.Disposable[] = [];

  constructor(documents: ReportDocuments, extensionUri: vscode.Uri) {
    this.#documents = documents;
    this.#types = new Map(
      (Object.entries(STYLES) as [Mark, (typeof STYLES)[Mark]][]).map(([mark, { line, colour, gutter }]) => [
        mark,
        vscode.window.createTextEditorDecorationType({
          textDecoration: `underline ${line} var(${colour}) ${line === 'double' ? '1px' : '2px'}; text-underline-offset: 3px`,
          gutterIconPath: vscode.Uri.joinPath(extensionUri, 'media', 'gutter', `${gutter}.svg`),
          gutterIconSize: '60%',
          overviewRulerLane: vscode.OverviewRulerLane.Right,
        }),
      ]),
    );
    this.#disposables.push(
      vscode.window.onDidChangeVisibleTextEditors((editors) => editors.forEach((editor) => void this.#decorate(editor))),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        for (const editor of vscode.window.visibleTextEditors) if (editor.document === document) void this.#decorate(editor);
      }),
    );
    for (const editor of vscode.window.visibleTextEditors) void this.#decorate(editor);
  }

  async #decorate(editor: vscode.TextEditor): Promise<void> {
    if (editor.document.uri.scheme !== REPORT_SCHEME) return;
    const report = await this.#documents.get(editor.document.uri).catch(() => undefined); // the document shows why
    for (const [mark, type] of this.#types) {
      editor.setDecorations(type, report?.clues.filter((placed) => placed.mark === mark).flatMap((placed) => placed.ranges) ?? []);
    }
  }

  dispose(): void {
    for (const one of [...this.#disposables, ...this.#types.values()]) one.dispose();
  }
}
