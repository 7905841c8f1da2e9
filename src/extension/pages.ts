// Text pages that commands show (Check GPU, Check Bundle, results): virtual documents of scheme `reading-room`, opened as
// Markdown preview where VS Code has one. A page shown again under the same name replaces the earlier one.

import * as vscode from 'vscode';

export const PAGE_SCHEME = 'reading-room';

export class Pages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  #texts = new Map<string, string>();
  #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  #registration: vscode.Disposable;

  constructor() {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(PAGE_SCHEME, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? 'This page was made by a command of an earlier session. Run the command again.\n';
  }

  /** Shows Markdown under a name, which is the title of its tab. */
  async show(name: string, markdown: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: PAGE_SCHEME, path: `/${name}.md` });
    this.#texts.set(uri.path, markdown);
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    if ((await vscode.commands.getCommands(true)).includes('markdown.showPreview')) {
      await vscode.commands.executeCommand('markdown.showPreview', uri);
    } else {
      await vscode.window.showTextDocument(document, { preview: true });
    }
  }

  text(name: string): string | undefined {
    return this.#texts.get(`/${name}.md`);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}

/** Text from files or models as Markdown that shows it as it is. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~&]/g, (c) => `&#${c.charCodeAt(0)};`).replace(/\r?\n/g, ' ');
}

/** A Markdown table; cells are escaped. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row.map(escapeMarkdown)))].join('\n');
}
