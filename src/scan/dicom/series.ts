// Groups DICOM images into series and puts their slices in geometric order. A stack is one SeriesInstanceUID, one image size,
// one orientation; order is Image Position . normal (PS3.3 C.7.6.2), never file names or instance numbers unless positions are
// missing. Uneven gaps, missing and doubled slices and gantry tilt are told as warnings; a tilted stack keeps its sheared affine.

import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RoomError } from '../../protocol/error.ts';
import { asFault, checkAborted, formatFault } from '../fault.ts';
import { add, affineFromColumns, cross, dot, norm, scale, shearAngle, sub, type Affine, type Vec3 } from '../geometry.ts';
import { type FrameInfo, type FramePlace, type ImageHeader, readImageHeader } from './image-header.ts';

export interface SliceRef {
  header: ImageHeader;
  frame: number;
  info: FrameInfo;
}

export interface Stack {
  /** In geometric order along the normal (columns x rows), ascending. */
  slices: SliceRef[];
  /** Voxel (column, row, slice) -> LPS millimetres. */
  affine: Affine;
  warnings: string[];
}

export interface Series {
  seriesUid: string;
  headers: ImageHeader[];
}

const maxFiles = 20_000;
const maxDepth = 6;

/** The series of a folder, most slices first, searched with its subfolders; `faults` tells of DICOM files that could not be used. */
export async function findSeries(folder: string, signal?: AbortSignal, recursive = true): Promise<{ series: Series[]; faults: RoomError[] }> {
  const files: string[] = [];
  await collect(folder, files, recursive ? maxDepth : 0);
  const headers: ImageHeader[] = [];
  const faults: RoomError[] = [];
  const queue = files.sort().values();
  const worker = async (): Promise<void> => {
    for (const file of queue) {
      checkAborted(signal);
      try {
        headers.push(await readImageHeader(file));
      } catch (thrown) {
        const fault = asFault(thrown, file, 'Reading');
        if (!/is not a DICOM file|holds no image/.test(fault.message)) faults.push(fault);
      }
    }
  };
  await Promise.all([worker(), worker(), worker(), worker(), worker(), worker(), worker(), worker()]);
  headers.sort((a, b) => (a.path < b.path ? -1 : 1));
  const groups = new Map<string, ImageHeader[]>();
  for (const header of headers) {
    const key = seriesKey(header);
    const group = groups.get(key);
    if (group) group.push(header);
    else groups.set(key, [header]);
  }
  const count = (s: Series): number => s.headers.reduce((n, h) => n + h.frames.length, 0);
  const series = [...groups.values()].map((group) => ({ seriesUid: group[0]?.seriesUid ?? '', headers: group }));
  series.sort((a, b) => count(b) - count(a));
  return { series, faults };
}

async function collect(folder: string, files: string[], depth: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: unknown) => { throw asFault(thrown, folder, 'Listing the folder'); });
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const link = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : undefined;
    if (entry.isFile() || link?.isFile()) files.push(path);
    else if (entry.isDirectory() && depth > 0) await collect(path, files, depth - 1);
    if (files.length > maxFiles) {
      throw new RoomError('limit', `${folder} holds more than ${maxFiles} files.`, 'Open the folder of one series.');
    }
  }
}

/** Series, size and orientation of an image; a multi-frame file is a series of its own. */
export function seriesKey(header: ImageHeader): string {
  const place = header.frames[0]?.place;
  const orientation = place ? [...place.rowDirection, ...place.columnDirection].map((v) => (Math.round(v * 1000) / 1000 + 0).toFixed(3)).join() : 'none';
  const { columns, rows, samples } = header.pixels;
  const alone = header.seriesUid === '' || header.frames.length > 1 ? header.path : '';
  return [header.seriesUid, columns, rows, samples, orientation, alone].join('|');
}

/** The file's own series among the files of its folder; the header alone when it is multi-frame or has no series. */
export async function seriesOf(path: string, signal?: AbortSignal): Promise<{ series: Series; faults: RoomError[] }> {
  const own = await readImageHeader(path);
  const alone = { series: { seriesUid: own.seriesUid, headers: [own] }, faults: [] };
  if (own.frames.length > 1 || own.seriesUid === '') return alone;
  const { series, faults } = await findSeries(dirname(path), signal, false);
  const key = seriesKey(own);
  const mine = series.find((s) => s.headers.some((h) => seriesKey(h) === key));
  return mine ? { series: mine, faults } : alone;
}

