// `reading-room scan <path> [--single] [--json]`: facts of a scan on stdout, as JSON or as lines to read.

import { parseArgs } from 'node:util';
import { RoomError } from '../protocol/error.ts';
import { scanFacts } from '../scan/facts.ts';
import type { Verb } from './verb.ts';

/** Runs the verb; returns the exit code. Throws RoomError, which the dispatcher prints. */
export async function scanVerb(args: string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) throw usage('One path is needed.');
  const facts = await scanFacts(path, { single: values.single });
  if (values.json) {
    process.stdout.write(`${JSON.stringify(facts)}\n`);
    return 0;
  }
  const number = (v: number): string => String(Number(v.toPrecision(7)));
  const lines: [string, string][] = [
    ['format', facts.format],
    ['shape', facts.shape.join(' x ')],
    ['spacing (mm)', facts.spacing.map(number).join(' x ')],
    ['axes', facts.axcodes],
    ['stored as', facts.dtype],
    ['values', `${number(facts.min)} to ${number(facts.max)}, mean ${number(facts.mean)}`],
    ['affine (RAS)', facts.affine.slice(0, 3).map((row) => row.map(number).join(' ')).join(' / ')],
    ['stored sha256', facts.storedSha256],
    ...facts.warnings.map((warning): [string, string] => ['warning', warning]),
  ];
  process.stdout.write(lines.map(([name, value]) => `${name.padEnd(14)} ${value}\n`).join(''));
  return 0;
}

function parse(args: string[]): { values: { single: boolean; json: boolean }; positionals: string[] } {
  try {
    return parseArgs({ args, allowPositionals: true, options: { single: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } });
  } catch (thrown) {
    throw usage(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

const usage = (message: string): RoomError => new RoomError('invalid', message, 'Use: reading-room scan <file or folder> [--single] [--json]');

export const verb: Verb = {
  summary: 'Print the facts of a scan',
  usage: `
reading-room scan <file or folder> [--single] [--json]

--single takes the one file, without its series.`,
  async run(args) {
    await scanVerb(args);
  },
};
