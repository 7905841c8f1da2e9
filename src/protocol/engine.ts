// The engine's interface: the only door to volumes, models and readings. The extension host talks to it over child-process
// IPC, the CLI calls it in its own process. Methods reject with RoomError. The host forks two of these processes: one that
// serves slices and saved readings and is never blocked by a model, and one per device that runs models and may be killed
// to cancel; they meet through readings on disk.

import type { BundleSummary } from './bundle.ts';
import type { ErrorInfo } from './error.ts';
import type { DeviceChoice, Device, PlaceInfo, ProbeScores, Reading, ReadingSummary } from './reading.ts';
import type { BenchRow, RunStatus, RunSummary } from './run.ts';
import type { ScanInfo, SliceReply, SliceRequest, Vec3 } from './scan.ts';

export interface DeviceCheck {
  device: Device;
  usable: boolean;
  chosen: boolean;
  /** Each step of the ladder with what happened. */
  steps: { step: string; ok: boolean; detail: string }[];
  fix: string;
}

export interface ReadRequest {
  scan: string;
  bundle: string;
  /** Folder of the new reading; made if absent; must be empty. */
  out: string;
  device: DeviceChoice;
  maxNewTokens?: number;
  /** Reference report to compare with; default: the one beside the scan. */
  reference?: string;
}

export interface ProbeRequest {
  scan: string;
  bundle: string;
  /** NIfTI file of the reconstruction, written anew. */
  out: string;
  device: DeviceChoice;
}

export interface SynthRequest {
  out: string;
  count: number;
  seed: number;
  format: 'dicom' | 'nifti';
  /** Columns and rows of a slice over 218 mm; 256 by default, 512 as from a scanner (four times the time). */
  matrix?: number;
}

export interface EvalRequest {
  cases: string;
  bundle: string;
  out: string;
  device: DeviceChoice;
  limit?: number;
}

export interface EvalResult {
  cases: number;
  findingF1: {
    micro: number;
    macro: number;
    perFinding: Record<string, { precision: number; recall: number; f1: number; support: number }>;
  };
  normals: number;
  normalsWithFalseFindings: number;
  metrics: Record<string, number>;
}

export interface EngineApi {
  /** Versions and process id; answers as soon as the process is ready. */
  hello(): Promise<{ pid: number; versions: Record<string, string> }>;
  checkDevices(choice: DeviceChoice): Promise<DeviceCheck[]>;

  /** Opens a scan or shares the one that is open (reference-counted): a file, any file of a DICOM series, or a folder. */
  openScan(path: string, options?: { single?: boolean }): Promise<ScanInfo>;
  closeScan(scanId: string): Promise<void>;
  slice(request: SliceRequest): Promise<SliceReply>;
  /** Facts of a scan for scripts, see the CLI contract. */
  scanFacts(path: string, options?: { single?: boolean }): Promise<ScanFacts>;

  listBundles(folders: string[]): Promise<BundleSummary[]>;
  /** Loads every part, runs it once on zeros of the right shape; problems name file and field. */
  checkBundle(path: string): Promise<{ ok: boolean; checks: { name: string; ok: boolean; detail: string }[] }>;

  read(job: string, request: ReadRequest): Promise<Reading>;
  listReadings(folders: string[]): Promise<ReadingSummary[]>;
  /** Opens a saved reading for its layers (reference-counted by path). The id is the key in layers. */
  openReading(path: string): Promise<{ readingId: string; reading: Reading }>;
  closeReading(readingId: string): Promise<void>;
  /** Visual token under a point, its footprint, error and words; undefined outside the model's input. */
  place(readingId: string, point: Vec3): Promise<PlaceInfo | undefined>;
  /** A point and box for a clue's region, for the jump. Undefined: no support found. */
  clueRegion(readingId: string, clueId: string, method: 'occlusion' | 'attention'): Promise<ClueRegion | undefined>;
  tokenErrors(readingId: string): Promise<{ probe: Float32Array; null: Float32Array } | undefined>;
  exportHtml(readingPath: string, out: string): Promise<void>;

  synthHead(job: string, request: SynthRequest): Promise<{ cases: number; out: string }>;
  train(job: string, config: string, out: string, options: { resume: boolean }): Promise<RunStatus>;
  probeTrain(job: string, config: string, out: string, options: { resume: boolean }): Promise<RunStatus>;
  /** Reconstructs a scan from its visual tokens without reading it; scores are over this scan. */
  probeApply(job: string, request: ProbeRequest): Promise<{ out: string; name: string; probe: ProbeScores; null: ProbeScores }>;
  evaluate(job: string, request: EvalRequest): Promise<EvalResult>;
  listRuns(folders: string[]): Promise<RunSummary[]>;
  bench(name: string): Promise<BenchRow[]>;

  /** Asks a job to stop at its next safe point; the caller kills the process where that takes too long. */
  cancel(job: string): Promise<void>;
}

export interface ClueRegion {
  /** Strength-weighted centre in LPS millimetres. */
  centre: Vec3;
  box: readonly [Vec3, Vec3];
  /** Tokens above half of the strongest. */
  tokens: number[];
  method: 'occlusion' | 'attention';
  strength: number;
  nullStrength: number;
}

export interface ScanFacts {
  format: string;
  shape: number[];
  spacing: number[];
  /** 4 x 4, RAS+ millimetres as nibabel has it. */
  affine: number[][];
  axcodes: string;
  dtype: string;
  min: number;
  max: number;
  mean: number;
  storedSha256: string;
  warnings: string[];
}

/** Pushed by the engine while a job runs. */
export type EngineEvent =
  | { type: 'progress'; job: string; stage: string; done: number; total: number; detail?: string }
  | { type: 'token'; job: string; text: string; logProb: number }
  | { type: 'run'; job: string; status: RunStatus }
  | { type: 'log'; level: 'info' | 'warn' | 'error'; message: string };

export type Result<T> = { ok: true; value: T } | { ok: false; error: ErrorInfo };
