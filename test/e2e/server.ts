// Starts the VS Code server of test/e2e/host as a child process: no account, no gallery, no telemetry, one folder for all
// of its data. Used by tests, by `npm start` without a desktop VS Code, and by `npm start -- --check`.
// The server binds to 127.0.0.1 only and asks for no token, so anyone on this machine can open it while it runs.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

interface HostPaths {
  readonly node: string;
  readonly server: string;
}

export interface ServerOptions {
  /** Folder for settings, extensions and logs; by default a temporary one that stop() removes. */
  readonly dir?: string;
  /** Environment variables for the server; the extension host and its children inherit them. */
  readonly env?: Readonly<Record<string, string>>;
  /** User settings on top of the quiet defaults. */
  readonly settings?: Settings;
  /** A VSIX to install, offline, before the server starts. */
  readonly vsix?: string;
  /** Port to listen on; a free one by default. */
  readonly port?: number;
}

type Settings = Readonly<Record<string, unknown>>;

export interface Server {
  readonly port: number;
  readonly dir: string;
  /** Everything the server printed so far. */
  log(): string;
  /** The address of a workbench with `folder` open. */
  url(folder: string): string;
  /** Resolves when the process has ended, by whatever cause. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const QUIET: Settings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'npm.autoDetect': 'off',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.menuBarVisibility': 'compact',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

const READY = /Extension host agent listening on/;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

/** Paths of the server's Node and main script; installs them first where they are missing. */
async function hostPaths(): Promise<HostPaths> {
  const file = new URL('./host/setup.mjs', import.meta.url).href;
  const { setup } = (await import(file)) as { setup(say: (text: string) => void): Promise<HostPaths> };
  return setup((text) => process.stderr.write(`${text}\n`));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

function folderArguments(dir: string): string[] {
  return ['--server-data-dir', path.join(dir, 'data'), '--extensions-dir', path.join(dir, 'extensions')];
}

/** Installs a VSIX into the folder of a server that is not running. Rejects with the installer's words on failure. */
export async function installVsix(dir: string, vsix: string): Promise<string> {
  const { node, server } = await hostPaths();
  const args = [server, ...folderArguments(dir), '--install-extension', vsix, '--force'];
  const { stdout } = await promisify(execFile)(node, args, { env: { ...process.env, EXTENSIONS_GALLERY: '{}' } });
  return stdout;
}

/** Starts a server and resolves when it listens. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const host = await hostPaths();
  const dir = options.dir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'reading-room-'));
  const user = path.join(dir, 'data/data/User');
  fs.mkdirSync(user, { recursive: true });
  fs.mkdirSync(path.join(dir, 'extensions'), { recursive: true });
  fs.writeFileSync(path.join(user, 'settings.json'), JSON.stringify({ ...QUIET, ...options.settings }, null, 2));
  if (options.vsix) await installVsix(dir, options.vsix);
  const port = options.port ?? (await freePort());
  const child = spawn(
    host.node,
    [
      ...[host.server, '--host', '127.0.0.1', '--port', String(port), '--without-connection-token'],
      ...['--accept-server-license-terms', '--disable-telemetry', '--disable-experiments'],
      ...folderArguments(dir),
    ],
    // Its own process group, so that stop() ends the extension host and the engine as well.
    {
      env: { ...process.env, EXTENSIONS_GALLERY: '{}', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
  let printed = '';
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const late = (): void => reject(new Error(`the server did not start in time\n${printed}`));
    const timer = setTimeout(late, START_TIMEOUT_MS);
    const read = (data: Buffer): void => {
      printed += data.toString();
      if (!READY.test(printed)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code}\n${printed}`)));
  });
  return {
    port,
    dir,
    log: () => printed,
    url: (folder) => {
      const payload = JSON.stringify([['skipWelcome', 'true']]);
      return `http://127.0.0.1:${port}/?${new URLSearchParams({ folder, payload })}`;
    },
    ended,
    stop: async () => {
      await stop(child, ended);
      if (options.dir === undefined) fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const group = -child.pid;
  const kill = (signal: NodeJS.Signals): void => {
    try {
      process.kill(group, signal);
    } catch {
      // The group is gone already.
    }
  };
  kill('SIGTERM');
  const timer = setTimeout(() => kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
  kill('SIGKILL');
}
