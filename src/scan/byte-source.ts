// Bytes of a file on disk, plain or gzip, read by position. A plain file is read where asked; a gzip file is inflated once
// from its start in the background, and a read waits until its bytes have come. Memory grows with what really arrives: a
// header can claim at most what deflate can hold (1032 : 1, RFC 1951), and nothing is allocated for a claim alone.

import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { asFault, checkAborted, formatFault } from './fault.ts';

export interface ByteSource {
  readonly compressed: boolean;
  /** Most bytes the content can have. */
  readonly limit: number;
  /** Bytes [offset, offset + length); fewer only when `short` is allowed and the content ends before. */
  read(offset: number, length: number, options?: { short?: boolean; signal?: AbortSignal }): Promise<Uint8Array>;
  /** All content from `offset` on, in pieces of a few MiB, without keeping it. */
  stream(offset: number): AsyncIterable<Uint8Array>;
  /** Lets go of what was kept for `read`, which must not be called again; `stream` still works. */
  release(): void;
  close(): Promise<void>;
}

const PIECE = 4 << 20;
const deflateRatio = 1032;

export async function openBytes(path: string): Promise<ByteSource> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const stat = await handle.stat();
    if (!stat.isFile()) throw formatFault(path, 'is not a file.', 'Give the path of a scan file.');
    const head = new Uint8Array(2);
    await handle.read(head, 0, 2, 0);
    if (head[0] !== 0x1f || head[1] !== 0x8b) return new PlainBytes(path, handle, stat.size);
    await handle.close();
    return new GzipBytes(path, stat.size);
  } catch (thrown) {
    await handle?.close().catch(() => undefined);
    throw asFault(thrown, path, 'Opening the file');
  }
}

class PlainBytes implements ByteSource {
  readonly compressed = false;
  readonly limit: number;
  readonly #path: string;
  readonly #handle: FileHandle;
  constructor(path: string, handle: FileHandle, size: number) {
    this.#path = path;
    this.#handle = handle;
    this.limit = size;
  }

  async read(offset: number, length: number, options: { short?: boolean; signal?: AbortSignal } = {}): Promise<Uint8Array> {
    const available = Math.max(0, Math.min(length, this.limit - offset));
    if (available < length && !options.short) throw endsEarly(this.#path, this.limit, offset + length);
    const out = new Uint8Array(available);
    for (let done = 0; done < available; ) {
      checkAborted(options.signal);
      const { bytesRead } = await this.#handle.read(out, done, Math.min(64 << 20, available - done), offset + done)
        .catch((thrown: unknown) => { throw asFault(thrown, this.#path, 'Reading'); });
      if (bytesRead === 0) throw endsEarly(this.#path, offset + done, offset + length);
      done += bytesRead;
    }
    return out;
  }

  async *stream(offset: number): AsyncIterable<Uint8Array> {
    for (let at = offset; at < this.limit; at += PIECE) yield await this.read(at, Math.min(PIECE, this.limit - at));
  }

  release(): void {
    // nothing is kept
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

class GzipBytes implements ByteSource {
  readonly compressed = true;
  readonly limit: number;
  readonly #path: string;
  readonly #size: number;
  readonly #stop = new AbortController();
  readonly #ahead = new AbortController();
  #buffer = new Uint8Array(64 << 10);
  #have = 0;
  #keep = 64 << 10;
  #done = false;
  #fault: unknown;
  #waiting: (() => void)[] = [];
  #started = false;

  constructor(path: string, size: number) {
    this.#path = path;
    this.#size = size;
    this.limit = size * deflateRatio;
  }

  async read(offset: number, length: number, options: { short?: boolean; signal?: AbortSignal } = {}): Promise<Uint8Array> {
    const end = offset + length;
    if (end > this.limit && !options.short) throw endsEarly(this.#path, this.limit, end);
    this.#keep = Math.max(this.#keep, Math.min(end, this.limit));
    if (!this.#started) {
      this.#started = true;
      void this.#inflate();
    } else {
      this.#wake();
    }
    while (this.#have < end && !this.#done) {
      checkAborted(options.signal);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#have < end) {
      if (this.#fault !== undefined) throw this.#fault;
      if (!options.short) throw endsEarly(this.#path, this.#have, end);
    }
    return this.#buffer.subarray(offset, Math.max(offset, Math.min(end, this.#have)));
  }

  async *stream(offset: number): AsyncIterable<Uint8Array> {
    let skip = offset;
    for await (const piece of inflated(this.#path, this.#stop.signal)) {
      if (skip < piece.length) yield skip > 0 ? piece.subarray(skip) : piece;
      skip = Math.max(0, skip - piece.length);
    }
  }

  release(): void {
    this.#ahead.abort();
    this.#buffer = new Uint8Array(0);
    this.#have = 0;
    this.#finish();
  }

  async close(): Promise<void> {
    this.release();
    this.#stop.abort();
  }

  // Runs ahead until `#keep` bytes are here, then sleeps until somebody asks for more.
  async #inflate(): Promise<void> {
    try {
      for await (const piece of inflated(this.#path, this.#ahead.signal)) {
        if (this.#ahead.signal.aborted) return;
        for (let from = 0; from < piece.length; ) {
          while (this.#have >= this.#keep && !this.#ahead.signal.aborted) await this.#asked();
          if (this.#ahead.signal.aborted) return;
          const take = Math.min(piece.length - from, this.#keep - this.#have);
          this.#reserve(this.#have + take);
          this.#buffer.set(piece.subarray(from, from + take), this.#have);
          this.#have += take;
          from += take;
          this.#wake();
        }
      }
    } catch (thrown) {
      this.#fault = thrown;
    }
    this.#finish();
  }

  #more: (() => void) | undefined;
  #asked(): Promise<void> {
    return new Promise((resolve) => { this.#more = resolve; });
  }

  #reserve(size: number): void {
    if (size <= this.#buffer.length) return;
    // Twice the file's size at once, since most scans shrink to about half: growing by doubling alone costs as much as inflating.
    const grown = new Uint8Array(Math.min(this.#keep, Math.max(size, this.#buffer.length * 2, this.#size * 2)));
    grown.set(this.#buffer.subarray(0, this.#have));
    this.#buffer = grown;
  }

  #wake(): void {
    this.#more?.();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #finish(): void {
    this.#done = true;
    this.#wake();
  }
}

/** Inflated content of a gzip file, in pieces of up to 2 MiB; throws a 'format' error on damage. */
async function* inflated(path: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  const gunzip = createGunzip({ chunkSize: 2 << 20 });
  file.on('error', (thrown) => gunzip.destroy(thrown));
  const stop = (): void => { gunzip.destroy(); };
  signal.addEventListener('abort', stop);
  let count = 0;
  try {
    for await (const piece of file.pipe(gunzip) as AsyncIterable<Buffer>) {
      count += piece.length;
      yield piece;
    }
  } catch (thrown) {
    if (signal.aborted) return;
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    throw formatFault(path, `the gzip data is damaged or cut off after ${count} inflated bytes (${detail}).`, undefined, thrown);
  } finally {
    signal.removeEventListener('abort', stop);
    file.destroy();
    gunzip.destroy();
  }
}

function endsEarly(path: string, have: number, need: number): Error {
  return formatFault(path, `ends early: its header speaks of ${need} bytes, there are at most ${have}.`, 'The copy is incomplete: get the file again.');
}
