// `bench`: runs one measured comparison.

import { parseVerb, required, usageError, type Verb } from './verb.ts';

export const verb: Verb = {
  summary: 'Run a measured comparison',
  usage: `
reading-room bench <name> [--json]

Prints value, reference and their ratio, both from the same run. A wrong name lists the benches.`,
  async run(args, cli) {
    const { values, positionals } = parseVerb('bench', args, { json: { type: 'boolean', default: false } });
    if (positionals.length > 1) throw usageError('bench', 'one bench at a time');
    const rows = await (await cli.engine()).bench(required('bench', '<name>', positionals[0]));
    if (values.json) return cli.json(rows);
    for (const row of rows) cli.print(`${row.name}: ${row.value.toPrecision(4)} ${row.unit}, ${row.ratio.toPrecision(3)} x ${row.reference} (${row.referenceValue.toPrecision(4)} ${row.unit})`);
  },
};
