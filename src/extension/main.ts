// Entry of the extension host: activation and nothing else.
import * as vscode from 'vscode';

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Reading Room', { log: true });
  context.subscriptions.push(log);
  log.info(`Reading Room ${String(context.extension.packageJSON.version)} is active`);
}
