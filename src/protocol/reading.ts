// A reading: the result of one bundle on one scan, saved as `reading.json` + `tensors.safetensors` in its folder and
// viewable without the model (DESIGN section 4). Tensors named below lie in the safetensors file, row-major.
//
//   input            [C, D, H, W]  float32  the exact tensor the encoder received
//   visual_tokens    [N, d]        float32  the projector's output
//   reconstruction   [D, H, W]     float32  HU, the probe's output        (if the bundle ships a probe)
//   null             [D, H, W]     float32  HU, the null baseline's output
//   target           [D, H, W]     float32  HU, what the probe was to reconstruct (clipped to its range)
//   token_error      [2, N]        float32  RMSE in HU per token: probe, null
//   occlusion        [N, T]        float32  fall of log-probability of text token t when visual token n is occluded
//   attention        [T, N]        float32  attention of text token t to visual token n, mean of layers and heads

import type { Clue, ClueLink, ComparedClue, Span } from './clue.ts';
import type { Affine, Vec3 } from './scan.ts';

export type Device = 'cpu' | 'webgpu';
export type DeviceChoice = 'auto' | Device;

export interface ReadingToken {
  id: number;
  text: string;
  /** Where its characters stand in `text`. */
  span: Span;
  /** Natural logarithm of its probability when it was chosen. */
  logProb: number;
}

export interface StageTiming {
  name: string;
  kind: 'preprocess' | 'encoder' | 'projector' | 'language-model' | 'probe' | 'links';
  ms: number;
  /** Shape of the stage's output. */
  shape: number[];
}

/** One step on the way from file to tensor that lost information. */
export interface LossyStep {
  step: 'resample' | 'crop' | 'clip' | 'window' | 'quantise' | 'frame' | 'pad';
  /** One line a person reads, with numbers. */
  what: string;
}

export interface ProbeScores {
  r2: number;
  psnr: number;
  ssim: number;
}

export interface Reading {
  schema: 1;
  id: string;
  created: string;
  versions: Record<string, string>;
  scan: { path: string; format: string; dims: Vec3; spacing: Vec3; affine: Affine; storedSha256: string };
  bundle: { name: string; path: string; sha256: string };
  settings: { device: Device; precision: string; seed: number; decoding: 'greedy'; maxNewTokens: number };
  prompt: string;
  text: string;
  tokens: ReadingToken[];
  finish: 'eos' | 'length';
  stages: StageTiming[];
  lossy: LossyStep[];
  /** Geometry of `input`: dims are (W, H, D) = (i, j, k) with i fastest; affine maps them to LPS millimetres. */
  input: { dims: Vec3; affine: Affine; channels: { name: string; low: number; high: number }[] };
  /** Grid of visual tokens, (i, j, k) with i fastest; affine maps token (i, j, k) centres to LPS millimetres. */
  visual: { tap: string; grid: Vec3; affine: Affine; footprintMm: Vec3; width: number };
  probe?: { name: string; tap: string; steps: number; range: readonly [number, number]; probe: ProbeScores; null: ProbeScores };
  clues: Clue[];
  links: Omit<ClueLink, 'scores'>[];
  reference?: { path: string; text: string; clues: Clue[]; compared: ComparedClue[]; metrics: Record<string, number> };
}

export interface ReadingSummary {
  id: string;
  path: string;
  scanPath: string;
  bundle: string;
  created: string;
  /** First line of the impression or of the text. */
  headline: string;
  findings: string[];
}

/** What the tool knows of one place in the scan. */
export interface PlaceInfo {
  token: number;
  /** (i, j, k) in the token grid. */
  at: Vec3;
  /** Corners of the token's footprint box in LPS millimetres, [min, max] along the input grid's axes. */
  footprint: readonly [Vec3, Vec3];
  rmse?: number;
  nullRmse?: number;
  /** Percentile of rmse among all tokens, 0..100. */
  percentile?: number;
  /** Text tokens it drove most: fall of log-probability when it is occluded, largest first, only above `nullStrength`. */
  words: { text: string; span: Span; strength: number }[];
  nullStrength: number;
}
