// What the three trees have in common: a provider that is asked again when its source changes.

import * as vscode from 'vscode';

export abstract class Tree<T> implements vscode.TreeDataProvider<T>, vscode.Disposable {
  #changed = new vscode.EventEmitter<T | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  protected readonly disposables: vscode.Disposable[] = [this.#changed];

  protected follow(...events: vscode.Event<unknown>[]): void {
    for (const event of events) this.disposables.push(event(() => this.refresh()));
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  abstract getTreeItem(node: T): vscode.TreeItem | Promise<vscode.TreeItem>;
  abstract getChildren(node?: T): Promise<T[]> | T[];

  dispose(): void {
    for (const one of this.disposables) one.dispose();
  }
}
