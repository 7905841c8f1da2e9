// Paths of scans as the extension handles them. A scan is a file or a folder (DICOM series) on the machine of the extension
// host; two paths name the same scan when they are equal or one is the folder of the other's series.

import path from 'node:path';

const SCAN = /\.(nii|nii\.gz|dcm)$/i;
const LABELS = /-labels\.nii(\.gz)?$/i;

export const SCAN_GLOB = '**/*.{nii,nii.gz,dcm,NII,DCM}';

export function isScanFile(file: string): boolean {
  return SCAN.test(file) && !LABELS.test(file);
}

export function isDicomFile(file: string): boolean {
  return /\.dcm$/i.test(file);
}

/** Whether `inner` is `outer` or lies in it. */
export function contains(outer: string, inner: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

/** Whether two paths name the same scan: equal, or both in one folder of DICOM files, or that folder itself. */
export function sameScan(a: string, b: string): boolean {
  if (a === b) return true;
  return seriesFolder(a) === seriesFolder(b) && !/\.nii(\.gz)?$/i.test(a) && !/\.nii(\.gz)?$/i.test(b);
}

function seriesFolder(scan: string): string {
  return isDicomFile(scan) ? path.dirname(scan) : scan;
}

/** `ct-01.nii.gz` -> `ct-01`; folders keep their name. */
export function scanName(scan: string): string {
  return path.basename(scan).replace(SCAN, '');
}

/** Name of a new reading's folder: sortable by time within a scan. */
export function readingName(scan: string, bundle: string, now: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const safe = (text: string): string => text.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 60);
  return `${safe(scanName(scan))}-${safe(path.basename(bundle))}-${date}-${time}`;
}
