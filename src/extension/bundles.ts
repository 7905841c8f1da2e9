// The bundles that can read: the shipped ones, those in the folders of the settings, and those of a trusted workspace. A
// bundle that does not load is listed with its problem.

import path from 'node:path';
import * as vscode from 'vscode';
import type { BundleSummary } from '../protocol/bundle.ts';
import type { EngineLink } from './engine-link.ts';
import * as settings from './settings.ts';

const WORKSPACE_LIMIT = 100;

export class Bundles implements vscode.Disposable {
  readonly shippedFolder: string;
  #engine: EngineLink;
  #log: vscode.LogOutputChannel;
  #list: Promise<BundleSummary[]> | undefined;
  #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(engine: EngineLink, extensionPath: string, log: vscode.LogOutputChannel) {
    this.#engine = engine;
    this.#log = log;
    this.shippedFolder = path.join(extensionPath, 'models');
  }

  isShipped(bundle: BundleSummary): boolean {
    return path.dirname(bundle.path) === this.shippedFolder;
  }

  list(): Promise<BundleSummary[]> {
    this.#list ??= this.#find().catch((thrown: unknown) => {
      this.#list = undefined;
      this.#log.error(`Bundles could not be listed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      return [];
    });
    return this.#list;
  }

  /** The bundle that reads without asking: the setting's, if it loads. */
  async default(scan?: vscode.Uri): Promise<BundleSummary | undefined> {
    const wanted = settings.defaultBundle(scan);
    if (wanted === undefined) return undefined;
    const all = await this.list();
    return all.find((bundle) => bundle.path === wanted) ?? (await this.#engine.api.listBundles([wanted]))[0];
  }

  refresh(): void {
    this.#list = undefined;
    this.#changed.fire();
  }

  async #find(): Promise<BundleSummary[]> {
    const folders = [this.shippedFolder, ...settings.bundleFolders()];
    const chosen = settings.defaultBundle();
    if (chosen !== undefined) folders.push(chosen);
    if (vscode.workspace.isTrusted) {
      const manifests = await vscode.workspace.findFiles('**/reading-room.json', '**/{node_modules,.git,out,dist}/**', WORKSPACE_LIMIT);
      folders.push(...manifests.map((uri) => path.dirname(uri.fsPath)));
    }
    const found = await this.#engine.api.listBundles([...new Set(folders)]);
    return [...new Map(found.map((bundle) => [bundle.path, bundle])).values()];
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
