// An open DICOM series (or one file of it, or a multi-frame file): headers are read at opening, pixels per slice on demand,
// so that the wanted slice is decoded first. Voxels start as int16; the volume turns to float32 when a slice does not fit.

import { stat } from 'node:fs/promises';
import { asFault, breathe, checkAborted } from '../fault.ts';
import { SharedLoad } from '../shared-load.ts';
import { extractSlice, orientPlane, sliceGeometry, type Plane, type SliceImage } from '../slice.ts';
import { SummaryBuilder, toVoxels } from '../stored.ts';
import type { OpenOptions, OpenScan, Progress, ScanInfo, ScanSummary, Volume, Voxels } from '../volume.ts';
import { readImageHeader } from './image-header.ts';
import { FrameReader } from './pixels.ts';
import { buildStack, chooseSeries, faultWarning, findSeries, seriesOf, type SliceRef, type Stack } from './series.ts';

/** Opens a DICOM folder, a file with its series, or (`single`) one file. Throws RoomError. */
export async function openDicom(path: string, options: OpenOptions = {}, signal?: AbortSignal): Promise<OpenScan> {
  const info = await stat(path).catch((thrown: unknown) => { throw asFault(thrown, path, 'Opening'); });
  if (info.isDirectory()) {
    const { series, faults } = await findSeries(path, signal);
    const { chosen, warnings } = chooseSeries(path, series, faults, options.series);
    return new DicomScan(buildStack(chosen.headers), warnings);
  }
  if (options.single) return new DicomScan(buildStack([await readImageHeader(path)]), []);
  const { series, faults } = await seriesOf(path, signal);
  return new DicomScan(buildStack(series.headers), faultWarning(faults));
}

class DicomScan implements OpenScan {
  readonly info: ScanInfo;
  readonly #slices: SliceRef[];
  readonly #readers = new Map<string, FrameReader>();
  readonly #volume = new SharedLoad((signal, progress) => this.#load(signal, progress));

  constructor(stack: Stack, warnings: string[]) {
    this.#slices = stack.slices;
    const { header } = stack.slices[0] as SliceRef;
    const { columns, rows, stored, photometric } = header.pixels;
    const dims: [number, number, number] = [columns, rows, stack.slices.length];
    const own = new Set(stack.slices.flatMap((s) => s.header.warnings));
    this.info = {
      format: 'dicom', dims, affine: stack.affine, shape: dims, stored,
      unit: header.modality === 'CT' ? 'HU' : '', modality: header.modality,
      ...(header.window ? { window: header.window } : {}),
      inverted: photometric === 'MONOCHROME1',
      warnings: [...stack.warnings, ...warnings, ...own],
      tags: header.tags,
    };
    const types = new Set(stack.slices.map((s) => s.header.pixels.stored));
    if (types.size > 1) this.info.warnings.push(`Slices are stored in different types (${[...types].join(', ')}).`);
  }

  async slice(plane: Plane, index: number, signal?: AbortSignal): Promise<SliceImage> {
    const { dims, affine } = this.info;
    const geometry = sliceGeometry(dims, affine, plane, index);
    if (this.#volume.value !== undefined || geometry.axes.normal !== 2) {
      return extractSlice((this.#volume.value ?? (await this.volume(signal))).data, dims, affine, plane, index);
    }
    checkAborted(signal);
    return { ...geometry, data: orientPlane(await this.#voxels(this.#slices[index] as SliceRef), geometry, dims[0]) };
  }

  volume(signal?: AbortSignal, progress?: Progress): Promise<Volume> {
    return this.#volume.get(signal, progress);
  }

  async #load(signal: AbortSignal, progress: Progress): Promise<Volume> {
    const { dims } = this.info;
    const plane = dims[0] * dims[1];
    let data: Voxels | undefined;
    for (const [k, ref] of this.#slices.entries()) {
      checkAborted(signal);
      const voxels = await this.#voxels(ref);
      data ??= voxels instanceof Int16Array ? new Int16Array(plane * dims[2]) : new Float32Array(plane * dims[2]);
      if (data instanceof Int16Array && voxels instanceof Float32Array) data = Float32Array.from(data);
      data.set(voxels, k * plane);
      progress(k + 1, dims[2]);
      await breathe();
    }
    return { ...this.info, data: data ?? new Int16Array(0) };
  }

  async summary(signal?: AbortSignal, progress?: Progress): Promise<ScanSummary> {
    const builder = new SummaryBuilder();
    const oneFile = this.#slices.every((s) => s.header === this.#slices[0]?.header);
    // One multi-frame file is summed in file order, frames without a place of their own included.
    const header = this.#slices[0]?.header;
    const refs = oneFile && header ? header.frames.map((info, frame) => ({ header, frame, info })) : this.#slices;
    for (const [k, ref] of refs.entries()) {
      checkAborted(signal);
      builder.add(await this.#reader(ref).stored(ref.frame), ref.header.pixels.stored, ref.info.scaling);
      progress?.(k + 1, refs.length);
      await breathe();
    }
    if (builder.nonFinite > 0) this.info.warnings.push(`${builder.nonFinite} voxels are not finite; minimum, maximum and mean leave them out.`);
    return builder.finish();
  }

  async close(): Promise<void> {
    this.#volume.close();
    for (const reader of this.#readers.values()) await reader.close();
  }

  async #voxels(ref: SliceRef): Promise<Voxels> {
    return toVoxels(await this.#reader(ref).stored(ref.frame), ref.header.pixels.stored, ref.info.scaling).data;
  }

  #reader({ header }: SliceRef): FrameReader {
    let reader = this.#readers.get(header.path);
    if (!reader) {
      reader = new FrameReader(header);
      this.#readers.set(header.path, reader);
    }
    return reader;
  }
}
