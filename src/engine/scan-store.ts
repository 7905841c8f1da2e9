// Open scans by handle, reference-counted: two views of one file share its voxels, and the last close lets them go. A
// handle is a digest of the path, so that a client which opens the same files again after a restart gets the same handles.

import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RoomError } from '../protocol/error.ts';
import type { Plane, ScanInfo, SliceGeometry, Vec3 } from '../protocol/scan.ts';
import { axcodes, spacing, voxelToMm } from '../scan/geometry.ts';
import { openScan } from '../scan/open.ts';
import { sliceGeometry } from '../scan/slice.ts';
import type { OpenScan, Volume } from '../scan/volume.ts';
import type { Grid } from './sampling.ts';
import { findSiblings } from './siblings.ts';

interface Entry {
  scan: OpenScan;
  info: ScanInfo;
  labels?: Promise<Grid>;
}

export class ScanStore {
  private readonly entries = new Map<string, { count: number; entry: Promise<Entry> }>();

  async open(path: string, options: { single?: boolean } = {}): Promise<ScanInfo> {
    const absolute = await realPath(path);
    const id = `scan-${digest(`${options.single === true ? 'single' : 'series'}:${absolute}`)}`;
    let held = this.entries.get(id);
    if (held === undefined) {
      held = { count: 0, entry: load(id, absolute, options.single === true) };
      this.entries.set(id, held);
    }
    held.count++;
    try {
      return (await held.entry).info;
    } catch (thrown) {
      this.entries.delete(id);
      throw thrown;
    }
  }

  async close(id: string): Promise<void> {
    const held = this.entries.get(id);
    if (held === undefined) return;
    held.count--;
    if (held.count > 0) return;
    this.entries.delete(id);
    await (await held.entry).scan.close();
  }

  async info(id: string): Promise<ScanInfo> {
    return (await this.entry(id)).info;
  }

  async geometry(id: string, plane: Plane, index: number): Promise<SliceGeometry> {
    const { scan } = await this.entry(id);
    const { dims, affine } = scan.info;
    const { width, height, origin, colStep, rowStep, sliceStep, edges } = sliceGeometry(dims, affine, plane, index);
    return { plane, index, width, height, origin, colStep, rowStep, sliceStep, edges };
  }

  /** Scaled values of one slice in display orientation. */
  async slice(id: string, plane: Plane, index: number): Promise<Int16Array | Float32Array> {
    return (await (await this.entry(id)).scan.slice(plane, index)).data;
  }

  async volume(id: string, signal?: AbortSignal, progress?: (done: number, total: number) => void): Promise<Volume> {
    return (await this.entry(id)).scan.volume(signal, progress);
  }

  async summary(id: string, signal?: AbortSignal): Promise<{ min: number; max: number; mean: number; storedSha256: string }> {
    return (await this.entry(id)).scan.summary(signal);
  }

  /** The label map beside the scan, read at first use. Throws 'not-found' where there is none. */
  async labels(id: string): Promise<Grid> {
    const entry = await this.entry(id);
    const path = entry.info.labels?.path;
    if (path === undefined) {
      throw new RoomError('not-found', `${entry.info.path} has no label map`, 'Put it beside the scan as <name>-labels.nii.gz.');
    }
    return (entry.labels ??= loadLabels(path));
  }

  private entry(id: string): Promise<Entry> {
    const held = this.entries.get(id);
    if (held === undefined) throw new RoomError('not-found', `Scan ${id} is not open`, 'Open the scan again.');
    return held.entry;
  }
}

async function load(scanId: string, path: string, single: boolean): Promise<Entry> {
  const scan = await openScan(path, { single });
  const { info } = scan;
  const { dims, affine } = info;
  const slices = {} as Record<Plane, number>;
  for (const plane of ['axial', 'coronal', 'sagittal'] as const) slices[plane] = sliceGeometry(dims, affine, plane, 0).count;
  return {
    scan,
    info: {
      scanId,
      path,
      format: info.format,
      dims,
      spacing: spacing(affine),
      affine,
      axcodes: axcodes(affine),
      dtype: info.stored,
      unit: info.unit === 'HU' ? 'HU' : 'unknown',
      slices,
      bounds: bounds(dims, affine),
      warnings: info.warnings,
      facts: facts(info.modality, info.tags),
      ...findSiblings(path),
    },
  };
}

function facts(modality: string, tags: Record<string, string | number>): Record<string, string> {
  const all: Record<string, string> = modality === '' ? {} : { modality };
  for (const [name, value] of Object.entries(tags)) all[name] = String(value);
  return all;
}

function bounds(dims: Vec3, affine: readonly number[]): readonly [Vec3, Vec3] {
  const min: [number, number, number] = [Infinity, Infinity, Infinity];
  const max: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (let corner = 0; corner < 8; corner++) {
    const mm = voxelToMm(affine, [corner & 1 ? dims[0] - 1 : 0, corner & 2 ? dims[1] - 1 : 0, corner & 4 ? dims[2] - 1 : 0]);
    for (const axis of [0, 1, 2] as const) {
      min[axis] = Math.min(min[axis], mm[axis]);
      max[axis] = Math.max(max[axis], mm[axis]);
    }
  }
  return [min, max];
}

async function loadLabels(path: string): Promise<Grid> {
  const scan = await openScan(path, { single: true });
  try {
    const { data, dims, affine } = await scan.volume();
    const labels = new Uint8Array(data.length);
    for (let n = 0; n < data.length; n++) {
      const value = data[n]!;
      if (value < 0 || value > 255 || !Number.isInteger(value)) {
        throw new RoomError('unsupported', `${path}: ${value} is no label value`, 'A label map holds whole numbers from 0 to 255.');
      }
      labels[n] = value;
    }
    return { data: labels, dims, affine };
  } finally {
    await scan.close();
  }
}

export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(resolve(path));
  } catch (thrown) {
    throw new RoomError('not-found', `There is no file or folder ${path}`, 'Check the path.', { cause: thrown });
  }
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
