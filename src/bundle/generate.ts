// Greedy decoding with a KV cache. In the 'append' layout the past lives in buffers with room to spare, [heads, room, width],
// which are fed without a copy and into which only the new rows are written: output copies grow with the step and not with
// the context. The room doubles when it is full. In the 'hf' layout the whole present comes back each step and becomes the past.
// A tie goes to the smaller id, so that the same inputs give the same text.

import type { Session, Tensor } from '../onnx/runtime.ts';
import { RoomError } from '../protocol/error.ts';
import { TENSOR } from './conventions.ts';
import type { DecoderShape } from './manifest.ts';
import { fetched, floats } from './model.ts';

/** One decoder with its past. */
export interface Decoder {
  /** Rows in the past. */
  readonly length: number;
  /** Runs T rows [T, d] after the past; returns the last row's logits [V], valid until the next step. */
  step(embeds: Float32Array): Promise<Float32Array>;
}

/** @param capacity rows that past and new steps may have together */
export function createDecoder(session: Session, shape: DecoderShape, layout: 'append' | 'hf', capacity: number): Decoder {
  return layout === 'append' ? new AppendDecoder(session, shape, capacity) : new HfDecoder(session, shape);
}

class AppendDecoder implements Decoder {
  length = 0;
  private readonly session: Session;
  private readonly shape: DecoderShape;
  private readonly capacity: number;
  /** Rows that the buffers have place for; at least one, since ONNX Runtime 1.30 ends the process on an empty past. */
  private room = 64;
  private past: { key: Float32Array; value: Float32Array }[];
  private readonly fetch: string[];

  constructor(session: Session, shape: DecoderShape, capacity: number) {
    this.session = session;
    this.shape = shape;
    this.capacity = capacity;
    const size = this.room * shape.heads * shape.headDim;
    this.past = Array.from({ length: shape.layers }, () => ({ key: new Float32Array(size), value: new Float32Array(size) }));
    this.fetch = [TENSOR.logits, ...this.past.flatMap((_, layer) => [TENSOR.presentKey(layer), TENSOR.presentValue(layer)])];
  }

  async step(embeds: Float32Array): Promise<Float32Array> {
    const { hidden, heads, headDim, vocabulary } = this.shape;
    const rows = embeds.length / hidden;
    if (this.length + rows > this.capacity) throw new RoomError('limit', `The text is longer than the ${this.capacity} rows set aside for it`, 'Lower the number of new tokens.');
    const feeds: Record<string, Tensor> = { [TENSOR.embeds]: { dtype: 'float32', dims: [1, rows, hidden], data: embeds }, [TENSOR.positions]: positions(this.length, rows) };
    const dims = [heads, this.room, headDim];
    this.past.forEach(({ key, value }, layer) => {
      feeds[TENSOR.pastKey(layer)] = { dtype: 'float32', dims, data: key };
      feeds[TENSOR.pastValue(layer)] = { dtype: 'float32', dims, data: value };
    });
    const outputs = await this.session.run(feeds, this.fetch);
    this.reserve(this.length + rows);
    this.past.forEach(({ key, value }, layer) => {
      this.append(key, this.newRows(outputs, TENSOR.presentKey(layer), rows), rows);
      this.append(value, this.newRows(outputs, TENSOR.presentValue(layer), rows), rows);
    });
    this.length += rows;
    return lastRow(outputs, vocabulary);
  }

  /** Makes place for `rows` rows, doubling until they fit. */
  private reserve(rows: number): void {
    if (rows <= this.room) return;
    const before = this.room;
    while (this.room < rows) this.room *= 2;
    const { heads, headDim } = this.shape;
    const grown = (old: Float32Array): Float32Array => {
      const next = new Float32Array(heads * this.room * headDim);
      for (let h = 0; h < heads; h++) next.set(old.subarray(h * before * headDim, (h * before + this.length) * headDim), h * this.room * headDim);
      return next;
    };
    this.past = this.past.map(({ key, value }) => ({ key: grown(key), value: grown(value) }));
  }

  private append(buffer: Float32Array, fresh: Float32Array, rows: number): void {
    const { heads, headDim } = this.shape;
    for (let h = 0; h < heads; h++) buffer.set(fresh.subarray(h * rows * headDim, (h + 1) * rows * headDim), (h * this.room + this.length) * headDim);
  }

  private newRows(outputs: Record<string, Tensor>, name: string, rows: number): Float32Array {
    const data = floats(fetched(outputs, name, 'The decoder'), name);
    if (data.length !== rows * this.shape.heads * this.shape.headDim) {
      throw new RoomError('invalid', `The decoder's '${name}' holds ${data.length} numbers where ${rows} new rows of ${this.shape.heads * this.shape.headDim} were expected`, "Set the stage's layout to 'hf', or mend num_key_value_heads and head_dim in config.json.");
    }
    return data;
  }
}

