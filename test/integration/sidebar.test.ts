// The trees of the sidebar, and commands that say why they cannot run.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RoomNode } from '../../src/extension/nodes.ts';
import type { TestApi } from '../../src/extension/test-api.ts';
import { closeAll, testApi, until, workspaceFolder, writeCase, writeSeries } from './support.ts';

describe('sidebar', () => {
  let api: TestApi;
  const label = async (node: RoomNode): Promise<string> => String((await api.trees.scans.getTreeItem(node)).label);

  before(async () => {
    api = await testApi();
    await writeCase('cases', 'ct-11');
    await writeCase('cases', 'ct-12');
    await writeSeries('cases/ct-13');
  });
  after(closeAll);

  it('lists scans by folder, a series as one, label maps not at all', async () => {
    const folder = await until('the folder of cases is listed', async () => {
      for (const node of await api.trees.scans.getChildren()) if (node.kind === 'folder' && node.label === 'cases') return node;
      return undefined;
    });
    const scans = await until('all three scans are listed', async () => {
      const all = await api.trees.scans.getChildren(folder);
      return all.length === 3 && all;
    });
    assert.deepEqual(await Promise.all(scans.map(label)), ['ct-11.nii.gz', 'ct-12.nii.gz', 'ct-13']);
    const items = await Promise.all(scans.map((node) => api.trees.scans.getTreeItem(node)));
    assert.equal(items[0]?.description, 'no reading');
    assert.equal(items[2]?.description, 'DICOM, 12 files, no reading');
  });

  it('lists runs with state and headline, and opens their log as a table', async () => {
    const run = path.join(workspaceFolder(), 'runs', 'trial');
    await mkdir(run, { recursive: true });
    await writeFile(path.join(run, 'log.jsonl'), `${JSON.stringify({ step: 1, seconds: 2, values: { loss: 3.25 } })}\n{"step": 2, "sec`);
    await writeFile(path.join(run, 'status.json'), JSON.stringify({ name: 'trial', recipe: 'baseline', state: 'stopped', step: 1, steps: 10, headline: { name: 'loss', value: 3.25 } }));
    const node = await until('the run is listed', async () => (await api.trees.runs.getChildren()).find((one) => one.kind === 'run' && one.run.name === 'trial'));
    const item = api.trees.runs.getTreeItem(node);
    assert.equal(item.description, 'stopped, 1/10 · loss 3.250');
    assert.equal(item.contextValue, 'run-stopped');
    await vscode.commands.executeCommand('readingRoom.openRunLog', node);
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.match(text, /step +seconds +loss\n +1 +2\.0 +3\.2500/);
  });

  it('shows a bundle that does not load with its problem and fix', async () => {
    const bundle = path.join(workspaceFolder(), 'broken-bundle');
    await mkdir(bundle, { recursive: true });
    await writeFile(path.join(bundle, 'reading-room.json'), '{"schema": 1}');
    const node = await until('the bundle is listed', async () => (await api.trees.bundles.getChildren()).find((one) => one.kind === 'bundle' && one.bundle.path === bundle));
    assert.equal(api.trees.bundles.getTreeItem(node).contextValue, 'bundle-problem');
    const facts = await api.trees.bundles.getChildren(node);
    assert.equal(facts.length, 2);
    assert.ok(facts.every((fact) => fact.kind === 'fact' && fact.label.length > 5));
  });
});

describe('commands that cannot run', () => {
  let api: TestApi;

  before(async () => {
    api = await testApi();
    await closeAll();
  });

  it('say what is missing and offer the fix', () => {
    for (const id of ['toggleModelView', 'nextClue', 'previousClue', 'showLabelMap', 'showTokenGrid', 'windowPreset']) {
      const absent = api.missing(`readingRoom.${id}`);
      assert.match(absent?.why ?? '', /open scan editor/, id);
      assert.equal(absent?.fix.command, 'readingRoom.openSampleScan');
    }
  });

  it('run where nothing is missing', () => {
    for (const id of ['readScan', 'checkGpu', 'train', 'evaluate', 'openReading', 'showLog']) assert.equal(api.missing(`readingRoom.${id}`), undefined, id);
  });

  it('return without an error in every palette command that needs no answer', async () => {
    for (const id of ['toggleModelView', 'nextClue', 'cancelReading', 'windowPreset', 'showLabelMap']) await vscode.commands.executeCommand(`readingRoom.${id}`);
  });
});
