// `synth head`: writes head phantoms with their ground truth.

import { randomUUID } from 'node:crypto';
import { oneOf, parseVerb, required, usageError, wholeNumber, type Verb } from './verb.ts';

export const verb: Verb = {
  summary: 'Write synthetic scans with label maps, reports and cases.jsonl',
  usage: `
reading-room synth head --count N --seed S --format dicom|nifti --out <folder> [--matrix 256] [--json]

Case n has the seed S + n; the same request writes the same bytes. --out must be new or empty.`,
  async run(args, cli) {
    const { values, positionals } = parseVerb('synth', args, {
      count: { type: 'string', default: '1' },
      seed: { type: 'string', default: '0' },
      format: { type: 'string', default: 'nifti' },
      out: { type: 'string' },
      matrix: { type: 'string', default: '256' },
      json: { type: 'boolean', default: false },
    });
    if (positionals.length !== 1 || positionals[0] !== 'head') throw usageError('synth', "say what to make: 'synth head'");
    const engine = await cli.engine();
    const job = randomUUID();
    cli.signal.addEventListener('abort', () => void engine.cancel(job));
    const made = await engine.synthHead(job, {
      out: required('synth', '--out', values.out),
      count: wholeNumber('synth', '--count', values.count, 1) ?? 1,
      seed: wholeNumber('synth', '--seed', values.seed, 0) ?? 0,
      matrix: wholeNumber('synth', '--matrix', values.matrix, 1) ?? 256,
      format: oneOf('synth', '--format', values.format, ['dicom', 'nifti']),
    });
    if (values.json) return cli.json(made);
    cli.print(`${made.cases} case(s) in ${made.out}`);
  },
};
