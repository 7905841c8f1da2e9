// Typed errors for readers: what is wrong, in which file, and how to mend it. Readers throw nothing else; whatever a codec
// or the file system throws (numbers, plain objects) goes through `asFault`.

import { basename } from 'node:path';
import { RoomError } from '../protocol/error.ts';

export function formatFault(path: string, what: string, fix = 'Get the file again from its source, or convert it anew.', cause?: unknown): RoomError {
  return new RoomError('format', `${basename(path)}: ${what}`, fix, { cause });
}

export function unsupported(path: string, what: string, fix: string): RoomError {
  return new RoomError('unsupported', `${basename(path)}: ${what}`, fix);
}

/** Passes RoomErrors on; names missing and unreadable files; makes anything else a 'format' fault about `doing`. */
export function asFault(thrown: unknown, path: string, doing: string): RoomError {
  if (thrown instanceof RoomError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code === 'ENOENT') return new RoomError('not-found', `There is no file or folder ${path}.`, 'Check the path.', { cause: thrown });
  if (code === 'EACCES' || code === 'EPERM') {
    return new RoomError('not-found', `${path} may not be read.`, 'Change its permissions, or copy it to a place you can read.', { cause: thrown });
  }
  const detail = thrown instanceof Error ? thrown.message : `code ${String(thrown)}`;
  return formatFault(path, `${doing} failed (${detail}).`, undefined, thrown);
}

export const cancelled = (): RoomError => new RoomError('cancelled', 'Reading the scan was cancelled.', 'Open it again.');

export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}

/** Lets other work of the process run between slices. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
