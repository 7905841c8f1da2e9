// Training: one graph holds forward pass, backward pass and AdamW. Weights and moments are inputs and outputs of the graph,
// swapped after each step (inputs cost nothing, outputs one copy); with accumulation the backward graph adds gradients up
// and a second graph applies them. The same state and feeds give the same bits, which is what exact resume rests on.

import { RoomError } from '../protocol/error.ts';
import { gradients } from './autodiff.ts';
import { modelBytes } from './file.ts';
import { Graph, type Param, type Value } from './graph.ts';
import { initWeights } from './init.ts';
import { adamW, clipFactor, ADAMW, type Slot } from './optimiser.ts';
import { add, div } from './ops.ts';
import type { Runtime, Session, Tensor } from './runtime.ts';
import { tensorOf } from './tensor.ts';
import type { AdamWOptions, Feeds, StepMetrics, TrainerOptions, TrainState, Weights } from './training.ts';

const scalarTensor = (x: number): Tensor => ({ dtype: 'float32', dims: [], data: Float32Array.of(x) });

const numberOf = (t: Tensor | undefined): number => Number(t?.data[0]);

/** A fresh state for the parameters of `g`. */
export function newState(g: Graph, seed: number): TrainState {
  return { step: 0, weights: initWeights(g, seed), m: new Map(), v: new Map() };
}

interface Built {
  graph: Graph;
  trainable: Param[];
  grads: Value[];
  metrics: string[];
}

function buildBackward(options: TrainerOptions): Built {
  const graph = new Graph({ name: 'training' });
  const { loss, metrics = {} } = options.build(graph);
  const trainable = [...graph.params.values()].filter((p) => !options.frozen?.(p.value.name));
  if (trainable.length === 0) throw new RoomError('invalid', 'Every parameter is frozen: there is nothing to train.', 'Leave some parameters trainable.');
  const forwardOutputs: Record<string, Value> = { loss, ...metrics };
  const grads = gradients(graph, loss, trainable.map((p) => p.value));
  for (const [name, value] of Object.entries(forwardOutputs)) graph.output(name, value);
  return { graph, trainable, grads, metrics: Object.keys(forwardOutputs) };
}

/** Appends clipping and AdamW; outputs gradNorm and the next weights and moments. */
function appendUpdate(g: Graph, trainable: readonly Param[], weights: readonly Value[], grads: readonly Value[], options: TrainerOptions): void {
  const optimiser: Required<AdamWOptions> = { ...ADAMW, ...options.optimiser };
  g.scope('adamw', () => {
    const { norm, factor } = clipFactor(g, grads, optimiser.clipNorm);
    const lr = g.input('lr', 'float32', []);
    const step = g.input('step', 'float32', []);
    const slots: Slot[] = trainable.map((p, i) => {
      const { name, shape } = p.value;
      return { weight: weights[i]!, grad: grads[i]!, m: g.input(`m:${name}`, 'float32', shape), v: g.input(`v:${name}`, 'float32', shape), decay: p.decay, lrScale: options.lrScale?.(name) ?? 1 };
    });
    const next = adamW(g, slots, lr, step, factor, optimiser);
    g.output('gradNorm', norm);
    next.forEach((n, i) => {
      const name = trainable[i]!.value.name;
      g.output(`next:${name}`, n.weight);
      g.output(`next_m:${name}`, n.m);
      g.output(`next_v:${name}`, n.v);
    });
  });
}

export class Trainer {
  /** Changed by `step`; give it to another trainer to continue there. */
  readonly state: TrainState;
  private readonly options: TrainerOptions;
  private readonly trainable: readonly Param[];
  private readonly params: readonly string[];
  private readonly metrics: readonly string[];
  private readonly backward: Session;
  /** Applies accumulated gradients; absent where one graph does all. */
  private readonly update: Session | undefined;

  private constructor(options: TrainerOptions, state: TrainState, built: Built, backward: Session, update: Session | undefined) {
    this.options = options;
    this.state = state;
    this.trainable = built.trainable;
    this.params = [...built.graph.params.keys()];
    this.metrics = built.metrics;
    this.backward = backward;
    this.update = update;
  }

  /** Builds the graph, makes or completes the state, loads the sessions. */
  static async create(options: TrainerOptions): Promise<Trainer> {
    const built = buildBackward(options);
    const { graph: g, trainable, grads } = built;
    const state = options.state ?? newState(g, options.seed ?? 0);
    completeState(state, g, trainable, options);
    const load = (runtime: Runtime, graph: Graph): Promise<Session> => runtime.load(modelBytes(graph), { use: 'training', ...(options.threads === undefined ? {} : { threads: options.threads }) });
    const micro = options.accumulate ?? 1;
    if (micro === 1) {
      appendUpdate(g, trainable, trainable.map((p) => p.value), grads, options);
      return new Trainer(options, state, built, await load(options.runtime, g), undefined);
    }
    trainable.forEach((p, i) => {
      const { name, shape } = p.value;
      g.output(`next_acc:${name}`, add(g, g.input(`acc:${name}`, 'float32', shape), grads[i]!));
    });
    const apply = new Graph({ name: 'update' });
    const weights = trainable.map((p) => apply.input(p.value.name, 'float32', p.value.shape));
    const means = trainable.map((p) => div(apply, apply.input(`acc:${p.value.name}`, 'float32', p.value.shape), micro));
    appendUpdate(apply, trainable, weights, means, options);
    return new Trainer(options, state, built, await load(options.runtime, g), await load(options.runtime, apply));
  }

