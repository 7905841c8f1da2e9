// `bundle check` and `bundle list`.

import { parseVerb, required, usageError, type Verb } from './verb.ts';

export const verb: Verb = {
  summary: 'Check a model bundle, or list those in folders',
  usage: `
reading-room bundle check <folder> [--json]
reading-room bundle list <folder>... [--json]

check loads every part and runs it once; it exits with 1 where something does not fit.`,
  async run(args, cli) {
    const { values, positionals } = parseVerb('bundle', args, { json: { type: 'boolean', default: false } });
    const [what, ...paths] = positionals;
    const engine = await cli.engine();
    if (what === 'list') {
      const bundles = await engine.listBundles(paths.length === 0 ? ['models'] : paths);
      if (values.json) return cli.json(bundles);
      for (const bundle of bundles) cli.print(bundle.problem === undefined ? `${bundle.path}: ${bundle.title}, ${bundle.megabytes} MB` : `${bundle.path}: ${bundle.problem.message}`);
      return;
    }
    if (what !== 'check' || paths.length > 1) throw usageError('bundle', "say 'bundle check <folder>' or 'bundle list <folder>...'");
    const result = await engine.checkBundle(required('bundle', '<folder>', paths[0]));
    if (!result.ok) process.exitCode = 1;
    if (values.json) return cli.json(result);
    for (const check of result.checks) cli.print(`${check.ok ? 'ok    ' : 'failed'} ${check.name}: ${check.detail}`);
  },
};
