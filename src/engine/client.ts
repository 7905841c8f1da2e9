// The caller's side of an engine process: forks it, waits until it answers, and starts it again when it ends. Calls in
// flight reject with code 'engine-lost' then, calls made while it is away wait for it, and scans and readings that were
// open are opened again under the same handles (handles are digests of paths). Cancelling asks the job first and kills the
// process where it does not stop in time, since a native model run cannot be interrupted. No 'vscode' in here.

import { fork, type ChildProcess } from 'node:child_process';
import { createBirpc, type BirpcReturn } from 'birpc';
import type { EngineApi, EngineEvent } from '../protocol/engine.ts';
import { RoomError } from '../protocol/error.ts';
import { ENGINE_METHODS, fromWire, type WireApi, type WireEvents } from './wire.ts';

export interface EngineClientOptions {
  /** The engine's entry: dist/engine.js. */
  entry: string;
  /** More arguments for node, e.g. a loader in tests. */
  execArgv?: string[];
  env?: Record<string, string>;
  onEvent?: (event: EngineEvent) => void;
  /** 'lost' when the process ended other than by a cancel, 'back' when the next one answers, 'failed' when none starts. */
  onState?: (state: 'lost' | 'back' | 'failed', detail: string) => void;
  /** Lines of the process's stderr. */
  onLog?: (line: string) => void;
}

/** Five ends within this time and the client stops starting it, so that a crash at start does not spin. */
const CRASH_WINDOW_MS = 20_000;
const CRASH_LIMIT = 5;
const READY_TIMEOUT_MS = 20_000;

interface Life {
  child: ChildProcess;
  rpc: BirpcReturn<WireApi, WireEvents>;
  ended: boolean;
}

interface Flight {
  job?: string;
  reject: (error: RoomError) => void;
}

export class EngineClient {
  /** Every method of the engine; rejects with RoomError. */
  readonly api: EngineApi;
  private readonly options: EngineClientOptions;
  private life: Life | undefined;
  private ready: Promise<Life> | undefined;
  private readonly flights = new Set<Flight>();
  private readonly cancelling = new Set<string>();
  private readonly scans = new Map<string, { path: string; options: { single?: boolean } | undefined; count: number }>();
  private readonly readings = new Map<string, { path: string; count: number }>();
  private ends: number[] = [];
  /** The next end is our own doing (a cancel): no crash, and nothing to tell. */
  private expected = false;
  private disposed = false;

  constructor(options: EngineClientOptions) {
    this.options = options;
    const api: Partial<Record<keyof EngineApi, (...args: never[]) => Promise<unknown>>> = {};
    for (const name of ENGINE_METHODS) api[name] = (...args: unknown[]) => this.call(name, args);
    this.api = { ...(api as unknown as EngineApi), ...this.tracked() };
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.life?.child.pid;
  }

  /** Starts the process if it is not running and resolves when it answers. */
  async start(): Promise<void> {
    await this.alive();
  }

  /** Stops a job: asks it, and after `graceMs` kills the process. The job's call rejects with 'cancelled' either way. */
  async cancel(job: string, graceMs = 400): Promise<void> {
    const flight = [...this.flights].find((f) => f.job === job);
    const life = this.life;
    if (flight === undefined || life === undefined) return;
    this.cancelling.add(job);
    void life.rpc.cancel(job).catch(() => undefined);
    const deadline = performance.now() + graceMs;
    while (this.flights.has(flight) && performance.now() < deadline) await delay(10);
    if (!this.flights.has(flight) || life.ended) return;
    this.expected = true;
    life.child.kill('SIGKILL');
  }

  /** Ends the process at once; it comes back by itself. */
  kill(): void {
    this.life?.child.kill('SIGKILL');
  }

  /** Starts afresh after the process kept failing. */
  async restart(): Promise<void> {
    this.ends = [];
    if (this.life !== undefined) this.life.child.kill('SIGKILL');
    else await this.alive();
  }

  dispose(): void {
    this.disposed = true;
    this.life?.child.kill();
    this.fail(() => lost('it was shut down'));
  }

  private async call(name: keyof EngineApi, args: unknown[]): Promise<unknown> {
    const life = await this.alive();
    return this.callIn(life, name, args);
  }