  /**
   * One optimiser step at learning rate `lr`. With accumulation, give as many feeds as micro-batches.
   * Returns loss and metrics (averaged over micro-batches) and the gradient norm before clipping.
   * @throws RoomError 'invalid' where the loss or the gradients are not finite; the state is then unchanged
   */
  async step(feeds: Feeds | readonly Feeds[], { lr }: { lr: number }): Promise<StepMetrics> {
    const batches = Array.isArray(feeds) ? (feeds as readonly Feeds[]) : [feeds as Feeds];
    const micro = this.options.accumulate ?? 1;
    if (batches.length !== micro) throw new RoomError('invalid', `A step takes ${micro} batches, got ${batches.length}.`, 'Give one feed per micro-batch.');
    const { state } = this;
    const weights: Feeds = {};
    for (const name of this.params) weights[name] = state.weights.get(name)!;
    const moments: Feeds = { lr: scalarTensor(lr), step: scalarTensor(state.step + 1) };
    for (const { value } of this.trainable) {
      moments[`m:${value.name}`] = state.m.get(value.name)!;
      moments[`v:${value.name}`] = state.v.get(value.name)!;
    }
    const sums: Record<string, number> = Object.fromEntries(this.metrics.map((name) => [name, 0]));
    let results: Record<string, Tensor> = {};
    let acc: Feeds = {};
    if (this.update) for (const { value } of this.trainable) acc[`acc:${value.name}`] = tensorOf('float32', value.shape);
    for (const batch of batches) {
      results = await this.backward.run(this.update ? { ...weights, ...acc, ...batch } : { ...weights, ...moments, ...batch });
      for (const name of this.metrics) sums[name]! += numberOf(results[name]) / micro;
      if (this.update) acc = Object.fromEntries(this.trainable.map(({ value }) => [`acc:${value.name}`, results[`next_acc:${value.name}`]!]));
    }
    if (this.update) results = await this.update.run({ ...weights, ...moments, ...acc });
    const gradNorm = numberOf(results['gradNorm']);
    if (!Number.isFinite(gradNorm) || !Number.isFinite(sums['loss']))
      throw new RoomError('invalid', `Step ${state.step + 1} has loss ${sums['loss']} and gradient norm ${gradNorm}.`, 'Lower the learning rate, or look for bad values in the data.');
    this.adopt(results);
    return { ...sums, loss: sums['loss']!, gradNorm };
  }

  private adopt(results: Record<string, Tensor>): void {
    const { state } = this;
    state.step++;
    for (const { value } of this.trainable) {
      const { name } = value;
      const next = results[`next:${name}`]!;
      state.weights.set(name, next);
      state.m.set(name, results[`next_m:${name}`]!);
      state.v.set(name, results[`next_v:${name}`]!);
      const ema = state.ema?.get(name);
      if (ema && this.options.ema !== undefined) follow(ema.data as Float32Array, next.data as Float32Array, this.options.ema, state.step);
    }
  }

  async release(): Promise<void> {
    await this.backward.release();
    await this.update?.release();
  }
}

/** EMA in place, with the decay eased in over the first steps: min(decay, (1 + t) / (10 + t)). */
function follow(ema: Float32Array, weights: Float32Array, decay: number, step: number): void {
  const keep = Math.min(decay, (1 + step) / (10 + step));
  for (let i = 0; i < ema.length; i++) ema[i] = ema[i]! * keep + weights[i]! * (1 - keep);
}

/** Weights, zero moments and EMA for what the state lacks; shapes must agree with the graph. */
function completeState(state: TrainState, g: Graph, trainable: readonly Param[], options: TrainerOptions): void {
  for (const [name, tensor] of initWeights(g, options.seed ?? 0, state.weights)) if (!state.weights.has(name)) state.weights.set(name, tensor);
  for (const [name, { value }] of g.params) {
    const t = state.weights.get(name)!;
    if (t.dims.join() !== value.shape.join()) throw new RoomError('invalid', `Parameter ${name} has shape [${t.dims}] in the given weights and [${value.shape}] in the model.`, 'Use weights that belong to this configuration.');
  }
  const moments = (map: Weights, name: string, shape: readonly number[]): void => {
    if (!map.has(name)) map.set(name, tensorOf('float32', shape));
  };
  for (const { value } of trainable) {
    moments(state.m, value.name, value.shape);
    moments(state.v, value.name, value.shape);
  }
  if (options.ema === undefined) return;
  state.ema ??= new Map();
  for (const { value } of trainable) {
    const { name } = value;
    if (!state.ema.has(name)) state.ema.set(name, { dtype: 'float32', dims: value.shape, data: (state.weights.get(name)!.data as Float32Array).slice() });
  }
}

/** The weights to evaluate and ship: EMA where there is one, else the trained ones. */
export function bestWeights(state: TrainState): Weights {
  return new Map([...state.weights].map(([name, t]) => [name, state.ema?.get(name) ?? t]));
}
