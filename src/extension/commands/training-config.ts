// Which config a training runs by: one of the workspace (a JSON file with a field `recipe`), one from elsewhere, or a new one
// made from the shipped bundle's, which is opened for editing and not run at once.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { RoomError } from '../../protocol/error.ts';
import type { Room } from '../room.ts';
import { pickBundle } from './pick.ts';

const CONFIG_LIMIT = 200;
const NOT_CONFIGS = '**/{node_modules,.git,dist,out,runs,readings,.vscode}/**';

export type Verb = 'train' | 'probeTrain';

type Item = vscode.QuickPickItem & { action: { file: string } | 'new' | 'browse' };

/** The recipe that a config names; undefined where the file is no config. */
export async function recipeOf(file: string): Promise<string | undefined> {
  return readConfig(file).then(
    (config) => (typeof config['recipe'] === 'string' ? config['recipe'] : undefined),
    () => undefined,
  );
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (typeof parsed !== 'object' || parsed === null) throw new RoomError('invalid', `${file} holds no object`, 'Choose a config file.');
  return parsed as Record<string, unknown>;
}

const isFor = (verb: Verb, recipe: string): boolean => recipe.includes('probe') === (verb === 'probeTrain');

/** Path of the config; undefined: the user cancelled or edits a new one first. */
export async function pickConfig(room: Room, verb: Verb): Promise<string | undefined> {
  const found = await vscode.workspace.findFiles('**/*.json', NOT_CONFIGS, CONFIG_LIMIT);
  const recipes = await Promise.all(found.map(async ({ fsPath }) => ({ file: fsPath, recipe: await recipeOf(fsPath) })));
  const items = recipes.flatMap(({ file, recipe }): Item[] =>
    recipe !== undefined && isFor(verb, recipe) ? [{ label: path.basename(file), description: recipe, detail: vscode.workspace.asRelativePath(file), action: { file } }] : [],
  );
  items.push({ label: '$(new-file) New config...', description: 'from the one of the shipped bundle, to edit first', action: 'new' });
  items.push({ label: '$(folder-opened) Browse...', description: 'a JSON file with a field "recipe"', action: 'browse' });
  const title = verb === 'train' ? 'Train' : 'Train Probe';
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: 'Which config?' });
  if (!picked) return undefined;
  if (picked.action === 'new') return newConfig(room, verb);
  if (picked.action !== 'browse') return picked.action.file;
  return (await vscode.window.showOpenDialog({ title, openLabel: 'Train', filters: { JSON: ['json'] } }))?.[0]?.fsPath;
}

async function newConfig(room: Room, verb: Verb): Promise<undefined> {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const shipped = await vscode.workspace.findFiles(new vscode.RelativePattern(vscode.Uri.file(room.bundles.shippedFolder), '*/training/*.json'));
  const recipes = await Promise.all(shipped.map(async ({ fsPath }) => ({ file: fsPath, recipe: await recipeOf(fsPath) })));
  const source = recipes.find(({ recipe }) => recipe !== undefined && isFor(verb, recipe))?.file;
  if (root === undefined || source === undefined) throw new RoomError('not-found', 'No shipped bundle comes with such a config', 'Choose a config with Browse.');
  const config = await readConfig(source);
  if (typeof config['data'] === 'object') config['data'] = { ...config['data'], folder: '../runs/phantoms' };
  if (verb === 'probeTrain') {
    const bundle = await pickBundle(room, 'Train Probe: the bundle that gets the probe');
    if (bundle === undefined) return undefined;
    config['bundle'] = bundle;
  }
  const file = await freeFile(path.join(root, 'configs'), verb === 'train' ? 'train' : 'probe');
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`);
  await vscode.window.showTextDocument(vscode.Uri.file(file));
  const again = verb === 'train' ? 'readingRoom.train' : 'readingRoom.trainProbe';
  void vscode.window.showInformationMessage(`${path.basename(file)} is a copy of the shipped config. Edit it, then train by it.`, 'Train Now').then((picked) => {
    if (picked) void vscode.commands.executeCommand(again, vscode.Uri.file(file));
  });
  return undefined;
}

/** `name.json` in `folder`, or `name-2.json` ... where it exists. */
async function freeFile(folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (let n = 1; ; n++) {
    const file = path.join(folder, n === 1 ? `${name}.json` : `${name}-${n}.json`);
    try {
      await vscode.workspace.fs.stat(vscode.Uri.file(file));
    } catch {
      return file;
    }
  }
}
