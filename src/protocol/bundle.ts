// `reading-room.json`: what a bundle adds to the Hugging Face layout (DESIGN section 4). The JSON Schema that VS Code and
// the loader use is media/reading-room.schema.json; these types mirror it. All paths are relative and stay inside the folder.

import type { Vec3 } from './scan.ts';

export interface BundleManifest {
  schema: 1;
  name: string;
  title: string;
  task: 'ct-report';
  /** One sentence shown wherever the bundle can be chosen. */
  description: string;
  /** Where the bundle must not be trusted. */
  limits: string;
  preprocess: VolumePreprocess;
  stages: Stage[];
  visual: { stage: string; tap: string; grid: Vec3 };
  taps: { name: string; stage: string; output: string }[];
  prompt: string;
  probes: ProbeEntry[];
}

/** Resample to a patient-aligned grid around the head, window each channel to [0, 1], then (x - mean) / std. */
export interface VolumePreprocess {
  kind: 'volume';
  dims: Vec3;
  spacing: Vec3;
  centre: 'head' | 'volume';
  channels: { name: string; low: number; high: number }[];
  mean: number;
  std: number;
}

export type Stage =
  | { name: string; kind: 'encoder' | 'projector'; model: string; input: string; output: string }
  | {
      name: string;
      kind: 'language-model';
      /** Decoder with KV cache; 'append' = past as [H, room, D], outputs only new rows; 'hf' = transformers.js names. */
      model: string;
      layout: 'hf' | 'append';
      embed: string;
      /** Whole-sequence scorer: inputs_embeds -> logits (+ attention), for occlusion and attention links. */
      scorer?: string;
    };

export interface ProbeEntry {
  name: string;
  tap: string;
  model: string;
  nullModel: string;
  /** HU range the reconstruction is expressed in; outputs are clipped to it. */
  range: readonly [number, number];
  steps: number;
  scores: { r2: number; psnr: number; ssim: number };
  nullScores: { r2: number; psnr: number; ssim: number };
}

export interface BundleSummary {
  path: string;
  name: string;
  title: string;
  task: string;
  description: string;
  limits: string;
  stages: { name: string; kind: string; detail: string }[];
  probes: { name: string; tap: string; r2: number }[];
  megabytes: number;
  /** Set where the bundle does not load; then the other fields may be empty. */
  problem?: { message: string; fix: string };
}
