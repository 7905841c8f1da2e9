// Makes the sidebar's three trees. In Restricted Mode each says above its rows what is not available and why.

import * as vscode from 'vscode';
import type { Room } from '../room.ts';
import { BundleTree } from './bundles.ts';
import { RunTree } from './runs.ts';
import { ScanTree } from './scans.ts';

export interface Trees {
  bundles: BundleTree;
  scans: ScanTree;
  runs: RunTree;
  disposables: vscode.Disposable[];
}

export function registerTrees(room: Room): Trees {
  const bundles = new BundleTree(room);
  const scans = new ScanTree(room);
  const runs = new RunTree(room);
  const bundleView = vscode.window.createTreeView('readingRoom.bundles', { treeDataProvider: bundles, showCollapseAll: true });
  const scanView = vscode.window.createTreeView('readingRoom.scans', { treeDataProvider: scans, showCollapseAll: true });
  const runView = vscode.window.createTreeView('readingRoom.runs', { treeDataProvider: runs });
  const restricted = (): void => {
    bundleView.message = vscode.workspace.isTrusted ? undefined : 'Restricted Mode: models do not run, and bundles of this workspace are not listed.';
  };
  restricted();
  return { bundles, scans, runs, disposables: [bundles, scans, runs, bundleView, scanView, runView, vscode.workspace.onDidGrantWorkspaceTrust(restricted)] };
}
