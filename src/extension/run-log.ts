// The log of a run as a text table: scheme `reading-room-run`, one line per row of log.jsonl, columns aligned. It follows the
// file while the run goes on.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRow } from '../protocol/run.ts';

export const RUN_SCHEME = 'reading-room-run';

export function runLogUri(run: string): vscode.Uri {
  return vscode.Uri.from({ scheme: RUN_SCHEME, path: `/${path.basename(run)}.log`, query: run });
}

export class RunLogs implements vscode.TextDocumentContentProvider, vscode.Disposable {
  #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  #registration: vscode.Disposable;

  constructor() {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(RUN_SCHEME, this);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const read = (name: string): Promise<string> => readFile(path.join(uri.query, name), 'utf8').catch(() => '');
    const [status, log] = await Promise.all([read('status.json'), read('log.jsonl')]);
    const table = logTable(log);
    return `${uri.query}\n\n${status.trim() || 'This run has no status.json.'}\n\n${table || 'No row is logged yet.'}\n`;
  }

  /** Files of runs changed: open logs show it. */
  refresh(): void {
    for (const { uri } of vscode.workspace.textDocuments) if (uri.scheme === RUN_SCHEME) this.#changed.fire(uri);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}

/** Rows that do not parse (the last line of a run that was killed) are left out. */
function logTable(log: string): string {
  const rows = log.split('\n').flatMap((line): RunRow[] => {
    try {
      const row: unknown = JSON.parse(line);
      return typeof row === 'object' && row !== null && 'step' in row && 'values' in row ? [row as RunRow] : [];
    } catch {
      return [];
    }
  });
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.values)))];
  const cells = rows.map((row) => [String(row.step), row.seconds.toFixed(1), ...names.map((name) => cell(row.values[name]))]);
  const head = ['step', 'seconds', ...names];
  const widths = head.map((name, column) => Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]): string => row.map((text, column) => text.padStart(widths[column] ?? 0)).join('  ');
  return rows.length === 0 ? '' : [line(head), ...cells.map(line)].join('\n');
}

function cell(value: number | undefined): string {
  if (value === undefined) return '';
  return Number.isInteger(value) ? String(value) : value.toPrecision(5);
}
