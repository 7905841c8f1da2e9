// An open NIfTI-1 scan. Axial-like slices (normal = k) are read by position from a plain .nii and, from .nii.gz, as soon as
// the inflating stream has passed them; other planes need the whole frame. One 3D frame is a volume: of a 4D file the
// frame is chosen at opening. The summary streams over all frames in constant memory.

import { RoomError } from '../protocol/error.ts';
import { openBytes, type ByteSource } from './byte-source.ts';
import { breathe, checkAborted, formatFault } from './fault.ts';
import { flipLpsRas } from './geometry.ts';
import { parseNiftiHeader, type NiftiHeader } from './nifti-header.ts';
import { SharedLoad } from './shared-load.ts';
import { extractSlice, orientPlane, sliceGeometry, type Plane, type SliceImage } from './slice.ts';
import { storedArray, SummaryBuilder, toVoxels } from './stored.ts';
import type { OpenOptions, OpenScan, Progress, ScanInfo, ScanSummary, Volume } from './volume.ts';
import { storedBytes } from './volume.ts';

/** Opens a .nii or .nii.gz; reads the header only. Throws RoomError 'format', 'unsupported', 'not-found' or 'invalid'. */
export async function openNifti(path: string, options: OpenOptions = {}): Promise<OpenScan> {
  const bytes = await openBytes(path);
  try {
    const header = parseNiftiHeader(await bytes.read(0, 352, { short: true }), path);
    const frame = options.frame ?? 0;
    if (!Number.isInteger(frame) || frame < 0 || frame >= header.frames) {
      throw new RoomError('invalid', `There is no frame ${frame}: the file has ${header.frames}.`, `Give a frame from 0 to ${header.frames - 1}.`);
    }
    const end = header.voxelOffset + header.frameBytes * header.frames;
    if (end > bytes.limit) {
      throw formatFault(path, `ends early: ${header.shape.join(' x ')} ${header.stored} voxels take ${end} bytes, the file ${bytes.compressed ? 'can hold' : 'has'} ${bytes.limit}.`, 'The copy is incomplete: get the file again.');
    }
    return new NiftiScan(path, bytes, header, frame);
  } catch (thrown) {
    await bytes.close();
    throw thrown;
  }
}

class NiftiScan implements OpenScan {
  readonly info: ScanInfo;
  readonly #path: string;
  readonly #bytes: ByteSource;
  readonly #header: NiftiHeader;
  readonly #frameStart: number;
  readonly #volume = new SharedLoad((signal, progress) => this.#load(signal, progress));

  constructor(path: string, bytes: ByteSource, header: NiftiHeader, frame: number) {
    this.#path = path;
    this.#bytes = bytes;
    this.#header = header;
    this.#frameStart = header.voxelOffset + frame * header.frameBytes;
    const warnings = [...header.warnings];
    if (header.frames > 1) warnings.push(`The file has ${header.frames} frames (${header.shape.join(' x ')}); frame ${frame} is shown.`);
    this.info = {
      format: 'nifti', dims: header.dims, affine: flipLpsRas(header.ras), shape: header.shape, stored: header.stored,
      unit: header.unit, modality: header.unit === 'HU' ? 'CT' : '', inverted: false, warnings,
      tags: { byteOrder: header.bigEndian ? 'big-endian' : 'little-endian', slope: header.scaling.slope, intercept: header.scaling.inter },
    };
  }

  async slice(plane: Plane, index: number, signal?: AbortSignal): Promise<SliceImage> {
    const { dims, affine } = this.info;
    const geometry = sliceGeometry(dims, affine, plane, index);
    if (this.#volume.value !== undefined || geometry.axes.normal !== 2) {
      return extractSlice((this.#volume.value ?? (await this.volume(signal))).data, dims, affine, plane, index);
    }
    const length = dims[0] * dims[1] * storedBytes[this.#header.stored];
    const bytes = await this.#bytes.read(this.#frameStart + index * length, length, signal ? { signal } : {});
    // The rest is inflated behind the first slice, whose reader does not wait for it.
    if (this.#bytes.compressed) this.volume().catch(() => undefined);
    return { ...geometry, data: orientPlane(this.#voxels(bytes).data, geometry, dims[0]) };
  }

  volume(signal?: AbortSignal, progress?: Progress): Promise<Volume> {
    return this.#volume.get(signal, progress);
  }

  async #load(signal: AbortSignal, progress: Progress): Promise<Volume> {
    const total = this.#header.frameBytes;
    // Ask for the whole frame first, so that the inflating stream never sleeps; then follow it for progress.
    const whole = this.#bytes.read(this.#frameStart, total, { signal });
    whole.catch(() => undefined);
    if (this.#bytes.compressed) {
      for (let done = 0; done < total; done = Math.min(total, done + (16 << 20))) {
        await this.#bytes.read(this.#frameStart, done, { signal });
        progress(done, total);
      }
    }
    const bytes = await whole;
    // One byte past the end makes the stream finish, and with it gzip's checksum.
    if (this.#header.frames === 1) await this.#bytes.read(this.#frameStart + total, 1, { short: true });
    checkAborted(signal);
    const { data, exact } = this.#voxels(bytes);
    progress(total, total);
    if (!exact) this.info.warnings.push(`Some ${this.#header.stored} values above 2^24 were rounded to float32.`);
    // Once the volume answers for slices, the inflated bytes are not needed.
    setImmediate(() => { if (this.#volume.value !== undefined) this.#bytes.release(); });
    return { ...this.info, data };
  }

  async summary(signal?: AbortSignal, progress?: Progress): Promise<ScanSummary> {
    const { voxelOffset, frameBytes, frames, stored, bigEndian, scaling } = this.#header;
    const total = frameBytes * frames;
    const unit = storedBytes[stored];
    const builder = new SummaryBuilder();
    let done = 0;
    let rest: Uint8Array = new Uint8Array(0);
    for await (const piece of this.#bytes.stream(voxelOffset)) {
      checkAborted(signal);
      let bytes = rest.length > 0 ? new Uint8Array(Buffer.concat([rest, piece])) : piece;
      bytes = bytes.subarray(0, total - done);
      const whole = bytes.length - (bytes.length % unit);
      if (whole > 0) builder.add(storedArray(bytes.subarray(0, whole), stored, bigEndian), stored, scaling);
      done += whole;
      rest = new Uint8Array(bytes.subarray(whole));
      progress?.(done, total);
      if (done >= total) break;
      await breathe();
    }
    if (done < total) throw formatFault(this.#path, `ends early: ${done} of ${total} voxel bytes are there.`, 'The copy is incomplete: get the file again.');
    if (builder.nonFinite > 0) this.info.warnings.push(`${builder.nonFinite} voxels are not finite; minimum, maximum and mean leave them out.`);
    return builder.finish();
  }

  async close(): Promise<void> {
    this.#volume.close();
    await this.#bytes.close();
  }

  #voxels(bytes: Uint8Array): ReturnType<typeof toVoxels> {
    const { stored, bigEndian, scaling } = this.#header;
    return toVoxels(storedArray(bytes, stored, bigEndian), stored, scaling);
  }
}
