// Looks through an ONNX file before ONNX Runtime opens it: collects where its tensors keep external data, and refuses any
// place outside the bundle's folder (absolute paths, '..', links that lead out) and any span beyond the end of the data file.
// It walks the protobuf wire format itself, so that a forged file can neither allocate nor run anything.
// Field numbers are those of onnx.proto: ModelProto.graph 7, .functions 25; GraphProto.node 1, .initializer 5,
// .sparse_initializer 15; NodeProto.attribute 5; AttributeProto.t 5, .g 6, .tensors 10, .graphs 11, .sparse_tensor 22,
// .sparse_tensors 23; SparseTensorProto.values 1, .indices 2; FunctionProto.node 7; TensorProto.external_data 13.

import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { RoomError } from '../protocol/error.ts';

/** Absolute path of `path` inside `folder`; throws 'untrusted' where it leads outside and 'not-found' where it is not there. */
export function insideFolder(folder: string, path: string, what: string): string {
  const outside = (): RoomError =>
    new RoomError('untrusted', `${what} points to '${path}', outside of ${folder}`, 'Keep every file of a bundle inside its folder and name it by a relative path.');
  if (isAbsolute(path) || path.includes('\0') || path.includes('\\') || /^[a-z]:/i.test(path)) throw outside();
  const root = realpathSync(folder);
  const joined = resolve(root, path);
  if (leads(root, joined)) throw outside();
  let real: string;
  try {
    real = realpathSync(joined);
  } catch (thrown) {
    throw new RoomError('not-found', `${what} points to '${path}', which is not in ${folder}`, 'Copy the bundle again, with all its files.', { cause: thrown });
  }
  if (leads(root, real)) throw outside();
  return real;
}

function leads(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

/** Checks one .onnx file of a bundle; returns its bytes on disk together with its external data. */
export function checkOnnxFile(folder: string, file: string): { bytes: number; external: string[] } {
  const bytes = readFileSync(file);
  const places: ExternalData[] = [];
  try {
    walk(bytes, 'model', places, 0);
  } catch (thrown) {
    if (thrown instanceof RoomError) throw thrown;
    throw new RoomError('format', `${file} is no ONNX file: ${thrown instanceof Error ? thrown.message : String(thrown)}`, 'Export or copy the model again.', { cause: thrown });
  }
  const external = new Map<string, number>();
  for (const { location, offset, length } of places) {
    // ONNX Runtime resolves locations from the model's own folder.
    const fromFolder = relative(realpathSync(folder), resolve(dirname(file), location));
    const path = isAbsolute(location) ? insideFolder(folder, location, file) : insideFolder(folder, fromFolder, `External data of ${file}`);
    const size = external.get(path) ?? statSync(path).size;
    external.set(path, size);
    if (!(offset >= 0) || !(length >= 0) || offset + length > size) {
      throw new RoomError('format', `${file} keeps a tensor at bytes ${offset} to ${offset + length} of ${location}, which has ${size}`, 'Copy the bundle again: the data file is cut short or belongs to another model.');
    }
  }
  let total = bytes.length;
  for (const size of external.values()) total += size;
  return { bytes: total, external: [...external.keys()] };
}

interface ExternalData {
  location: string;
  offset: number;
  length: number;
}

type Kind = 'model' | 'graph' | 'node' | 'attribute' | 'function' | 'tensor' | 'sparse';

const CHILDREN: Record<Kind, Record<number, Kind>> = {
  model: { 7: 'graph', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  function: { 7: 'node' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: {},
};

function walk(bytes: Uint8Array, kind: Kind, places: ExternalData[], depth: number): void {
  if (depth > 64) throw new Error('graphs are nested deeper than 64 levels');
  const entries: [string, string][] = [];
  for (const { field, data } of fields(bytes)) {
    if (data === undefined) continue;
    if (kind === 'tensor' && field === 13) entries.push(keyValue(data));
    const child = CHILDREN[kind][field];
    if (child !== undefined) walk(data, child, places, depth + 1);
  }
  if (entries.length === 0) return;
  const value = Object.fromEntries(entries);
  const location = value['location'];
  if (location === undefined || location === '') throw new Error('external data without a location');
  places.push({ location, offset: Number(value['offset'] ?? 0), length: Number(value['length'] ?? 0) });
}

function keyValue(bytes: Uint8Array): [string, string] {
  let key = '';
  let value = '';
  for (const { field, data } of fields(bytes)) {
    if (data === undefined) continue;
    const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
    if (field === 1) key = text;
    if (field === 2) value = text;
  }
  return [key, value];
}

/** Fields of one protobuf message; `data` is a view for length-delimited ones. Throws on anything malformed. */
function* fields(bytes: Uint8Array): Generator<{ field: number; data: Uint8Array | undefined }> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    let scale = 1;
    for (let n = 0; n < 10; n++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('it ends within a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new Error('a number is longer than ten bytes');
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (field === 0) throw new Error('a field has number 0');
    if (wire === 0) {
      varint();
      yield { field, data: undefined };
    } else if (wire === 1 || wire === 5) {
      at += wire === 1 ? 8 : 4;
      if (at > bytes.length) throw new Error('it ends within a field');
      yield { field, data: undefined };
    } else if (wire === 2) {
      const length = varint();
      if (length > bytes.length - at) throw new Error('a field is longer than the file');
      yield { field, data: bytes.subarray(at, at + length) };
      at += length;
    } else throw new Error(`wire type ${wire} is not used by ONNX`);
  }
}
