// The scan editor in VS Code: opens what a click opens, shares a document between editors, shows errors, and outlives its
// engine.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { TestApi } from '../../src/extension/test-api.ts';
import { closeAll, DIMS, openScan, restartBound, testApi, until, valueAt, workspaceFolder, writeCase, writeSeries } from './support.ts';

describe('scan editor', () => {
  let api: TestApi;

  before(async () => {
    api = await testApi();
  });
  afterEach(closeAll);

  it('opens a NIfTI file on a click and shows its slices', async () => {
    const uri = await writeCase('editor', 'ct-01');
    const editor = await openScan(api, uri);
    const info = await editor.document.info();
    assert.deepEqual([...info.dims], [...DIMS]);
    assert.equal(info.unit, 'HU');
    assert.equal(path.basename(info.labels?.path ?? ''), 'ct-01-labels.nii.gz');
    const reply = await editor.slice({ scanId: info.scanId, plane: 'axial', index: 3, layers: [{ kind: 'scan' }] });
    assert.equal(reply.geometry.width, DIMS[0]);
    assert.equal(reply.images[0]?.data[DIMS[0] + 2], valueAt(2, 1, 3));
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(tab instanceof vscode.TabInputCustom);
    assert.equal(tab.viewType, 'readingRoom.scan');
  });

  it('tells the status bar slice, HU and window, and hides them with the editor', async () => {
    const editor = await openScan(api, await writeCase('editor', 'ct-02'));
    await until('the view reports its slice', () => editor.viewStatus.slice);
    assert.match(api.status.get('slice')?.text ?? '', /^Axial \d+\/12$/);
    assert.match(api.status.get('window')?.text ?? '', /^W \d+ L -?\d+$/);
    assert.match(api.status.get('device')?.text ?? '', /auto|CPU|WebGPU/);
    assert.match(api.status.get('bundle')?.text ?? '', /ask/);
    await closeAll();
    assert.equal(api.room.editors.active, undefined);
  });

  it('opens a DICOM series by its folder and by any of its files', async () => {
    const folder = await writeSeries('editor/series');
    await vscode.commands.executeCommand('readingRoom.openDicomFolder', folder);
    const whole = await until('the folder is open', () => api.room.editors.all.find((editor) => editor.document.uri.fsPath === folder.fsPath && editor.isReady));
    assert.deepEqual([...(await whole.document.info()).dims], [...DIMS]);
    const one = await openScan(api, vscode.Uri.joinPath(folder, 'IM0003.dcm'));
    assert.deepEqual([...(await one.document.info()).dims], [...DIMS]);
  });

  it('shares one document between two editors', async () => {
    const uri = await writeCase('editor', 'ct-03');
    await openScan(api, uri);
    await vscode.commands.executeCommand('vscode.openWith', uri, 'readingRoom.scan', vscode.ViewColumn.Beside);
    const editors = await until('a second editor', () => {
      const all = api.room.editors.all.filter((editor) => editor.document.uri.toString() === uri.toString());
      return all.length === 2 && all;
    });
    assert.equal(editors[0]?.document, editors[1]?.document);
  });

  it('shows why a damaged file does not open', async () => {
    const file = path.join(workspaceFolder(), 'editor', 'short.nii');
    await writeFile(file, new Uint8Array(100));
    const editor = await openScan(api, vscode.Uri.file(file));
    await assert.rejects(editor.document.info(), (thrown: unknown) => thrown instanceof Error && 'code' in thrown && thrown.code === 'format' && 'fix' in thrown);
    const init = await editor.ready();
    assert.equal(init.scan, undefined);
    assert.equal(init.error?.code, 'format');
    assert.ok(init.error?.fix);
  });

  it('lets the view run commands of Reading Room only', async () => {
    const editor = await openScan(api, await writeCase('editor', 'ct-04'));
    await assert.rejects(editor.command('workbench.action.quit'), { name: 'RoomError', code: 'invalid' });
  });

  it('gets its engine back within two seconds after a kill, under the same handle', async () => {
    const editor = await openScan(api, await writeCase('editor', 'ct-05'));
    const { scanId } = await editor.document.info();
    const pid = api.room.engines.pids()['view'];
    assert.ok(pid);
    const bound = await restartBound();
    const back = new Promise<number>((resolve) => {
      const start = performance.now();
      const subscription = api.room.engines.view.onBack(() => {
        subscription.dispose();
        resolve(performance.now() - start);
      });
    });
    process.kill(pid, 'SIGKILL');
    const ms = await back;
    assert.ok(ms < bound, `${ms} ms, bound ${bound} ms`);
    assert.notEqual(api.room.engines.pids()['view'], pid);
    const reply = await editor.slice({ scanId, plane: 'coronal', index: 5, layers: [{ kind: 'scan' }] });
    assert.equal(reply.geometry.width, DIMS[0]);
  });

  it('remembers what a view showed', async () => {
    const editor = await openScan(api, await writeCase('editor', 'ct-06'));
    await editor.saveState({ window: { width: 123, level: 45 } });
    await closeAll();
    const again = await openScan(api, editor.document.uri);
    assert.deepEqual((await again.ready()).state.window, { width: 123, level: 45 });
  });
});
