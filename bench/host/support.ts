// What the modules of this folder share with in-vscode.ts.

import { writeFileSync } from 'node:fs';
import type * as vscode from 'vscode';
import type { ScanEditor } from '../../src/extension/editor/scan-editor.ts';
import type { TestApi } from '../../src/extension/test-api.ts';
import { until } from '../../test/integration/support.ts';

/** A value given by the bench. */
export function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

export function report(value: unknown): void {
  writeFileSync(given('READING_ROOM_BENCH_REPORT'), JSON.stringify(value));
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Opens a scan in the scan editor and waits until all three panes are drawn. */
export async function openDrawn(api: TestApi, uri: vscode.Uri): Promise<ScanEditor> {
  const editor = await api.room.editors.open(uri);
  await until('three panes are drawn', () => editor.marks.get('three-panes'), 120_000);
  return editor;
}
