// Tree item of a line that tells something.

import * as vscode from 'vscode';
import type { FactNode } from '../nodes.ts';

export function factItem({ label, description, icon, tooltip }: FactNode): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.iconPath = new vscode.ThemeIcon(icon);
  if (description !== undefined) item.description = description;
  if (tooltip !== undefined) item.tooltip = tooltip;
  return item;
}
