// What a verb of the `reading-room` command is, and what the dispatcher gives it. A verb parses its own arguments and calls
// the engine; it prints its answer through `cli`, so that JSON stands alone on stdout and progress stays on stderr.

import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { EngineApi } from '../protocol/engine.ts';
import { RoomError } from '../protocol/error.ts';

export interface Verb {
  /** One line for the list of verbs. */
  readonly summary: string;
  /** Help text: usage line first, then options and examples. */
  readonly usage: string;
  run(args: string[], cli: Cli): Promise<void>;
}

export interface Cli {
  /** The engine in this process; made at first use. */
  engine(): Promise<EngineApi>;
  /** A line for people on stdout. */
  print(line: string): void;
  /** The answer as JSON on stdout, alone. */
  json(value: unknown): void;
  /** A passing line on stderr: rewritten in place on a terminal, one line a second elsewhere. */
  progress(line: string): void;
  /** Reads all of stdin as UTF-8. */
  stdin(): Promise<string>;
  /** Aborts on Ctrl+C. */
  readonly signal: AbortSignal;
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** `parseArgs` of Node whose complaints become RoomErrors that point to --help. */
export function parseVerb<const T extends Options>(verb: string, args: string[], options: T) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (thrown) {
    throw usageError(verb, thrown instanceof Error ? firstSentence(thrown.message) : String(thrown));
  }
}

export function usageError(verb: string, message: string): RoomError {
  return new RoomError('invalid', `${verb}: ${message}`, `Run 'reading-room ${verb} --help' to see what it takes.`);
}

/** The value of a required option or argument. */
export function required(verb: string, name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw usageError(verb, `${name} is missing`);
  return value;
}

/** An option that must be a whole number of at least `least`. */
export function wholeNumber(verb: string, name: string, value: string | undefined, least: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < least) throw usageError(verb, `${name} must be a whole number of at least ${least}, not '${value}'`);
  return number;
}

/** An option that must be one of the given words. */
export function oneOf<const T extends string>(verb: string, name: string, value: string, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found === undefined) throw usageError(verb, `${name} must be one of ${words.join(', ')}, not '${value}'`);
  return found;
}

function firstSentence(text: string): string {
  const end = text.indexOf('. ');
  return (end < 0 ? text : text.slice(0, end)).replace(/\.$/, '');
}
