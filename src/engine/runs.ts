// Run folders: config.json, log.jsonl, status.json. RunWriter keeps them for a recipe or an evaluation; listRuns reads them
// back for the sidebar. status.json is replaced atomically at most once a second, log.jsonl grows line by line, and a resumed
// run drops the rows after its checkpoint, so that the curve of a run that was killed is the curve of one that was not.

import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { RoomError } from '../protocol/error.ts';
import type { RunRow, RunStatus, RunSummary } from '../protocol/run.ts';
import { writeText } from './files.ts';

export const RUN_FILE = { config: 'config.json', log: 'log.jsonl', status: 'status.json' } as const;

export class RunWriter {
  readonly outDir: string;
  status: RunStatus;
  private readonly onStatus: (status: RunStatus) => void;
  private began = performance.now();
  private secondsBefore = 0;
  private written = Number.NEGATIVE_INFINITY;
  /** Rows of an earlier execution are in the log, and the recipe has not said where it goes on. */
  private stale: boolean;

  private constructor(outDir: string, status: RunStatus, onStatus: (status: RunStatus) => void) {
    this.outDir = outDir;
    this.status = status;
    this.onStatus = onStatus;
    this.stale = readRows(join(outDir, RUN_FILE.log)).length > 0;
  }

  /** Begins a run. Without `resume` the folder must not hold one; with it the stored config must be the given one. */
  static begin(
    outDir: string, recipe: string, config: unknown, steps: number,
    options: { resume: boolean; onStatus: (status: RunStatus) => void },
  ): RunWriter {
    const path = join(outDir, RUN_FILE.config);
    if (existsSync(path)) {
      if (!options.resume) throw new RoomError('invalid', `${outDir} holds a run already`, 'Name a new folder, or continue this run with --resume.');
      if (JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))) !== JSON.stringify(config)) {
        throw new RoomError('invalid', `${outDir} was begun with another config`, 'Resume with the config.json of that folder, or name a new folder.');
      }
    } else {
      mkdirSync(outDir, { recursive: true });
      writeText(path, `${JSON.stringify(config, null, 2)}\n`);
      writeText(join(outDir, RUN_FILE.log), '');
    }
    const writer = new RunWriter(outDir, { name: basename(outDir), recipe, state: 'running', step: 0, steps }, options.onStatus);
    writer.save();
    return writer;
  }

  /** Drops logged rows after `step`; the clock goes on from the last row kept. */
  resumedAt(step: number): void {
    const rows = readRows(join(this.outDir, RUN_FILE.log)).filter((row) => row.step <= step);
    this.secondsBefore = rows.at(-1)?.seconds ?? 0;
    this.began = performance.now();
    this.stale = false;
    writeText(join(this.outDir, RUN_FILE.log), rows.map(line).join(''));
    this.update({ step });
  }

  log(step: number, values: Record<string, number>): void {
    // A run that was killed before its first checkpoint starts over.
    if (this.stale) this.resumedAt(step - 1);
    const seconds = Math.round((this.secondsBefore + (performance.now() - this.began) / 1000) * 1000) / 1000;
    appendFileSync(join(this.outDir, RUN_FILE.log), line({ step, seconds, values }));
    this.update({ step });
  }

  update(patch: Partial<RunStatus>): void {
    this.status = { ...this.status, ...patch };
    if (performance.now() - this.written >= 1000) this.save();
  }

  end(patch: Partial<RunStatus>): RunStatus {
    this.status = { ...this.status, ...patch };
    delete this.status.secondsLeft;
    this.save();
    return this.status;
  }

  private save(): void {
    this.written = performance.now();
    writeText(join(this.outDir, RUN_FILE.status), `${JSON.stringify(this.status, null, 2)}\n`);
    this.onStatus(this.status);
  }
}

/** Runs directly in the given folders or one level below them, newest first. Folders that are missing are passed over. */
export async function listRuns(folders: string[]): Promise<RunSummary[]> {
  const found = new Map<string, RunSummary>();
  for (const folder of folders) {
    for (const candidate of [folder, ...(await subfolders(folder))]) {
      const run = await readRun(candidate);
      if (run !== undefined) found.set(candidate, run);
    }
  }
  return [...found.values()].sort((a, b) => b.modified.localeCompare(a.modified));
}

async function readRun(path: string): Promise<RunSummary | undefined> {
  const file = join(path, RUN_FILE.status);
  try {
    const status = JSON.parse(await readFile(file, 'utf8')) as Partial<RunStatus>;
    if (typeof status.recipe !== 'string' || typeof status.step !== 'number' || typeof status.steps !== 'number') return undefined;
    if (!['running', 'done', 'stopped', 'failed'].includes(status.state ?? '')) return undefined;
    return { ...(status as RunStatus), name: status.name ?? basename(path), path, modified: (await stat(file)).mtime.toISOString() };
  } catch {
    return undefined;
  }
}

/** Names of the folders directly inside, absolute; empty where `folder` cannot be read. */
export async function subfolders(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name)).sort();
  } catch {
    return [];
  }
}

/** Complete rows of a log; a last line that was cut by a kill is left out. */
export function readRows(path: string): RunRow[] {
  if (!existsSync(path)) return [];
  const rows: RunRow[] = [];
  for (const text of readFileSync(path, 'utf8').split('\n')) {
    try {
      const row = JSON.parse(text) as RunRow;
      if (typeof row.step === 'number') rows.push(row);
    } catch {
      continue;
    }
  }
  return rows;
}

function line(row: RunRow): string {
  return `${JSON.stringify(row)}\n`;
}