class HfDecoder implements Decoder {
  length = 0;
  private readonly session: Session;
  private readonly shape: DecoderShape;
  private past: Record<string, Tensor> = {};
  private readonly fetch: string[];

  constructor(session: Session, shape: DecoderShape) {
    this.session = session;
    this.shape = shape;
    const empty: Tensor = { dtype: 'float32', dims: [1, shape.heads, 0, shape.headDim], data: new Float32Array(0) };
    const layers = Array.from({ length: shape.layers }, (_, layer) => layer);
    for (const layer of layers) this.past[TENSOR.pastKey(layer)] = this.past[TENSOR.pastValue(layer)] = empty;
    this.fetch = [TENSOR.logits, ...layers.flatMap((layer) => [TENSOR.presentKey(layer), TENSOR.presentValue(layer)])];
  }

  async step(embeds: Float32Array): Promise<Float32Array> {
    const { hidden, vocabulary } = this.shape;
    const rows = embeds.length / hidden;
    const feeds: Record<string, Tensor> = { ...this.past, [TENSOR.embeds]: { dtype: 'float32', dims: [1, rows, hidden], data: embeds } };
    if (this.session.inputs.includes(TENSOR.mask)) {
      const size = this.length + rows;
      feeds[TENSOR.mask] = { dtype: 'int64', dims: [1, size], data: new BigInt64Array(size).fill(1n) };
    }
    if (this.session.inputs.includes(TENSOR.positions)) feeds[TENSOR.positions] = positions(this.length, rows);
    const outputs = await this.session.run(feeds, this.fetch);
    const next: Record<string, Tensor> = {};
    for (let layer = 0; layer < this.shape.layers; layer++) {
      next[TENSOR.pastKey(layer)] = fetched(outputs, TENSOR.presentKey(layer), 'The decoder');
      next[TENSOR.pastValue(layer)] = fetched(outputs, TENSOR.presentValue(layer), 'The decoder');
    }
    this.past = next;
    this.length += rows;
    return lastRow(outputs, vocabulary);
  }
}

function positions(from: number, rows: number): Tensor {
  return { dtype: 'int64', dims: [1, rows], data: BigInt64Array.from({ length: rows }, (_, n) => BigInt(from + n)) };
}

function lastRow(outputs: Record<string, Tensor>, vocabulary: number): Float32Array {
  const logits = floats(fetched(outputs, TENSOR.logits, 'The decoder'), TENSOR.logits);
  if (logits.length % vocabulary !== 0) throw new RoomError('invalid', `The decoder's logits (${logits.length} numbers) do not divide by the vocabulary of ${vocabulary}`, "Mend 'vocab_size' in config.json.");
  return logits.subarray(logits.length - vocabulary);
}

export interface Generated {
  id: number;
  /** Natural logarithm of its probability. */
  logProb: number;
}

/**
 * Generates until an end token or `maxNew` tokens. The end token is not among the result.
 * @param prompt [P, d]
 * @param onToken called after each token; may throw to stop (cancellation)
 */
export async function greedy(
  decoder: Decoder, embed: (ids: readonly number[]) => Promise<Float32Array>, prompt: Float32Array, eos: readonly number[], maxNew: number,
  onToken: (token: Generated, n: number) => void | Promise<void>,
): Promise<{ tokens: Generated[]; finish: 'eos' | 'length' }> {
  const tokens: Generated[] = [];
  let logits = await decoder.step(prompt);
  while (tokens.length < maxNew) {
    const id = argmax(logits);
    const token = { id, logProb: logits[id]! - logSumExp(logits, 0, logits.length) };
    if (!Number.isFinite(token.logProb)) throw new RoomError('invalid', 'The language model put out numbers that are not finite', 'Check the bundle with: reading-room bundle check <dir>. On a GPU, try --device cpu.');
    if (eos.includes(id)) return { tokens, finish: 'eos' };
    tokens.push(token);
    await onToken(token, tokens.length);
    if (tokens.length < maxNew) logits = await decoder.step(await embed([id]));
  }
  return { tokens, finish: 'length' };
}

export function argmax(values: Float32Array): number {
  let best = 0;
  for (let n = 1; n < values.length; n++) if (values[n]! > values[best]!) best = n;
  return best;
}

/** log(sum(exp(values[from..from + count]))), in double precision. */
export function logSumExp(values: Float32Array, from: number, count: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let n = from; n < from + count; n++) if (values[n]! > max) max = values[n]!;
  let sum = 0;
  for (let n = from; n < from + count; n++) sum += Math.exp(values[n]! - max);
  return max + Math.log(sum);
}
