// The baseline recipe's config and its JSON Schema. Everything that decides the result is in it.

import type { PhantomSetSpec } from '../phantom-set.ts';
import type { VolumePreprocess } from '../../protocol/bundle.ts';
import type { BaselineModelConfig } from './model.ts';

export interface BaselineStage {
  name: 'encoder' | 'language' | 'joint';
  steps: number;
  batch: number;
  lr: number;
  warmup: number;
  /** Last steps, over which the rate falls linearly to zero. */
  cooldown: number;
  /** Phantoms drawn from: the first so many of the set, each epoch in a new order. */
  cases: number;
}

export interface BaselineConfig {
  recipe: 'baseline';
  name: string;
  title: string;
  seed: number;
  data: PhantomSetSpec & {
    /** Where phantoms are kept between epochs and runs; relative to the config. */
    folder: string;
    validation: { firstSeed: number; cases: number };
  };
  preprocess: VolumePreprocess;
  model: BaselineModelConfig;
  /** Tokens of a report, </s> included; longer reports are cut. */
  textLength: number;
  /** Weight of the dense losses while the language model trains. */
  denseWeight: number;
  ema: number;
  weightDecay: number;
  /** Steps between checkpoints and between validations. */
  saveEvery: number;
  threads: number;
  stages: BaselineStage[];
}

const triple = { type: 'array', items: { type: 'number', exclusiveMinimum: 0 }, minItems: 3, maxItems: 3 };
const count = { type: 'integer', minimum: 1 };
const positive = { type: 'number', exclusiveMinimum: 0 };

function object(properties: Record<string, unknown>, optional: string[] = []): Record<string, unknown> {
  return { type: 'object', properties, required: Object.keys(properties).filter((key) => !optional.includes(key)), additionalProperties: false };
}

export const BASELINE_SCHEMA = object({
  recipe: { const: 'baseline' },
  name: { type: 'string', pattern: '^[a-z0-9-]+$' },
  title: { type: 'string' },
  seed: { type: 'integer', minimum: 0 },
  data: object({
    folder: { type: 'string' },
    firstSeed: { type: 'integer', minimum: 0 },
    source: object({ dims: triple, spacing: triple }),
    preprocess: object({ dims: triple, spacing: triple, centre: { enum: ['head', 'volume'] } }),
    validation: object({ firstSeed: { type: 'integer', minimum: 0 }, cases: count }),
  }),
  preprocess: object({
    kind: { const: 'volume' },
    dims: triple,
    spacing: triple,
    centre: { enum: ['head', 'volume'] },
    channels: { type: 'array', minItems: 1, items: object({ name: { type: 'string' }, low: { type: 'number' }, high: { type: 'number' } }) },
    mean: { type: 'number' },
    std: positive,
  }),
  model: object({
    image: triple,
    channels: count,
    patch: triple,
    cell: triple,
    cellWidth: count,
    width: count,
    depth: count,
    heads: count,
    pool: triple,
    lm: object({
      vocabSize: { type: 'integer', minimum: 260 },
      hiddenSize: count,
      intermediateSize: count,
      numLayers: count,
      numHeads: count,
      numKeyValueHeads: count,
      maxPositions: count,
    }, ['numKeyValueHeads']),
  }),
  textLength: { type: 'integer', minimum: 8 },
  denseWeight: { type: 'number', minimum: 0 },
  ema: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
  weightDecay: { type: 'number', minimum: 0 },
  saveEvery: count,
  threads: { type: 'integer', minimum: 0, default: 0 },
  stages: {
    type: 'array',
    minItems: 1,
    items: object({
      name: { enum: ['encoder', 'language', 'joint'] },
      steps: count,
      batch: count,
      lr: positive,
      warmup: { type: 'integer', minimum: 0 },
      cooldown: { type: 'integer', minimum: 0 },
      cases: count,
    }),
  },
});
