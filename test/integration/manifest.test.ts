// The manifest and the code agree in both directions, and nothing in the manifest points into the void.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { TestApi } from '../../src/extension/test-api.ts';
import { EXTENSION, testApi } from './support.ts';

interface Manifest {
  contributes: {
    commands: { command: string; title: string; category: string }[];
    menus: Record<string, { command: string }[]>;
    keybindings: { command: string; key: string }[];
    viewsWelcome: { contents: string }[];
    walkthroughs: { steps: { description: string; completionEvents: string[] }[] }[];
    configuration: { properties: Record<string, { description?: string; markdownDescription?: string; default: unknown }> };
  };
}

describe('manifest', () => {
  const extension = vscode.extensions.getExtension<unknown>(EXTENSION);
  const { contributes } = extension?.packageJSON as Manifest;
  const declared = contributes.commands.map(({ command }) => command).sort();
  let api: TestApi;

  before(async () => {
    api = await testApi();
  });

  it('declares exactly the commands that are registered', async () => {
    assert.deepEqual([...api.commandIds].sort(), declared);
    const known = (await vscode.commands.getCommands(true)).filter((id) => /^readingRoom\.[a-zA-Z]+$/.test(id));
    assert.deepEqual(known.filter((id) => !declared.includes(id)), []);
  });

  it('titles every command under one category', () => {
    for (const { command, title, category } of contributes.commands) {
      assert.equal(category, 'Reading Room', command);
      assert.match(title, /^[A-Z]/, command);
    }
  });

  it('uses only declared commands in menus, keys, welcome texts and the walkthrough', async () => {
    const used = [
      ...Object.values(contributes.menus).flat().map(({ command }) => command),
      ...contributes.keybindings.map(({ command }) => command),
      ...[...contributes.viewsWelcome.map(({ contents }) => contents), ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ description }) => description))].flatMap((text) =>
        [...text.matchAll(/\(command:([\w.]+)\)/g)].map((match) => match[1] ?? ''),
      ),
    ];
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(used.filter((command) => (command.startsWith('readingRoom.') ? !declared.includes(command) : !known.has(command))), []);
  });

  it('names only files that exist', () => {
    const files = JSON.stringify(contributes).match(/"\.\/[^"]+"/g)?.map((text) => text.slice(1, -1)) ?? [];
    assert.ok(files.length > 5);
    assert.deepEqual(files.filter((file) => !fs.existsSync(path.join(extension?.extensionPath ?? '', file))), []);
  });

  it('describes every setting, with the default that VS Code gives', () => {
    for (const [key, setting] of Object.entries(contributes.configuration.properties)) {
      assert.ok((setting.markdownDescription ?? setting.description ?? '').length > 20, key);
      assert.deepEqual(vscode.workspace.getConfiguration().get(key), setting.default, key);
    }
  });
});
