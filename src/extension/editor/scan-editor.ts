// One scan editor: answers its webview (HostApi), passes slices on from the view engine, and carries commands and progress to
// it. It holds the readings it has shown open in the engine, and nothing of the scan itself.

import * as vscode from 'vscode';
import type { OpenReading, HostApi, ReadProgress, ViewAction, ViewInit, ViewState } from '../../protocol/view.ts';
import { errorInfo, RoomError } from '../../protocol/error.ts';
import type { Room } from '../room.ts';
import * as settings from '../settings.ts';
import { openChannel, type Channel } from './channel.ts';
import type { ScanDocument } from './document.ts';
import { scanHtml, webviewOptions } from './html.ts';

const HOST_METHODS = [
  'ready', 'slice', 'place', 'clueRegion', 'tokenErrors', 'openReading', 'command', 'cancelRead', 'status', 'saveState', 'mark', 'copy',
] as const satisfies readonly (keyof HostApi)[];

/** How long the first answer to the view waits for the list of readings. */
const LIST_WAIT_MS = 30;

export type ViewStatus = Parameters<HostApi['status']>[0];

export class ScanEditor implements HostApi, vscode.Disposable {
  readonly document: ScanDocument;
  readonly panel: vscode.WebviewPanel;
  /** What the view last said of itself. */
  viewStatus: ViewStatus = {};
  /** Milliseconds by name, as the view measured them. */
  readonly marks = new Map<string, number>();
  /** The reading on screen. */
  reading: OpenReading | undefined;
  #room: Room;
  #channel: Channel;
  #isReady = false;
  #held = new Map<string, OpenReading>();
  /** To show as soon as the view is ready. */
  #pending: { path: string; clueId?: string } | undefined;
  #actions: ViewAction[] = [];
  #disposables: vscode.Disposable[] = [];

