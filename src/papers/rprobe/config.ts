// The r-probe recipe's config and its JSON Schema.

import type { PhantomSetSpec } from '../phantom-set.ts';

export interface ProbeConfig {
  recipe: 'r-probe';
  name: string;
  /** The bundle that is probed; relative to the config. Nothing in it is trained. */
  bundle: string;
  /** The tap that is probed: the one that holds the bundle's visual tokens. */
  tap: string;
  seed: number;
  data: Omit<PhantomSetSpec, 'preprocess'> & { folder: string; cases: number; validation: { firstSeed: number; cases: number } };
  /** HU that the probe is to reconstruct; targets are clipped to it. */
  range: [number, number];
  headWidth: number;
  attention: 'causal' | 'bidirectional';
  steps: number;
  batch: number;
  lr: number;
  warmup: number;
  cooldown: number;
  saveEvery: number;
  threads: number;
}

const triple = { type: 'array', items: { type: 'number', exclusiveMinimum: 0 }, minItems: 3, maxItems: 3 };
const count = { type: 'integer', minimum: 1 };
const whole = { type: 'integer', minimum: 0 };
const object = (properties: Record<string, unknown>) => ({ type: 'object', properties, required: Object.keys(properties), additionalProperties: false });

export const PROBE_SCHEMA = object({
  recipe: { const: 'r-probe' },
  name: { type: 'string', pattern: '^[a-z0-9-]+$' },
  bundle: { type: 'string' },
  tap: { type: 'string' },
  seed: whole,
  data: object({
    folder: { type: 'string' },
    firstSeed: whole,
    source: object({ dims: triple, spacing: triple }),
    cases: count,
    validation: object({ firstSeed: whole, cases: count }),
  }),
  range: { type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2 },
  headWidth: count,
  attention: { enum: ['causal', 'bidirectional'] },
  steps: count,
  batch: count,
  lr: { type: 'number', exclusiveMinimum: 0 },
  warmup: whole,
  cooldown: whole,
  saveEvery: count,
  threads: whole,
});
