// `train`: runs the recipe that a config file names.

import { randomUUID } from 'node:crypto';
import type { Cli } from './verb.ts';
import { parseVerb, required, usageError, type Verb } from './verb.ts';

export const verb: Verb = {
  summary: 'Train by a config file; a run can be stopped and resumed',
  usage: `
reading-room train <config.json> --out <run folder> [--resume] [--json]

The config's "recipe" names the procedure. The run folder gets config.json, log.jsonl, status.json and checkpoints.
Ctrl+C stops at the next safe point; --resume goes on from the last checkpoint.`,
  run: (args, cli) => trainVerb('train', args, cli),
};

/** Shared by `train` and `probe train`. */
export async function trainVerb(name: 'train' | 'probe', args: string[], cli: Cli): Promise<void> {
  const { values, positionals } = parseVerb(name, args, {
    out: { type: 'string' },
    resume: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  if (positionals.length > 1) throw usageError(name, 'one config at a time');
  const config = required(name, '<config.json>', positionals[0]);
  const out = required(name, '--out', values.out);
  const engine = await cli.engine();
  const job = randomUUID();
  cli.signal.addEventListener('abort', () => void engine.cancel(job));
  const status = await (name === 'train' ? engine.train(job, config, out, values) : engine.probeTrain(job, config, out, values));
  if (values.json) return cli.json(status);
  const metric = status.headline === undefined ? '' : `, ${status.headline.name} ${status.headline.value.toPrecision(4)}`;
  cli.print(`${status.state} at step ${status.step} of ${status.steps}${metric}${status.message === undefined ? '' : `: ${status.message}`}`);
}