  constructor(room: Room, document: ScanDocument, panel: vscode.WebviewPanel) {
    this.#room = room;
    this.document = document;
    this.panel = panel;
    const { webview } = panel;
    webview.options = webviewOptions(room.context.extensionUri);
    this.#channel = openChannel(webview, this, HOST_METHODS);
    const { view } = room.engines;
    this.#disposables.push(
      this.#channel,
      view.onLost((detail) => this.tellEngine('lost', `The process that serves slices ended (${detail}); another one is starting.`)),
      view.onBack(() => this.tellEngine('back', 'Slices are served again.')),
      view.onFailed((detail) => this.tellEngine('lost', `The engine does not start: ${detail}. Run "Reading Room: Restart Engine".`)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.reload()),
      settings.onDidChange(['windowPresets'], () => this.reload()),
    );
    this.reload();
  }

  /** Loads the page anew; the view comes back where it was. */
  reload(): void {
    this.#isReady = false;
    this.panel.webview.html = scanHtml(this.panel.webview, this.#room.context.extensionUri, this.document.path);
  }

  /** A hidden view loses its page; it asks for everything again when it is shown. */
  hidden(): void {
    this.#isReady = false;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Opens a saved reading in the view, now or when it is ready. */
  async show(path: string, clueId?: string): Promise<void> {
    this.#pending = { path, ...(clueId === undefined ? {} : { clueId }) };
    if (!this.#isReady) return;
    const pending = this.#pending;
    const open = await this.openReading(path);
    if (this.#pending !== pending) return;
    this.#pending = undefined;
    this.#channel.tell('showReading', open, clueId);
    if (clueId !== undefined) void this.#room.setDone('didShowClue');
  }

  /** Brings the editor to front and does something in its view, as soon as that is ready. */
  act(action: ViewAction): void {
    if (!this.panel.active) this.panel.reveal();
    if (this.#isReady) this.#channel.tell('act', action);
    else this.#actions.push(action);
  }

  progress(progress: ReadProgress): void {
    if (this.#isReady) this.#channel.tell('readProgress', progress);
  }

  /** The reading in the making is saved at `path`. */
  async finished(path: string): Promise<void> {
    if (this.#isReady) this.progress({ phase: 'done', open: await this.openReading(path) });
    else this.#pending = { path };
  }

  async readingsChanged(): Promise<void> {
    if (this.#isReady) this.#channel.tell('readingsChanged', await this.#room.readings.of(this.document.path));
  }

  /** Tells the view that an engine process ended or came back. */
  tellEngine(state: 'lost' | 'back', detail: string): void {
    if (this.#isReady) this.#channel.tell('engine', state, detail);
  }

  async ready(): Promise<ViewInit> {
    const state: ViewState = { ...this.#room.states.get(this.document.uri) };
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending) {
      state.readingPath = pending.path;
      if (pending.clueId === undefined) delete state.clueId;
      else state.clueId = pending.clueId;
    }
    const listing = this.#room.readings.of(this.document.path);
    const scan = await this.document.info().then((info) => ({ scan: info }), (thrown: unknown) => ({ error: errorInfo(thrown) }));
    // The first slice does not wait for a long list; it follows as soon as it is there.
    const readings = await Promise.race([listing, new Promise<undefined>((resolve) => setTimeout(resolve, LIST_WAIT_MS))]);
    if (!readings) void listing.then(() => this.readingsChanged());
    const reading = state.readingPath === undefined ? undefined : await this.openReading(state.readingPath).catch(() => undefined);
    this.#isReady = true;
    setTimeout(() => this.#catchUp(), 0);
    if (!('error' in scan)) void this.#room.setDone('didOpenScan');
    return {
      ...scan,
      presets: settings.windowPresets(),
      state,
      readings: readings ?? [],
      ...(reading ? { reading } : {}),
      canRead: vscode.workspace.isTrusted ? { ok: true } : { ok: false, why: 'This workspace is in Restricted Mode: scans and saved readings can be viewed, models do not run. Trust the workspace to read scans.' },
    };
  }

  /** After the view has its first state: the reading in the making, and what commands wanted of it. */
  #catchUp(): void {
    for (const progress of this.document.job?.history ?? []) this.progress(progress);
    for (const action of this.#actions.splice(0)) this.#channel.tell('act', action);
  }

  slice(request: Parameters<HostApi['slice']>[0]): ReturnType<HostApi['slice']> {
    return this.document.slice(request);
  }

  place(readingId: string, point: Parameters<HostApi['place']>[1]): ReturnType<HostApi['place']> {
    return this.#room.engines.view.api.place(readingId, point);
  }

  clueRegion(readingId: string, clueId: string, method: 'occlusion' | 'attention'): ReturnType<HostApi['clueRegion']> {
    void this.#room.setDone('didShowClue');
    return this.#room.engines.view.api.clueRegion(readingId, clueId, method);
  }

  tokenErrors(readingId: string): ReturnType<HostApi['tokenErrors']> {
    return this.#room.engines.view.api.tokenErrors(readingId);
  }

  async openReading(path: string): Promise<OpenReading> {
    const held = this.#held.get(path) ?? { ...(await this.#room.engines.view.api.openReading(path)), path };
    this.#hold(held);
    return held;
  }

  async command(id: string): Promise<void> {
    if (!id.startsWith('readingRoom.')) {
      throw new RoomError('invalid', `The view asked for the command ${id}.`, 'It may run commands of Reading Room only.');
    }
    await vscode.commands.executeCommand(id, this.document.uri);
  }

  async cancelRead(): Promise<void> {
    this.document.job?.cancel();
  }

  async status(status: ViewStatus): Promise<void> {
    this.viewStatus = status;
    this.#room.editors.changed(this);
  }

  saveState(state: ViewState): Promise<void> {
    return this.#room.states.set(this.document.uri, state);
  }

  async mark(name: string, ms: number): Promise<void> {
    this.marks.set(name, ms);
    this.#room.log.debug(`[view] ${name}: ${ms.toFixed(1)} ms`);
  }

  async copy(text: string): Promise<void> {
    await vscode.env.clipboard.writeText(text);
  }

  #hold(open: OpenReading): void {
    this.#held.set(open.path, open);
    this.reading = open;
    this.#room.editors.changed(this);
  }

  dispose(): void {
    for (const { readingId } of this.#held.values()) {
      this.#room.engines.view.api.closeReading(readingId).catch(() => {}); // a lost engine has closed it
    }
    for (const one of this.#disposables) one.dispose();
  }
}