/** Orders slices and computes the affine. Throws 'format' when there is none. */
export function buildStack(headers: readonly ImageHeader[]): Stack {
  const all: SliceRef[] = headers.flatMap((header) => header.frames.map((info, frame) => ({ header, frame, info })));
  const first = all[0];
  if (!first) throw new RoomError('format', 'There is no DICOM image here.', 'Open a folder that holds DICOM images.');
  const warnings: string[] = [];
  const { pixelSpacing } = first.header;
  const [rowSpacing, columnSpacing] = pixelSpacing ?? [1, 1];
  if (!pixelSpacing) warnings.push('The file stores no pixel spacing; 1 mm was taken, so lengths are not to be trusted.');
  if (headers.some((h) => h.pixelSpacing?.[0] !== pixelSpacing?.[0] || h.pixelSpacing?.[1] !== pixelSpacing?.[1])) {
    warnings.push('Pixel spacing differs between slices; that of the first file was taken.');
  }
  const thickness = first.header.sliceSpacing ?? first.header.sliceThickness;
  const placed = all.filter((s): s is SliceRef & { info: { place: FramePlace } } => s.info.place !== undefined);
  if (placed.length < all.length || placed[0] === undefined) {
    warnings.push(all.length > 1 ? 'Slices without position or orientation: they are ordered by instance number and sides are guessed.' : 'The image has no position or orientation; sides are guessed.');
    const slices = all.sort((a, b) => a.header.instanceNumber - b.header.instanceNumber || a.frame - b.frame);
    return { slices, warnings, affine: affineFromColumns([columnSpacing, 0, 0], [0, rowSpacing, 0], [0, 0, thickness ?? 1], [0, 0, 0]) };
  }
  const { rowDirection, columnDirection } = placed[0].info.place;
  const normal = unit(cross(rowDirection, columnDirection));
  const height = (s: SliceRef & { info: { place: FramePlace } }): number => dot(s.info.place.position, normal);
  placed.sort((a, b) => height(a) - height(b) || a.header.instanceNumber - b.header.instanceNumber || a.frame - b.frame);
  const slices = withoutDoubles(placed, height, warnings);
  const origin = slices[0].info.place.position;
  const last = slices.at(-1)?.info.place.position ?? origin;
  let step = scale(normal, thickness ?? 1);
  if (slices.length > 1) {
    step = scale(sub(last, origin), 1 / (slices.length - 1));
    tellGaps(slices.map(height), slices.map((s) => s.info.place.position), warnings);
  } else if (thickness === undefined) {
    warnings.push('A single slice without thickness; 1 mm was taken.');
  }
  const affine = affineFromColumns(scale(unit(rowDirection), columnSpacing), scale(unit(columnDirection), rowSpacing), step, origin);
  const tilt = shearAngle(affine);
  if (tilt > 0.5) {
    const told = first.header.gantryTilt;
    warnings.push(`Gantry tilt: slices are shifted against each other by ${tilt.toFixed(1)} degrees${told !== undefined ? ` (the file says ${told})` : ''}; the affine is sheared, the voxels are not resampled.`);
  }
  return { slices, affine, warnings };
}

type Placed = SliceRef & { info: { place: FramePlace } };

// Two slices at one position cannot both be in a box of voxels: the first is kept.
function withoutDoubles(placed: readonly Placed[], height: (s: Placed) => number, warnings: string[]): [Placed, ...Placed[]] {
  const [first, ...rest] = placed as [Placed, ...Placed[]];
  const kept: [Placed, ...Placed[]] = [first];
  for (const slice of rest) if (height(slice) - height(kept.at(-1) as Placed) > 1e-3) kept.push(slice);
  const dropped = placed.length - kept.length;
  if (dropped > 0) warnings.push(`${dropped} of ${placed.length} slices lie at the position of another one and were left out.`);
  return kept;
}

function tellGaps(heights: readonly number[], positions: readonly Vec3[], warnings: string[]): void {
  const gaps = heights.slice(1).map((h, n) => h - (heights[n] as number));
  const median = [...gaps].sort((a, b) => a - b)[Math.floor((gaps.length - 1) / 2)] as number;
  const odd = gaps.flatMap((gap, n) => (Math.abs(gap - median) > Math.max(0.02 * median, 0.01) ? [{ gap, n }] : []));
  if (odd.length > 0) {
    const missing = odd.reduce((n, { gap }) => {
      const times = gap / median;
      return times > 1.5 && Math.abs(times - Math.round(times)) < 0.1 ? n + Math.round(times) - 1 : n;
    }, 0);
    const [smallest, largest] = [Math.min(...gaps), Math.max(...gaps)];
    const where = odd.slice(0, 3).map(({ gap, n }) => `${gap.toFixed(2)} mm after slice ${n}`).join(', ');
    warnings.push(`Uneven slice gaps, ${smallest.toFixed(2)} to ${largest.toFixed(2)} mm (${where}${odd.length > 3 ? ', ...' : ''})${missing > 0 ? `; ${missing} slice${missing > 1 ? 's seem' : ' seems'} to be missing` : ''}. Slices are drawn as if evenly spaced.`);
  }
  // Positions off the straight line between first and last.
  const origin = positions[0] as Vec3;
  const step = scale(sub(positions.at(-1) as Vec3, origin), 1 / Math.max(1, positions.length - 1));
  const drift = odd.length > 0 ? 0 : Math.max(...positions.map((p, n) => norm(sub(p, add(origin, scale(step, n))))));
  if (drift > 0.5) warnings.push(`Slices stray up to ${drift.toFixed(1)} mm from a straight line.`);
}

const unit = (v: Vec3): Vec3 => scale(v, 1 / (norm(v) || 1));

/** One warning for all files of the folder that could not be read. */
export function faultWarning(faults: readonly RoomError[]): string[] {
  const first = faults[0];
  return first ? [`${faults.length} DICOM file${faults.length > 1 ? 's' : ''} of the folder could not be read: ${first.message}${faults.length > 1 ? ' ...' : ''}`] : [];
}

/** Picks a series of a folder: the one asked for, else the largest. */
export function chooseSeries(folder: string, series: readonly Series[], faults: readonly RoomError[], uid?: string): { chosen: Series; warnings: string[] } {
  if (uid !== undefined) {
    const chosen = series.find((s) => s.seriesUid === uid);
    if (!chosen) throw new RoomError('not-found', `${folder} has no series ${uid}.`, 'Choose one of the series in the folder.');
    return { chosen, warnings: faultWarning(faults) };
  }
  const [chosen] = series;
  if (!chosen) throw faults[0] ?? formatFault(folder, 'holds no DICOM image.', 'Open a folder of DICOM images, or a NIfTI file.');
  const warnings = faultWarning(faults);
  if (series.length > 1) {
    warnings.push(`The folder has ${series.length} series or orientations; the largest (${chosen.headers.reduce((n, h) => n + h.frames.length, 0)} slices) is shown.`);
  }
  return { chosen, warnings };
}
