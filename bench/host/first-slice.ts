// Opens one scan again and again, as a click does, and reports what the view measured from the start of its script. Closing
// the editor closes the scan, so every opening reads and inflates the file anew.

import * as vscode from 'vscode';
import { closeAll, openScan, testApi, until } from '../../test/integration/support.ts';
import { given, report, sleep } from './support.ts';

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
    const { marks } = await openScan(api, uri);
    const threePanes = await until('three panes are drawn', () => marks.get('three-panes'), 60_000);
    openings.push({ ready: marks.get('ready') ?? Number.NaN, firstSlice: marks.get('first-slice') ?? Number.NaN, threePanes });
    await closeAll();
    await until('the editor is closed', () => api.room.editors.documents.length === 0);
    await sleep(500);
  }
  report(openings);
}
