// A reading on disk: `reading.json` and `tensors.safetensors` in one folder. The tensors are written first and each file
// appears whole or not at all, so a folder with a reading.json is a complete reading. Reading one back trusts nothing: fields
// and shapes that the views rely on are checked, since a workspace may hold a forged file.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Tensor } from '../onnx/runtime.ts';
import { readSafetensors, writeAtomic, writeSafetensors } from '../onnx/safetensors.ts';
import { RoomError } from '../protocol/error.ts';
import type { Reading, ReadingSummary } from '../protocol/reading.ts';

export const READING_FILE = { reading: 'reading.json', tensors: 'tensors.safetensors' } as const;

export type ReadingTensors = Map<string, Tensor>;

export function writeReading(folder: string, reading: Reading, tensors: ReadonlyMap<string, Tensor>): void {
  try {
    writeSafetensors(join(folder, READING_FILE.tensors), tensors, { reading: reading.id });
    writeAtomic(join(folder, READING_FILE.reading), [Buffer.from(`${JSON.stringify(reading, null, 1)}\n`)]);
  } catch (thrown) {
    throw new RoomError('invalid', `The reading cannot be written to ${folder}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, 'Choose a folder you may write to, with space left.', { cause: thrown });
  }
}

/** The folder of a reading, given it or a file in it. */
export function readingFolder(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute) && !statSync(absolute).isDirectory()) return dirname(absolute);
  return absolute;
}

/** Reads and checks `reading.json`; `path` is the reading's folder or a file in it. */
export function loadReading(path: string): Reading {
  const file = join(readingFolder(path), READING_FILE.reading);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new RoomError('not-found', `There is no reading in ${readingFolder(path)}`, 'Name a folder that holds a reading.json.', { cause: thrown });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new RoomError('format', `${file} is not JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`, 'Read the scan again.', { cause: thrown });
  }
  const problem = problemOf(value);
  if (problem !== undefined) throw new RoomError('format', `${file} is no reading of this version: ${problem}`, 'Read the scan again.');
  return value as Reading;
}

/** Tensors of a reading by name, or only those that `pick` chooses. */
export function loadTensors(path: string, pick?: (name: string) => boolean): ReadingTensors {
  return readSafetensors(join(readingFolder(path), READING_FILE.tensors), pick).tensors;
}

/** Float data of a tensor whose shape must be `dims`; undefined where the reading has no such tensor. */
export function floatTensor(tensors: ReadingTensors, name: string, dims: readonly number[]): Float32Array | undefined {
  const tensor = tensors.get(name);
  if (tensor === undefined) return undefined;
  if (tensor.dims.length !== dims.length || tensor.dims.some((size, n) => size !== dims[n]) || !(tensor.data instanceof Float32Array)) {
    throw new RoomError('format', `Tensor '${name}' of the reading is ${tensor.dtype} [${tensor.dims.join(', ')}] where float32 [${dims.join(', ')}] belongs`, 'Read the scan again.');
  }
  return tensor.data;
}

export function summaryOf(path: string, reading: Reading): ReadingSummary {
  return {
    id: reading.id,
    path: readingFolder(path),
    scanPath: reading.scan.path,
    bundle: reading.bundle.name,
    created: reading.created,
    headline: headline(reading.text) || basename(readingFolder(path)),
    findings: [...new Set(reading.clues.filter((clue) => clue.polarity === 'present' && clue.historical !== true).map((clue) => `${clue.side === 'none' ? '' : `${clue.side} `}${(clue.finding ?? clue.text).replaceAll('-', ' ')}`))],
  };
}

/** First line of the impression, else of the text. */
function headline(text: string): string {
  const impression = /^\s*impression\s*:?\s*(.+)$/im.exec(text)?.[1];
  const line = impression ?? text.split('\n').find((candidate) => candidate.trim() !== '') ?? '';
  return line.trim();
}

function problemOf(value: unknown): string | undefined {
  if (!isRecord(value)) return 'it is not an object';
  if (value['schema'] !== 1) return "field 'schema' is not 1";
  for (const name of ['id', 'created', 'prompt', 'text']) if (typeof value[name] !== 'string') return `field '${name}' is not a string`;
  for (const name of ['tokens', 'stages', 'lossy', 'clues', 'links']) if (!Array.isArray(value[name])) return `field '${name}' is not a list`;
  const { scan, bundle, settings, input, visual } = value;
  if (!isRecord(scan) || typeof scan['path'] !== 'string') return "field 'scan' is wrong";
  if (!isRecord(bundle) || typeof bundle['name'] !== 'string') return "field 'bundle' is wrong";
  if (!isRecord(settings)) return "field 'settings' is wrong";
  if (!isRecord(input) || !isSizes(input['dims'], 1024) || !isAffine(input['affine']) || !Array.isArray(input['channels'])) return "field 'input' is wrong";
  if (!isRecord(visual) || !isSizes(visual['grid'], 1024) || !isAffine(visual['affine'])) return "field 'visual' is wrong";
  const grid = visual['grid'] as number[];
  if ((input['dims'] as number[]).some((size, axis) => size % grid[axis]! !== 0)) return "field 'visual.grid' does not divide 'input.dims'";
  const length = (value['text'] as string).length;
  const isSpan = (span: unknown): boolean => Array.isArray(span) && span.length === 2 && span.every(Number.isInteger) && span[0] >= 0 && span[0] <= span[1] && span[1] <= length;
  for (const name of ['tokens', 'clues'] as const) {
    if ((value[name] as unknown[]).some((entry) => !isRecord(entry) || !isSpan(entry['span']))) return `field '${name}' has an entry outside of the text`;
  }
  const count = grid[0]! * grid[1]! * grid[2]!;
  const isTokenList = (list: unknown): boolean => Array.isArray(list) && list.every((n) => Number.isInteger(n) && n >= 0 && n < count);
  if ((value['links'] as unknown[]).some((entry) => !isRecord(entry) || typeof entry['clueId'] !== 'string' || !isTokenList(entry['tokens']))) return "field 'links' has an entry with tokens that do not exist";
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown, most: number): boolean {
  return Array.isArray(value) && value.length === 3 && value.every((n) => Number.isInteger(n) && n > 0 && n <= most);
}

function isAffine(value: unknown): boolean {
  return Array.isArray(value) && value.length === 16 && value.every((n) => typeof n === 'number' && Number.isFinite(n));
}
