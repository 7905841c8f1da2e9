// The one door to scans: decides by content, never by name, which reader opens a path.

import { open, stat } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { openDicom } from './dicom/open.ts';
import { looksLikeDicom } from './dicom/part10.ts';
import { asFault, formatFault } from './fault.ts';
import { looksLikeNifti } from './nifti-header.ts';
import { openNifti } from './nifti-open.ts';
import type { OpenOptions, OpenScan } from './volume.ts';

/**
 * Opens a NIfTI-1 file, a DICOM file (with its series unless `single`) or a DICOM folder. Only headers are read.
 * Throws RoomError: 'not-found', 'format' (short, broken, not a scan), 'unsupported', 'invalid' (frame), 'cancelled'.
 */
export async function openScan(path: string, options: OpenOptions = {}, signal?: AbortSignal): Promise<OpenScan> {
  const info = await stat(path).catch((thrown: unknown) => { throw asFault(thrown, path, 'Opening'); });
  if (info.isDirectory()) return openDicom(path, options, signal);
  const head = await firstBytes(path);
  if (head.length === 0) throw formatFault(path, 'is empty.', 'The copy is incomplete: get the file again.');
  // A DICOM preamble may hold anything, the first bytes of another format too: the mark behind it decides.
  const marked = String.fromCharCode(...head.subarray(128, 132)) === 'DICM';
  if (!marked && looksLikeNifti(head)) return openNifti(path, options);
  if (looksLikeDicom(head)) return openDicom(path, options, signal);
  throw formatFault(path, 'is neither NIfTI nor DICOM.', 'Open a .nii or .nii.gz file, a DICOM file, or a folder of DICOM files.');
}

/** Up to 256 bytes of content, inflated if the file is gzip. */
async function firstBytes(path: string): Promise<Uint8Array> {
  try {
    const handle = await open(path, 'r');
    const head = new Uint8Array(256);
    const { bytesRead } = await handle.read(head, 0, 256, 0).finally(() => handle.close());
    if (head[0] !== 0x1f || head[1] !== 0x8b) return head.subarray(0, bytesRead);
    const stream = createReadStream(path, { end: 65_535 });
    const gunzip = createGunzip();
    stream.on('error', (thrown) => gunzip.destroy(thrown));
    try {
      for await (const piece of stream.pipe(gunzip) as AsyncIterable<Buffer>) return piece.subarray(0, 256);
    } finally {
      stream.destroy();
      gunzip.destroy();
    }
    return new Uint8Array(0);
  } catch (thrown) {
    throw asFault(thrown, path, 'Reading the first bytes');
  }
}
