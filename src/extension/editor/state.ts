// What an editor shows when it is opened again: kept per scan in the workspace's state, the newest two hundred scans.

import type { Memento, Uri } from 'vscode';
import type { ViewState } from '../../protocol/view.ts';

const KEY = 'scanStates';
const LIMIT = 200;

export class ViewStates {
  #memento: Memento;
  #states: Map<string, ViewState>;

  constructor(memento: Memento) {
    this.#memento = memento;
    this.#states = new Map(memento.get<[string, ViewState][]>(KEY, []));
  }

  get(uri: Uri): ViewState {
    return this.#states.get(uri.toString()) ?? {};
  }

  async set(uri: Uri, state: ViewState): Promise<void> {
    const key = uri.toString();
    this.#states.delete(key);
    this.#states.set(key, state);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= LIMIT) break;
      this.#states.delete(oldest);
    }
    await this.#memento.update(KEY, [...this.#states]);
  }
}
