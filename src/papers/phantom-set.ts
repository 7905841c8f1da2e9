// Training cases for every recipe that learns from head phantoms: the phantom of a seed, put through the same preprocessing
// as a scan on disk, kept in one growing file so that later epochs and other recipes read what the first epoch made. Case n
// depends on its seed alone, so a set that is cut short, resumed or made by another run holds the same bytes.

import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { VolumePreprocess } from '../protocol/bundle.ts';
import type { Vec3 } from '../protocol/scan.ts';
import { headGrid } from '../bundle/head-frame.ts';
import { resampleLabels, resampleVolume } from '../scan/resample.ts';
import { headCase, type HeadCase } from '../synth/head/index.ts';

export interface PhantomSetSpec {
  /** Case n is the phantom of seed `firstSeed + n`. */
  firstSeed: number;
  /** Grid that phantoms are made on before they are resampled as a scan would be. */
  source: { dims: Vec3; spacing: Vec3 };
  preprocess: Pick<VolumePreprocess, 'dims' | 'spacing' | 'centre'>;
}

export interface TrainingCase extends Pick<HeadCase, 'seed' | 'findings' | 'report' | 'meta'> {
  /** (D, H, W) Hounsfield units on the input grid. */
  hu: Int16Array;
  /** (D, H, W) label values on the input grid. */
  labels: Uint8Array;
}

/** A case without its voxels. */
export type CaseFacts = Pick<TrainingCase, 'seed' | 'findings' | 'report' | 'meta'>;

export class PhantomSet {
  private readonly rows: CaseFacts[] = [];
  private readonly voxels: number;
  private readonly spec: PhantomSetSpec;
  private readonly rowsPath: string;
  private readonly file: number;

  /** Opens or begins the set of `spec` below `folder`. A half-written last case is dropped. */
  constructor(folder: string, spec: PhantomSetSpec) {
    this.spec = spec;
    this.voxels = spec.preprocess.dims.reduce((a, b) => a * b, 1);
    const key = createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 12);
    const home = join(folder, `phantoms-${key}`);
    mkdirSync(home, { recursive: true });
    this.rowsPath = join(home, 'cases.jsonl');
    const voxelsPath = join(home, 'voxels.bin');
    if (existsSync(this.rowsPath)) {
      const lines = readFileSync(this.rowsPath, 'utf8').split('\n');
      if (lines.at(-1) !== '') truncateSync(this.rowsPath, Buffer.byteLength(lines.slice(0, -1).map((line) => `${line}\n`).join('')));
      for (const line of lines.slice(0, -1)) this.rows.push(JSON.parse(line) as CaseFacts);
    }
    this.file = openSync(voxelsPath, existsSync(voxelsPath) ? 'r+' : 'w+');
    const whole = Math.min(this.rows.length, Math.floor(statSync(voxelsPath).size / this.bytes));
    if (whole < this.rows.length) {
      this.rows.length = whole;
      truncateSync(this.rowsPath, Buffer.byteLength(this.rows.map((row) => `${JSON.stringify(row)}\n`).join('')));
    }
  }

  private get bytes(): number {
    return 3 * this.voxels;
  }

  /** Cases made so far. */
  get size(): number {
    return this.rows.length;
  }

  /** What is known of case n; makes it, and those before it, where they are not there yet. */
  facts(n: number): CaseFacts {
    while (this.rows.length <= n) this.make(this.rows.length);
    return this.rows[n]!;
  }

  /** Case n with its voxels. */
  get(n: number): TrainingCase {
    const facts = this.facts(n);
    const buffer = new Uint8Array(this.bytes);
    readSync(this.file, buffer, 0, buffer.length, n * this.bytes);
    return { ...facts, hu: new Int16Array(buffer.buffer, 0, this.voxels), labels: buffer.subarray(2 * this.voxels) };
  }

  close(): void {
    closeSync(this.file);
  }

  private make(n: number): void {
    const made = headCase(this.spec.firstSeed + n, { grid: this.spec.source });
    const volume = { data: made.hu, dims: made.grid.dims, affine: made.affine };
    const { dims } = this.spec.preprocess;
    const affine = headGrid(volume, this.spec.preprocess);
    if (affine === undefined) throw new Error(`phantom ${made.seed} holds no head`);
    const hu = Int16Array.from(resampleVolume(volume, { dims, affine }), Math.round);
    const labels = resampleLabels({ ...volume, data: made.labels }, { dims, affine });
    const bytes = new Uint8Array(this.bytes);
    bytes.set(new Uint8Array(hu.buffer));
    bytes.set(labels, 2 * this.voxels);
    writeSync(this.file, bytes, 0, bytes.length, n * this.bytes);
    const row: CaseFacts = { seed: made.seed, findings: made.findings, report: made.report, meta: made.meta };
    appendFileSync(this.rowsPath, `${JSON.stringify(row)}\n`);
    this.rows.push(row);
  }
}
