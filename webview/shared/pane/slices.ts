// Slices as they come from the host: one request in flight per channel (a channel is one pane), the latest wish wins, all
// layers of a slice in one request, neighbours fetched when idle, and a least-recently-used cache bounded in bytes.

import type { ErrorInfo } from '../../../src/protocol/error.ts';
import { errorInfo } from '../../../src/protocol/error.ts';
import type { Layer, Plane, SliceGeometry, SliceImage, SliceReply, SliceRequest } from '../../../src/protocol/scan.ts';
import { sliceAt } from './geometry.ts';

export const CACHE_BYTES = 64 * 1024 * 1024;

export function layerKey(layer: Layer): string {
  switch (layer.kind) {
    case 'scan':
    case 'labels': return layer.kind;
    case 'reconstruction': return `reconstruction/${layer.readingId}/${layer.variant}`;
    case 'input': return `input/${layer.readingId}/${layer.channel}`;
    case 'clue': return `clue/${layer.readingId}/${layer.clueId}/${layer.method}`;
  }
}

/** Neighbours fetched when idle, in steps of travel. */
const AHEAD = [1, 2, -1, 3];

interface Wish {
  plane: Plane;
  index: number;
  layers: Layer[];
}

interface Channel {
  wish: Wish;
  /** +1 or -1: direction of travel. */
  step: number;
  busy: boolean;
  /** How many entries of AHEAD were looked at for this wish; each is fetched at most once, so a small cache cannot chase
   *  its own tail. */
  ahead: number;
  /** Wishes that the host refused, until retried. */
  failed?: { key: string; error: ErrorInfo };
}

const sliceKey = (plane: Plane, index: number, layer: Layer): string => `${plane}/${index}/${layerKey(layer)}`;
const wishKey = (w: Wish): string => `${w.plane}/${w.index}/${w.layers.map(layerKey).join(',')}`;
const sameSlice = (a: Wish, b: Wish): boolean => a.plane === b.plane && a.index === b.index;

export class SliceStore {
  private readonly cache = new Map<string, SliceImage>();
  private bytes = 0;
  private readonly channels = new Map<string, Channel>();
  private readonly bases = new Map<Plane, SliceGeometry>();
  private readonly fetch: (request: SliceRequest) => Promise<SliceReply>;
  private readonly arrived: (channel: string) => void;
  private readonly limit: number;
  private scanId = '';
  private counts: Record<Plane, number> = { axial: 0, coronal: 0, sagittal: 0 };

  constructor(fetch: (request: SliceRequest) => Promise<SliceReply>, arrived: (channel: string) => void, limit = CACHE_BYTES) {
    this.fetch = fetch;
    this.arrived = arrived;
    this.limit = limit;
  }

  open(scanId: string, counts: Record<Plane, number>): void {
    this.scanId = scanId;
    this.counts = counts;
  }

  get cachedBytes(): number {
    return this.bytes;
  }

  /** Geometry of any slice of a plane, known once one slice of it has come. */
  geometry(plane: Plane, index: number): SliceGeometry | undefined {
    const base = this.bases.get(plane);
    return base && sliceAt(base, index);
  }

  image(plane: Plane, index: number, layer: Layer): SliceImage | undefined {
    const key = sliceKey(plane, index, layer);
    const image = this.cache.get(key);
    if (image) {
      this.cache.delete(key);
      this.cache.set(key, image);
    }
    return image;
  }

  error(channel: string): ErrorInfo | undefined {
    const c = this.channels.get(channel);
    return c?.failed && c.failed.key === wishKey(c.wish) ? c.failed.error : undefined;
  }

  /** Says what a channel shows now; asks the host for what is missing. */
  want(channel: string, plane: Plane, index: number, layers: Layer[]): void {
    const wish = { plane, index, layers };
    const c = this.channels.get(channel);
    if (!c) this.channels.set(channel, { wish, step: 1, busy: false, ahead: 0 });
    else {
      if (c.wish.index !== index) c.step = Math.sign(index - c.wish.index) || 1;
      if (wishKey(c.wish) !== wishKey(wish)) c.ahead = 0;
      c.wish = wish;
    }
    this.pump(channel);
  }

  /** Takes a reply that was asked for outside a channel (the very first slice). */
  accept(reply: SliceReply): void {
    const { plane, index } = reply.geometry;
    if (!this.bases.has(plane)) this.bases.set(plane, reply.geometry);
    for (const image of reply.images) this.keep(sliceKey(plane, index, image.layer), image);
  }

  retry(): void {
    for (const [name, c] of this.channels) {
      delete c.failed;
      this.pump(name);
    }
  }

  private missing(w: Wish): Layer[] {
    return w.layers.filter((layer) => !this.cache.has(sliceKey(w.plane, w.index, layer)));
  }

  /** The wish itself, else the neighbours in the direction of travel, else the one behind. */
  private nextJob(c: Channel): { wish: Wish; layers: Layer[] } | undefined {
    const own = this.missing(c.wish);
    if (own.length > 0) return c.failed?.key === wishKey(c.wish) ? undefined : { wish: c.wish, layers: own };
    while (c.ahead < AHEAD.length) {
      const index = c.wish.index + AHEAD[c.ahead++]! * c.step;
      if (index < 0 || index >= this.counts[c.wish.plane]) continue;
      const wish = { ...c.wish, index };
      const layers = this.missing(wish);
      if (layers.length > 0) return { wish, layers };
    }
    return undefined;
  }

  private pump(name: string): void {
    const c = this.channels.get(name);
    if (!c || c.busy || !this.scanId) return;
    const job = this.nextJob(c);
    if (!job) return;
    c.busy = true;
    const { plane, index } = job.wish;
    const own = index === c.wish.index;
    this.fetch({ scanId: this.scanId, plane, index, layers: job.layers }).then(
      (reply) => {
        c.busy = false;
        this.accept(reply);
        if (own && this.missing(job.wish).length > 0) this.fail(c, job.wish, new Error('The reply lacks a layer that was asked for.'));
        if (sameSlice(c.wish, job.wish)) this.arrived(name);
        this.pump(name);
      },
      (thrown: unknown) => {
        c.busy = false;
        if (own) this.fail(c, job.wish, thrown);
        if (sameSlice(c.wish, job.wish)) this.arrived(name);
        this.pump(name);
      },
    );
  }

  private fail(c: Channel, wish: Wish, thrown: unknown): void {
    c.failed = { key: wishKey(wish), error: errorInfo(thrown) };
  }

  private keep(key: string, image: SliceImage): void {
    const old = this.cache.get(key);
    if (old) this.bytes -= old.data.byteLength;
    this.cache.delete(key);
    this.cache.set(key, image);
    this.bytes += image.data.byteLength;
    for (const [oldest, victim] of this.cache) {
      if (this.bytes <= this.limit || oldest === key) break;
      this.cache.delete(oldest);
      this.bytes -= victim.data.byteLength;
    }
  }
}
