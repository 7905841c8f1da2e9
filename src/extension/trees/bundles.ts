// Tree "Bundles": each bundle with its stages, probes and limits; one that does not load shows its problem and the fix.

import * as vscode from 'vscode';
import type { BundleSummary } from '../../protocol/bundle.ts';
import type { BundleNode, FactNode, RoomNode } from '../nodes.ts';
import type { Room } from '../room.ts';
import * as settings from '../settings.ts';
import { factItem } from './facts.ts';
import { Tree } from './provider.ts';

const STAGE_ICONS: Record<string, string> = { encoder: 'eye', projector: 'arrow-swap', 'language-model': 'comment' };

export class BundleTree extends Tree<RoomNode> {
  #room: Room;

  constructor(room: Room) {
    super();
    this.#room = room;
    this.follow(room.bundles.onDidChange);
    this.disposables.push(settings.onDidChange(['bundle', 'bundleFolders'], () => room.bundles.refresh()));
  }

  async getChildren(node?: RoomNode): Promise<RoomNode[]> {
    if (!node) return (await this.#room.bundles.list()).map((bundle): BundleNode => ({ kind: 'bundle', bundle }));
    return node.kind === 'bundle' ? facts(node.bundle) : [];
  }

  getTreeItem(node: RoomNode): vscode.TreeItem {
    if (node.kind === 'fact') return factItem(node);
    if (node.kind !== 'bundle') throw new Error(`no item for ${node.kind}`);
    const { bundle } = node;
    const isDefault = settings.defaultBundle() === bundle.path;
    const item = new vscode.TreeItem(bundle.title || bundle.name || vscode.workspace.asRelativePath(bundle.path), vscode.TreeItemCollapsibleState.Collapsed);
    item.id = bundle.path;
    item.iconPath = bundle.problem ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground')) : new vscode.ThemeIcon('package');
    item.description = bundle.problem ? 'does not load' : [isDefault ? 'default' : '', this.#room.bundles.isShipped(bundle) ? 'shipped' : '', `${bundle.megabytes.toFixed(1)} MB`].filter(Boolean).join(', ');
    item.contextValue = bundle.problem ? 'bundle-problem' : isDefault ? 'bundle-default' : 'bundle';
    item.tooltip = [bundle.description, bundle.limits, bundle.problem?.message, bundle.path].filter(Boolean).join('\n\n');
    return item;
  }
}

function facts(bundle: BundleSummary): FactNode[] {
  if (bundle.problem) {
    return [
      { kind: 'fact', icon: 'error', label: bundle.problem.message, tooltip: bundle.problem.message },
      { kind: 'fact', icon: 'lightbulb', label: bundle.problem.fix, tooltip: bundle.problem.fix },
    ];
  }
  return [
    ...bundle.stages.map((stage): FactNode => ({ kind: 'fact', icon: STAGE_ICONS[stage.kind] ?? 'symbol-method', label: stage.name, description: stage.detail, tooltip: `${stage.kind}: ${stage.detail}` })),
    ...bundle.probes.map((probe): FactNode => ({ kind: 'fact', icon: 'search', label: probe.name, description: `probe of ${probe.tap}, R² ${probe.r2.toFixed(2)}`, tooltip: `Reconstructs the scan from ${probe.tap}; R² ${probe.r2.toFixed(3)} on held-out scans` })),
    ...(bundle.limits ? [{ kind: 'fact' as const, icon: 'info', label: 'Limits', description: bundle.limits, tooltip: bundle.limits }] : []),
  ];
}
