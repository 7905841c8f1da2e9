// `eval`: scores a bundle on cases with known findings.

import { randomUUID } from 'node:crypto';
import { oneOf, parseVerb, required, usageError, wholeNumber, type Verb } from './verb.ts';

export const verb: Verb = {
  summary: 'Score a model on cases with known findings',
  usage: `
reading-room eval <cases.jsonl> --bundle <folder> --out <run folder> [--device auto|cpu|webgpu] [--limit N] [--json]

A case is {"id", "scan", "report", "findings": [{"finding", "side", "volumeMl"}]}, paths relative to the file. Findings are
counted as pairs with their side; one whose volume applies and is under 5 ml is left out, found or not. The run folder gets
predictions.jsonl and result.json.`,
  async run(args, cli) {
    const { values, positionals } = parseVerb('eval', args, {
      bundle: { type: 'string' },
      out: { type: 'string' },
      device: { type: 'string', default: 'auto' },
      limit: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    if (positionals.length > 1) throw usageError('eval', 'one cases file at a time');
    const limit = wholeNumber('eval', '--limit', values.limit, 1);
    const engine = await cli.engine();
    const job = randomUUID();
    cli.signal.addEventListener('abort', () => void engine.cancel(job));
    const result = await engine.evaluate(job, {
      cases: required('eval', '<cases.jsonl>', positionals[0]),
      bundle: required('eval', '--bundle', values.bundle),
      out: required('eval', '--out', values.out),
      device: oneOf('eval', '--device', values.device, ['auto', 'cpu', 'webgpu']),
      ...(limit === undefined ? {} : { limit }),
    });
    if (values.json) return cli.json(result);
    const f = (x: number): string => x.toFixed(3).padStart(9);
    cli.print(`${'finding'.padEnd(28)}${['precision', 'recall', 'F1', 'support'].map((name) => name.padStart(9)).join('')}`);
    for (const [name, row] of Object.entries(result.findingF1.perFinding)) {
      cli.print(`${name.padEnd(28)}${f(row.precision)}${f(row.recall)}${f(row.f1)}${String(row.support).padStart(9)}`);
    }
    cli.print(`\n${result.cases} cases: finding F1 micro ${result.findingF1.micro.toFixed(3)}, macro ${result.findingF1.macro.toFixed(3)}; ${result.normalsWithFalseFindings} of ${result.normals} normals with false findings`);
    cli.print(Object.entries(result.metrics).map(([name, value]) => `${name} ${value.toFixed(3)}`).join(', '));
  },
};
