// `probe`: trains an R-Probe for a bundle, or applies the bundle's probe to a scan without reading it.

import { usageError, type Verb } from './verb.ts';
import { trainVerb } from './train.ts';

export const verb: Verb = {
  summary: 'Train a probe that reconstructs the scan from visual tokens, or apply it',
  usage: `
reading-room probe train <config.json> --out <run folder> [--resume] [--json]
reading-room probe apply <scan> --bundle <folder> --out <file.nii.gz> [--device auto|cpu|webgpu] [--json]

apply writes the reconstruction in Hounsfield units on the model's input grid and prints its scores beside the null's.`,
  async run(args, cli) {
    const [what, ...rest] = args;
    if (what === 'train') return trainVerb('probe', rest, cli);
    throw usageError('probe', "say 'probe train' or 'probe apply'");
  },
};
