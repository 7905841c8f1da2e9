// What a training run is made of: the options of a step, the state that a step changes, and what a step reports.

import type { Graph, Value } from './graph.ts';
import type { Runtime, Tensor } from './runtime.ts';

/** AdamW (Loshchilov & Hutter 2019, decoupled decay) after clipping by global norm. */
export interface AdamWOptions {
  beta1?: number; // 0.9
  beta2?: number; // 0.98
  eps?: number; // 1e-8
  /** Decoupled decay, times the learning rate; applied to parameters declared with decay. */
  weightDecay?: number; // 0.05
  /** Clip gradients to this global norm; 0 turns clipping off. */
  clipNorm?: number; // 1
}

/** Named host tensors: weights by parameter name. */
export type Weights = Map<string, Tensor>;

/** All that changes from step to step. Several trainers (other shapes, other losses) may share one state. */
export interface TrainState {
  step: number;
  weights: Weights;
  /** First and second moments of trainable parameters. */
  m: Weights;
  v: Weights;
  /** Exponential moving average of the trainable weights, if asked for. */
  ema?: Weights;
}

export interface TrainerOptions {
  runtime: Runtime;
  /** Emits the forward graph: declares inputs and parameters, returns the scalar loss and scalar metrics. */
  build: (g: Graph) => { loss: Value; metrics?: Record<string, Value> };
  optimiser?: AdamWOptions;
  /** A shared or restored state; parameters that it lacks are initialised from `seed` and their name. */
  state?: TrainState;
  seed?: number;
  /** Parameters for which this is true get no gradient (default: none). */
  frozen?: (name: string) => boolean;
  /** Learning-rate factor per parameter, 1 by default. */
  lrScale?: (name: string) => number;
  /** Micro-batches per step, 1 by default: `step` then takes that many feeds and averages their gradients. */
  accumulate?: number;
  /** EMA decay, for example 0.995. */
  ema?: number;
  threads?: number;
}

/** loss, gradNorm (before clipping) and the metrics of `build`. */
export type StepMetrics = { loss: number; gradNorm: number } & Record<string, number>;

export type Feeds = Record<string, Tensor>;
