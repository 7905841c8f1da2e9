// The one context object of the extension: what is shared, made once in main.ts and handed to every command, tree and editor.

import * as vscode from 'vscode';
import { Bundles } from './bundles.ts';
import { DeviceState } from './device.ts';
import { ScanEditors } from './editor/provider.ts';
import { ViewStates } from './editor/state.ts';
import { Engines } from './engines.ts';
import { Pages } from './pages.ts';
import { Readings } from './readings.ts';
import { ReportDocuments } from './report/documents.ts';
import { RunLogs } from './run-log.ts';
import { Runs } from './runs.ts';
import { Scans } from './scans.ts';

export class Room implements vscode.Disposable {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engines: Engines;
  readonly bundles: Bundles;
  readonly readings: Readings;
  readonly scans: Scans;
  readonly runs: Runs;
  readonly states: ViewStates;
  readonly editors: ScanEditors;
  readonly pages: Pages;
  readonly runLogs: RunLogs;
  readonly device: DeviceState;
  readonly reports: ReportDocuments;
  #contextKeys = new Map<string, unknown>();

  constructor(context: vscode.ExtensionContext) {
    this.context = context;
    this.log = vscode.window.createOutputChannel('Reading Room', { log: true });
    this.engines = new Engines(context.extensionPath, this.log);
    this.bundles = new Bundles(this.engines.view, context.extensionPath, this.log);
    this.readings = new Readings(this.engines.view, context.globalStorageUri.fsPath, this.log);
    this.scans = new Scans(context.workspaceState, () => this.readings.folders());
    this.runs = new Runs(this.engines, this.log);
    this.states = new ViewStates(context.workspaceState);
    this.pages = new Pages();
    this.runLogs = new RunLogs();
    this.device = new DeviceState();
    this.reports = new ReportDocuments(this.readings);
    this.editors = new ScanEditors(this);
  }

  /** Sets the context key readingRoom.<name>. */
  setContext(name: string, value: unknown): void {
    if (this.#contextKeys.get(name) === value) return;
    this.#contextKeys.set(name, value);
    void vscode.commands.executeCommand('setContext', `readingRoom.${name}`, value);
  }

  contextKey(name: string): unknown {
    return this.#contextKeys.get(name);
  }

  /** Ticks a step of the walkthrough. */
  setDone(step: 'didOpenScan' | 'didRead' | 'didShowClue'): void {
    this.setContext(step, true);
  }

  dispose(): void {
    for (const one of [this.editors, this.device, this.pages, this.runLogs, this.reports, this.runs, this.scans, this.readings, this.bundles, this.engines, this.log]) one.dispose();
  }
}
