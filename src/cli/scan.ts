// `reading-room scan <path> [--single] [--json]`: facts of a scan on stdout, as JSON or as lines to read.

import { parseVerb, required, usageError, type Verb } from './verb.ts';

export const verb: Verb = {
  summary: 'Print the facts of a scan: shape, spacing, orientation, values, warnings',
  usage: `
reading-room scan <file or folder> [--single] [--json]

Takes a NIfTI file, any file of a DICOM series, or a folder of DICOM files.

  --single  take the one file, without the other files of its series
  --json    print {format, shape, spacing, affine, axcodes, dtype, min, max, mean, storedSha256, warnings}

The affine maps voxels to RAS millimetres, as nibabel has it, for DICOM too. min, max and mean are of scaled values
(Hounsfield units for CT); storedSha256 is over the stored values, little-endian.`,
  async run(args, cli) {
    const { values, positionals } = parseVerb('scan', args, { single: { type: 'boolean' }, json: { type: 'boolean' } });
    if (positionals.length > 1) throw usageError('scan', 'takes one file or folder');
    const path = required('scan', 'the file or folder', positionals[0]);
    const engine = await cli.engine();
    const facts = await engine.scanFacts(path, { single: values.single === true });
    if (values.json) {
      cli.json(facts);
      return;
    }
    const number = (v: number): string => String(Number(v.toPrecision(7)));
    const lines: [string, string][] = [
      ['format', facts.format],
      ['shape', facts.shape.join(' x ')],
      ['spacing (mm)', facts.spacing.map(number).join(' x ')],
      ['axes', facts.axcodes],
      ['stored as', facts.dtype],
      ['values', `${number(facts.min)} to ${number(facts.max)}, mean ${number(facts.mean)}`],
      ...facts.affine.slice(0, 3).map((row, n): [string, string] => [n === 0 ? 'affine (RAS)' : '', row.map(number).join('  ')]),
      ['stored sha256', facts.storedSha256],
      ...facts.warnings.map((warning): [string, string] => ['warning', warning]),
    ];
    for (const [name, value] of lines) cli.print(`${name.padEnd(14)} ${value}`);
  },
};
