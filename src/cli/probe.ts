// `probe`: trains an R-Probe for a bundle, or applies the bundle's probe to a scan without reading it.

import { randomUUID } from 'node:crypto';
import { trainVerb } from './train.ts';
import { oneOf, parseVerb, required, usageError, type Verb } from './verb.ts';

export const verb: Verb = {
  summary: 'Train a probe that reconstructs the scan from visual tokens, or apply it',
  usage: `
reading-room probe train <config.json> --out <run folder> [--resume] [--json]
reading-room probe apply <scan> --bundle <folder> --out <file.nii.gz> [--device auto|cpu|webgpu] [--json]

apply writes the reconstruction in Hounsfield units on the model's input grid and prints its scores beside the null's.`,
  async run(args, cli) {
    const [what, ...rest] = args;
    if (what === 'train') return trainVerb('probe', rest, cli);
    if (what !== 'apply') throw usageError('probe', "say 'probe train' or 'probe apply'");
    const { values, positionals } = parseVerb('probe', rest, {
      bundle: { type: 'string' },
      out: { type: 'string' },
      device: { type: 'string', default: 'auto' },
      json: { type: 'boolean', default: false },
    });
    if (positionals.length > 1) throw usageError('probe', 'one scan at a time');
    const engine = await cli.engine();
    const job = randomUUID();
    cli.signal.addEventListener('abort', () => void engine.cancel(job));
    const result = await engine.probeApply(job, {
      scan: required('probe', '<scan>', positionals[0]),
      bundle: required('probe', '--bundle', values.bundle),
      out: required('probe', '--out', values.out),
      device: oneOf('probe', '--device', values.device, ['auto', 'cpu', 'webgpu']),
    });
    if (values.json) return cli.json(result);
    for (const arm of ['probe', 'null'] as const) cli.print(`${arm.padEnd(6)} R2 ${result[arm].r2.toFixed(3)}, PSNR ${result[arm].psnr.toFixed(2)} dB, SSIM ${result[arm].ssim.toFixed(3)}`);
    cli.print(`reconstruction in ${result.out}`);
  },
};
