// Files that belong to a scan by their names: `<name>-labels.nii.gz` (or .nii) with `<name>-labels.json` for the names of
// its values, and `<name>.txt`, the reference report. `<name>` is the file without .nii or .nii.gz, or the folder of a DICOM
// series; the files lie beside it.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface Siblings {
  labels?: { path: string; names: Record<number, string> };
  reportPath?: string;
}

/** `path` is an existing file or folder; a file that is no NIfTI counts as one of a series and stands for its folder. */
export function findSiblings(path: string): Siblings {
  const stem = scanStem(path);
  const found: Siblings = {};
  const labels = [`${stem}-labels.nii.gz`, `${stem}-labels.nii`].find((file) => file !== path && existsSync(file));
  if (labels !== undefined) found.labels = { path: labels, names: labelNames(`${stem}-labels.json`) };
  if (existsSync(`${stem}.txt`)) found.reportPath = `${stem}.txt`;
  return found;
}

/** Path without the scan's extension, in whose place siblings have theirs. */
export function scanStem(path: string): string {
  if (statSync(path).isDirectory()) return path;
  if (/\.nii(\.gz)?$/i.test(path)) return join(dirname(path), basename(path).replace(/\.nii(\.gz)?$/i, ''));
  return dirname(path);
}

function labelNames(path: string): Record<number, string> {
  if (!existsSync(path)) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
  const names: Record<number, string> = {};
  if (typeof parsed !== 'object' || parsed === null) return names;
  for (const [key, value] of Object.entries(parsed)) {
    const label = Number(key);
    if (Number.isInteger(label) && label >= 0 && typeof value === 'string') names[label] = value;
  }
  return names;
}
