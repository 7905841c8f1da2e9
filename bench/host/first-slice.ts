// Opens one scan again and again and reports what the view measured from the start of its script. Closing
// the editor closes the scan, so every opening reads and inflates the file anew.

import * as vscode from 'vscode';
import { closeAll, testApi, until } from '../../test/integration/support.ts';
import { given, openDrawn, report, sleep } from './support.ts';

export interface Opening {
  ready: number;
  firstSlice: number;
  threePanes: number;
}

export async function run(): Promise<void> {
  const api = await testApi();
  const uri = vscode.Uri.file(given('READING_ROOM_BENCH_SCAN'));
  const openings: Opening[] = [];
  for (let n = 0; n < Number(given('READING_ROOM_BENCH_OPENS')); n++) {
    const { marks } = await openDrawn(api, uri);
    const mark = (name: string): number => marks.get(name) ?? Number.NaN;
    openings.push({ ready: mark('ready'), firstSlice: mark('first-slice'), threePanes: mark('three-panes') });
    await closeAll();
    await until('the editor is closed', () => api.room.editors.documents.length === 0);
    await sleep(500);
  }
  report(openings);
}