  private callIn(life: Life, name: keyof EngineApi, args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const flight: Flight = { reject, ...(isJob(name) && typeof args[0] === 'string' ? { job: args[0] } : {}) };
      this.flights.add(flight);
      const done = (settle: () => void): void => {
        if (!this.flights.delete(flight)) return;
        if (flight.job !== undefined) this.cancelling.delete(flight.job);
        settle();
      };
      const method = life.rpc.$call as unknown as (name: string, ...args: unknown[]) => Promise<Parameters<typeof fromWire>[0]>;
      method(name, ...args).then(
        (result) =>
          done(() => {
            try {
              resolve(fromWire(result));
            } catch (error) {
              reject(error);
            }
          }),
        (thrown: unknown) => done(() => reject(lost(thrown instanceof Error ? thrown.message : String(thrown)))),
      );
    });
  }

  /** Methods that open and close things are remembered, to open them again after a restart. */
  private tracked(): Pick<EngineApi, 'openScan' | 'closeScan' | 'openReading' | 'closeReading'> {
    return {
      openScan: async (path, options) => {
        const info = (await this.call('openScan', [path, options])) as Awaited<ReturnType<EngineApi['openScan']>>;
        const held = this.scans.get(info.scanId);
        if (held === undefined) this.scans.set(info.scanId, { path, options, count: 1 });
        else held.count++;
        return info;
      },
      closeScan: async (scanId) => {
        release(this.scans, scanId);
        await this.call('closeScan', [scanId]);
      },
      openReading: async (path) => {
        const opened = (await this.call('openReading', [path])) as Awaited<ReturnType<EngineApi['openReading']>>;
        const held = this.readings.get(opened.readingId);
        if (held === undefined) this.readings.set(opened.readingId, { path, count: 1 });
        else held.count++;
        return opened;
      },
      closeReading: async (readingId) => {
        release(this.readings, readingId);
        await this.call('closeReading', [readingId]);
      },
    };
  }

  private alive(): Promise<Life> {
    if (this.disposed) return Promise.reject(lost('it was shut down'));
    if (this.ready === undefined) {
      const launched: Promise<Life> = this.launch().catch((thrown: unknown) => {
        if (this.ready === launched) this.ready = undefined;
        throw thrown;
      });
      this.ready = launched;
    }
    return this.ready;
  }

  private async launch(): Promise<Life> {
    const child = fork(this.options.entry, [], {
      serialization: 'advanced',
      execArgv: this.options.execArgv ?? [],
      env: { ...process.env, ...this.options.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const rpc = createBirpc<WireApi, WireEvents>(
      { event: (event) => this.options.onEvent?.(event) },
      {
        post: (message) => {
          if (child.connected) child.send(message, () => undefined);
        },
        on: (receive) => {
          child.on('message', receive);
        },
        timeout: -1,
      },
    );
    const life: Life = { child, rpc, ended: false };
    this.life = life;
    this.pipeLog(child);
    const ended = new Promise<never>((_, reject) => {
      const end = (detail: string): void => {
        if (life.ended) return;
        life.ended = true;
        reject(lost(detail));
        this.onEnd(life, detail);
      };
      child.once('error', (error) => end(error.message));
      child.once('exit', (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
    ended.catch(() => undefined);
    const timer = setTimeout(() => child.kill('SIGKILL'), READY_TIMEOUT_MS);
    try {
      await Promise.race([rpc.hello(), ended]);
      await Promise.race([this.reopen(life), ended]);
    } finally {
      clearTimeout(timer);
    }
    return life;
  }

  private async reopen(life: Life): Promise<void> {
    for (const { path, options, count } of this.scans.values()) {
      for (let n = 0; n < count; n++) this.report(await life.rpc.openScan(path, options));
    }
    for (const { path, count } of this.readings.values()) {
      for (let n = 0; n < count; n++) this.report(await life.rpc.openReading(path));
    }
  }

  private report(result: { ok: true } | { ok: false; error: { message: string } }): void {
    if (!result.ok) this.options.onLog?.(`could not be opened again: ${result.error.message}`);
  }

  private onEnd(life: Life, detail: string): void {
    const wasReady = this.life === life;
    life.rpc.$close();
    if (wasReady) this.life = undefined;
    this.ready = undefined;
    this.fail((flight) => (flight.job !== undefined && this.cancelling.delete(flight.job) ? stopped() : lost(detail)));
    if (this.disposed) return;
    const { expected } = this;
    this.expected = false;
    const now = performance.now();
    this.ends = this.ends.filter((t) => now - t < CRASH_WINDOW_MS);
    if (!expected) {
      this.options.onState?.('lost', detail);
      this.ends.push(now);
    }
    if (this.ends.length >= CRASH_LIMIT) {
      this.options.onState?.('failed', `it ended ${this.ends.length} times within ${CRASH_WINDOW_MS / 1000} s (${detail})`);
      return;
    }
    // The first restart is immediate; later ones give a dying device time, and stay within two seconds.
    const wait = Math.max(0, this.ends.length - 1) * 300;
    setTimeout(() => {
      if (this.disposed) return;
      this.alive().then(
        ({ child }) => {
          if (!expected) this.options.onState?.('back', `process ${child.pid}`);
        },
        () => undefined,
      );
    }, wait);
  }

  private fail(error: (flight: Flight) => RoomError): void {
    for (const flight of this.flights) {
      this.flights.delete(flight);
      flight.reject(error(flight));
    }
  }

  private pipeLog(child: ChildProcess): void {
    let rest = '';
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.options.onLog?.(line);
    });
  }
}

const JOB_METHODS: readonly (keyof EngineApi)[] = ['read', 'synthHead', 'train', 'probeTrain', 'probeApply', 'evaluate'];

function isJob(name: keyof EngineApi): boolean {
  return JOB_METHODS.includes(name);
}

function release(held: Map<string, { count: number }>, id: string): void {
  const entry = held.get(id);
  if (entry !== undefined && --entry.count <= 0) held.delete(id);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function lost(detail: string): RoomError {
  return new RoomError('engine-lost', `The engine process ended (${detail})`, 'It starts again by itself; repeat what you did. The output channel has its last lines.');
}

function stopped(): RoomError {
  return new RoomError('cancelled', 'The job was cancelled', 'Start it again when you want the result.');
}
