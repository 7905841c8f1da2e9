// Elements of the three trees. Commands receive them as arguments from inline actions and context menus.

import type { Uri } from 'vscode';
import type { BundleSummary } from '../protocol/bundle.ts';
import type { ReadingSummary } from '../protocol/reading.ts';
import type { RunSummary } from '../protocol/run.ts';
import type { ScanEntry } from './scans.ts';

export type BundleNode = { kind: 'bundle'; bundle: BundleSummary };
export type ScanNode = { kind: 'scan'; scan: ScanEntry };
export type ReadingNode = { kind: 'reading'; summary: ReadingSummary };
export type RunNode = { kind: 'run'; run: RunSummary };
export type FolderNode = { kind: 'folder'; uri: Uri; label: string };
/** A line that tells something and has no children. */
export type FactNode = { kind: 'fact'; label: string; description?: string; icon: string; tooltip?: string };

export type RoomNode = BundleNode | ScanNode | ReadingNode | RunNode | FolderNode | FactNode;

const KINDS: readonly string[] = ['bundle', 'scan', 'reading', 'run', 'folder', 'fact'];

export function isNode(value: unknown): value is RoomNode {
  return typeof value === 'object' && value !== null && 'kind' in value && KINDS.includes(String(value.kind));
}
