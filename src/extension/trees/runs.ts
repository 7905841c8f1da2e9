// Tree "Runs": trainings and evaluations of the workspace, newest first, live ones with their step.

import * as vscode from 'vscode';
import type { RunSummary } from '../../protocol/run.ts';
import type { RoomNode, RunNode } from '../nodes.ts';
import type { Room } from '../room.ts';
import { Tree } from './provider.ts';

const ICONS: Record<RunSummary['state'], string> = { running: 'sync', done: 'check', stopped: 'debug-pause', failed: 'error' };

export class RunTree extends Tree<RoomNode> {
  #room: Room;

  constructor(room: Room) {
    super();
    this.#room = room;
    this.follow(room.runs.onDidChange);
  }

  async getChildren(node?: RoomNode): Promise<RoomNode[]> {
    return node ? [] : (await this.#room.runs.list()).map((run): RunNode => ({ kind: 'run', run }));
  }

  getTreeItem(node: RoomNode): vscode.TreeItem {
    if (node.kind !== 'run') throw new Error(`no item for ${node.kind}`);
    const { run } = node;
    const live = this.#room.runs.isLive(run.path);
    const item = new vscode.TreeItem(run.name);
    item.id = run.path;
    item.iconPath = live ? new vscode.ThemeIcon('sync~spin') : new vscode.ThemeIcon(ICONS[run.state], run.state === 'failed' ? new vscode.ThemeColor('list.errorForeground') : undefined);
    item.description = [progressWords(run), run.headline ? `${run.headline.name} ${run.headline.value.toFixed(3)}` : ''].filter(Boolean).join(' · ');
    item.contextValue = live ? 'run-live' : run.state === 'done' ? 'run' : 'run-stopped';
    item.tooltip = [`${run.recipe}: ${run.state}, step ${run.step} of ${run.steps}`, run.message, run.path].filter(Boolean).join('\n\n');
    item.command = { command: 'readingRoom.openRunLog', title: 'Open Log', arguments: [node] };
    return item;
  }
}

function progressWords(run: RunSummary): string {
  if (run.state === 'done') return '';
  const step = run.steps > 0 ? `${run.step}/${run.steps}` : '';
  const left = run.state === 'running' && run.secondsLeft !== undefined ? `${Math.ceil(run.secondsLeft / 60)} min left` : '';
  return [run.state === 'running' ? '' : run.state, step, left].filter(Boolean).join(', ');
}
