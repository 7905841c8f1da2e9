// The settings of section `readingRoom` as typed values, with paths made absolute. Values come from users' JSON files, so each
// is checked here and falls back to its default; nothing else reads the configuration.

import path from 'node:path';
import * as vscode from 'vscode';
import type { DeviceChoice } from '../protocol/reading.ts';
import type { WindowPreset } from '../protocol/scan.ts';

const SECTION = 'readingRoom';

function get(key: string, resource?: vscode.Uri): unknown {
  return vscode.workspace.getConfiguration(SECTION, resource).get<unknown>(key);
}

/** The workspace folder a file belongs to, or the first one. */
export function folderOf(resource?: vscode.Uri): vscode.WorkspaceFolder | undefined {
  return (resource && vscode.workspace.getWorkspaceFolder(resource)) ?? vscode.workspace.workspaceFolders?.[0];
}

function absolute(value: string, resource?: vscode.Uri): string {
  const folder = folderOf(resource)?.uri.fsPath;
  const filled = folder ? value.replaceAll('${workspaceFolder}', folder) : value;
  return path.resolve(folder ?? path.sep, filled);
}

export function deviceChoice(): DeviceChoice {
  const value = get('device');
  return value === 'cpu' || value === 'webgpu' ? value : 'auto';
}

/** The default bundle's folder, or undefined: ask. */
export function defaultBundle(resource?: vscode.Uri): string | undefined {
  const value = get('bundle', resource);
  return typeof value === 'string' && value !== '' ? absolute(value, resource) : undefined;
}

export function bundleFolders(): string[] {
  const value = get('bundleFolders');
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string').map((one) => absolute(one)) : [];
}

/** The folder of readings for a scan; `storage` is where they go without a workspace. */
export function readingsFolder(storage: string, resource?: vscode.Uri): string {
  const value = get('readingsFolder', resource);
  const text = typeof value === 'string' && value !== '' ? value : '${workspaceFolder}/readings';
  if (!folderOf(resource) && (text.includes('${workspaceFolder}') || !path.isAbsolute(text))) return path.join(storage, 'readings');
  return absolute(text, resource);
}

export function maxNewTokens(): number {
  const value = get('maxNewTokens');
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 ? Math.min(value, 4096) : 512;
}

export function windowPresets(): WindowPreset[] {
  const value = get('windowPresets');
  return Array.isArray(value) ? value.filter(isPreset) : [];
}

function isPreset(value: unknown): value is WindowPreset {
  if (typeof value !== 'object' || value === null) return false;
  const { name, key, width, level } = value as Record<string, unknown>;
  return typeof name === 'string' && typeof key === 'string' && typeof width === 'number' && width >= 1 && typeof level === 'number';
}

/** Writes a setting where it is already set, else for the workspace if there is one, else for the user. */
export async function update(key: string, value: unknown): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  const seen = configuration.inspect(key);
  const workspace = seen?.workspaceValue !== undefined || (seen?.globalValue === undefined && vscode.workspace.workspaceFolders !== undefined);
  await configuration.update(key, value, workspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global);
}

export function onDidChange(keys: string[], listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (keys.some((key) => event.affectsConfiguration(`${SECTION}.${key}`))) listener();
  });
}
