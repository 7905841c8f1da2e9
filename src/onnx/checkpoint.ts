// Checkpoints: one safetensors file with weights, moments and EMA, and in its metadata the step and a JSON of the caller
// (random state, data position). One file, replaced atomically, so that a run killed at any moment finds a whole one.

import { existsSync } from 'node:fs';
import { RoomError } from '../protocol/error.ts';
import type { Tensor } from './runtime.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import type { TrainState, Weights } from './training.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const GROUPS = ['weights', 'm', 'v', 'ema'] as const;

/** Writes the whole state to `path` (.safetensors), atomically. */
export function saveCheckpoint(path: string, state: TrainState, extra: Json = null): void {
  const all = new Map<string, Tensor>();
  for (const group of GROUPS) for (const [name, t] of state[group] ?? []) all.set(`${group}/${name}`, t);
  writeSafetensors(path, all, { step: String(state.step), extra: JSON.stringify(extra) });
}

/** The state saved at `path`, or undefined where there is none. */
export function loadCheckpoint(path: string): { state: TrainState; extra: Json } | undefined {
  if (!existsSync(path)) return undefined;
  const { tensors, metadata } = readSafetensors(path);
  const step = Number(metadata['step']);
  if (!Number.isSafeInteger(step) || step < 0) throw new RoomError('format', `${path} names no step; it is not a checkpoint.`, 'Point to a checkpoint that a training run wrote.');
  const group = (prefix: string): Weights => new Map([...tensors].flatMap(([name, t]) => (name.startsWith(`${prefix}/`) ? [[name.slice(prefix.length + 1), t] as const] : [])));
  const ema = group('ema');
  return {
    state: { step, weights: group('weights'), m: group('m'), v: group('v'), ...(ema.size > 0 ? { ema } : {}) },
    extra: JSON.parse(metadata['extra'] ?? 'null') as Json,
  };
}
