// What a recipe is: a named training procedure with a checked config that runs on an injected ONNX runtime and writes into
// one folder. The engine finds it by the config's `recipe` field (src/engine/recipes.ts), checks the config against
// `schema`, owns config.json, log.jsonl and status.json of the run, and hands the rest to `run`. A recipe writes its own
// checkpoints (atomically) and exports below `outDir` and touches nothing else.

import type { Runtime } from '../onnx/runtime.ts';
import type { RunStatus } from '../protocol/run.ts';

export interface Recipe<Config = unknown> {
  /** The config's `recipe` field. */
  readonly name: string;
  /** JSON Schema (draft 7) of the whole config, `additionalProperties: false`; `default`s in it are filled in. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Steps a run of this config takes, for the status before the first step. */
  steps(config: Config): number;
  /**
   * Runs to the end, or until `signal` aborts: then it saves a checkpoint at the next safe point and returns 'stopped'.
   * Throws RoomError for what a user can mend.
   */
  run(config: Config, context: RecipeContext): Promise<RecipeOutcome>;
}

export interface RecipeContext {
  readonly runtime: Runtime;
  /** Folder of the run; exists. */
  readonly outDir: string;
  /** Relative paths in the config start here (the config file's folder). */
  readonly baseDir: string;
  /** Continue from the checkpoint in `outDir`; without a checkpoint start at step 0. */
  readonly resume: boolean;
  readonly signal: AbortSignal;
  /** Call once after a checkpoint was loaded: rows after `step` are dropped from the log, time goes on from there. */
  resumedAt(step: number): void;
  /** Appends one row to log.jsonl; the seconds are filled in. Names are the metric's: 'loss', 'lr', 'val/findingF1'. */
  log(step: number, values: Record<string, number>): void;
  /** Updates status.json and whoever watches; unnamed fields stay. Cheap to call each step (writes are throttled). */
  status(patch: Partial<Pick<RunStatus, 'step' | 'steps' | 'secondsLeft' | 'headline' | 'message'>>): void;
}

export interface RecipeOutcome {
  state: 'done' | 'stopped';
  step: number;
  headline?: RunStatus['headline'];
  /** One line for a person: what lies where. */
  message?: string;
}
