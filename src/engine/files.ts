// Writing text files whole, and folders that must be fresh, with errors a user can mend.

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeAtomic } from '../onnx/safetensors.ts';
import { RoomError } from '../protocol/error.ts';

/** Writes a text file so that it is never seen half written; its folder is made if it is missing. */
export function writeText(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeAtomic(path, [Buffer.from(text)]);
  } catch (thrown) {
    throw cannot(path, thrown);
  }
}

/** Makes `folder` if it is missing; throws 'invalid' where it holds files already, except such as `leftover` matches, which go. */
export function emptyFolder(folder: string, leftover?: RegExp): void {
  let names: string[];
  try {
    mkdirSync(folder, { recursive: true });
    names = readdirSync(folder);
    if (leftover !== undefined && names.every((name) => leftover.test(name))) {
      for (const name of names) rmSync(join(folder, name));
      return;
    }
  } catch (thrown) {
    throw cannot(folder, thrown);
  }
  if (names.length > 0) throw new RoomError('invalid', `${folder} is not empty`, 'Name a new folder, or empty this one.');
}

function cannot(path: string, thrown: unknown): RoomError {
  return new RoomError('invalid', `${path} cannot be written: ${thrown instanceof Error ? thrown.message : String(thrown)}`, 'Choose a folder you may write to, with space left.', { cause: thrown });
}
