// Tree "Scans with Readings": scans by folder, a DICOM series as one scan, and the saved readings under each.

import path from 'node:path';
import * as vscode from 'vscode';
import type { ReadingSummary } from '../../protocol/reading.ts';
import type { FolderNode, ReadingNode, RoomNode, ScanNode } from '../nodes.ts';
import { sameScan } from '../paths.ts';
import type { Room } from '../room.ts';
import type { ScanEntry } from '../scans.ts';
import { factItem } from './facts.ts';
import { timeWords } from '../words.ts';
import { Tree } from './provider.ts';

export class ScanTree extends Tree<RoomNode> {
  #room: Room;

  constructor(room: Room) {
    super();
    this.#room = room;
    this.follow(room.scans.onDidChange, room.readings.onDidChange);
  }

  async getChildren(node?: RoomNode): Promise<RoomNode[]> {
    if (node?.kind === 'scan') return (await this.#room.readings.of(node.scan.uri.fsPath)).map(readingNode);
    const scans = await this.#room.scans.list();
    if (node?.kind === 'folder') {
      if (node.uri.scheme === ELSEWHERE.scheme) return (await this.#elsewhere(scans)).map(readingNode);
      return scans.filter((scan) => parent(scan).toString() === node.uri.toString()).map(scanNode);
    }
    if (node) return [];
    const folders = new Map(scans.map((scan) => [parent(scan).toString(), parent(scan)]));
    const top: RoomNode[] = folders.size === 1 ? scans.map(scanNode) : [...folders.values()].map(folderNode);
    if (this.#room.scans.truncated) top.push({ kind: 'fact', icon: 'ellipsis', label: 'More scans are not listed', tooltip: 'The search of this workspace was ended at 5000 files. Open a subfolder to see its scans.' });
    if (scans.length > 0 || top.length > 0) {
      if ((await this.#elsewhere(scans)).length > 0) top.push({ kind: 'folder', uri: ELSEWHERE, label: 'Readings of other scans' });
    }
    return top;
  }

  async #elsewhere(scans: ScanEntry[]): Promise<ReadingSummary[]> {
    return (await this.#room.readings.list()).filter((reading) => !scans.some((scan) => sameScan(scan.uri.fsPath, reading.scanPath)));
  }

  async #hasReadings(scan: ScanEntry): Promise<boolean> {
    return (await this.#room.readings.of(scan.uri.fsPath)).length > 0;
  }

  async getTreeItem(node: RoomNode): Promise<vscode.TreeItem> {
    switch (node.kind) {
      case 'fact':
        return factItem(node);
      case 'folder':
        return folderItem(node);
      case 'scan':
        return scanItem(node, await this.#hasReadings(node.scan));
      case 'reading':
        return readingItem(node);
      default:
        throw new Error(`no item for ${node.kind}`);
    }
  }
}

const ELSEWHERE = vscode.Uri.from({ scheme: 'reading-room-other', path: '/' });

function parent(scan: ScanEntry): vscode.Uri {
  return vscode.Uri.joinPath(scan.uri, '..');
}

const scanNode = (scan: ScanEntry): ScanNode => ({ kind: 'scan', scan });
const readingNode = (summary: ReadingSummary): ReadingNode => ({ kind: 'reading', summary });

function folderNode(uri: vscode.Uri): FolderNode {
  return { kind: 'folder', uri, label: folderLabel(uri) };
}

/** The workspace folder itself has a name but no relative path. */
function folderLabel(uri: vscode.Uri): string {
  const own = vscode.workspace.getWorkspaceFolder(uri);
  return own?.uri.toString() === uri.toString() ? own.name : vscode.workspace.asRelativePath(uri);
}

function folderItem({ uri, label }: FolderNode): vscode.TreeItem {
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
  item.id = uri.toString();
  item.iconPath = vscode.ThemeIcon.Folder;
  return item;
}

function scanItem({ scan: { uri, files } }: ScanNode, hasReadings: boolean): vscode.TreeItem {
  const { None, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(path.basename(uri.fsPath), hasReadings ? Expanded : None);
  item.id = `scan ${uri.toString()}`;
  item.resourceUri = uri;
  item.iconPath = new vscode.ThemeIcon(/\.nii(\.gz)?$/i.test(uri.fsPath) ? 'file-media' : 'files');
  item.contextValue = 'scan';
  item.description = [files === undefined ? '' : `DICOM, ${files} files`, hasReadings ? '' : 'no reading'].filter(Boolean).join(', ');
  item.tooltip = uri.fsPath;
  item.command = { command: 'readingRoom.openScan', title: 'Open', arguments: [uri] };
  return item;
}

function readingItem({ summary }: ReadingNode): vscode.TreeItem {
  const item = new vscode.TreeItem(timeWords(new Date(summary.created)));
  item.id = `reading ${summary.path}`;
  item.iconPath = new vscode.ThemeIcon('note');
  item.contextValue = 'reading';
  item.description = [summary.bundle, summary.headline].filter(Boolean).join(' · ');
  const findings = summary.findings.length > 0 ? summary.findings.join(', ') : 'none';
  item.tooltip = `${summary.headline}\n\nFindings: ${findings}\nBundle: ${summary.bundle}\n${new Date(summary.created).toLocaleString()}\n${summary.path}`;
  item.command = { command: 'readingRoom.openReading', title: 'Open', arguments: [{ kind: 'reading', summary }] };
  return item;
}
