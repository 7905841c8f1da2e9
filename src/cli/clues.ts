// Verb `clues`: clues of a text or of many, as JSON or as a table. `clues <text|-> [--json]` takes the text itself, or
// standard input for "-"; `clues --batch rows.jsonl --json` takes rows {id, text, concept?}.

import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import type { Clue, Polarity } from '../protocol/clue.ts';
import { RoomError } from '../protocol/error.ts';
import { conceptPolarity } from '../report/concept.ts';
import { extractClues } from '../report/extract.ts';
import type { Verb } from './verb.ts';

interface Row {
  id: string | number;
  text: string;
  concept?: string;
}

interface Answer {
  id: string | number;
  clues: Clue[];
  concept?: { polarity: Polarity };
}

const USAGE = 'Use: clues <text|-> [--json], or clues --batch rows.jsonl --json';

function parseRow(line: string, where: string): Row {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new RoomError('format', `${where} is not JSON.`, 'Write one JSON object per line: {"id": ..., "text": ...}.');
  }
  const row = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const { id, text, concept } = row;
  if ((typeof id !== 'string' && typeof id !== 'number') || typeof text !== 'string') {
    throw new RoomError('format', `${where} needs "id" (string or number) and "text" (string).`, 'Add the missing field.');
  }
  if (concept !== undefined && concept !== null && typeof concept !== 'string') {
    throw new RoomError('format', `${where}: "concept" must be a string.`, 'Give a phrase of the text, or leave it out.');
  }
  return typeof concept === 'string' ? { id, text, concept } : { id, text };
}

async function readRows(path: string): Promise<Row[]> {
  let content: string;
  try {
    content = path === '-' ? await readStream(process.stdin) : await readFile(path, 'utf8');
  } catch (cause) {
    throw new RoomError('not-found', `Cannot read ${path}.`, 'Check the path of the rows file.', { cause });
  }
  return content
    .split(/\r?\n/)
    .map((line, i) => ({ line, where: `${path}, line ${i + 1}` }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, where }) => parseRow(line, where));
}

function table(clues: readonly Clue[]): string {
  if (clues.length === 0) return 'No clues found.\n';
  const head = ['theme', 'finding', 'side', 'polarity', 'acuity', 'change', 'entity', 'words'];
  const rows = clues.map((c) => [
    c.theme, c.finding ?? '-', c.side, c.historical ? `${c.polarity} (history)` : c.polarity, c.acuity ?? '', c.change ?? '', c.entity ?? '', c.text.replace(/\s+/g, ' '),
  ]);
  const width = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  return [head, ...rows].map((row) => row.map((cell, i) => cell.padEnd(width[i]!)).join('  ').trimEnd()).join('\n') + '\n';
}

/** Runs the verb with the arguments behind it; writes to stdout. Throws RoomError. */
export async function cluesVerb(args: string[]): Promise<void> {
  const json = args.includes('--json');
  const rest = args.filter((arg) => arg !== '--json');
  const [first, second] = rest;
  if (first === '--batch') {
    if (second === undefined || rest.length > 2) throw new RoomError('invalid', 'clues --batch takes one rows file.', USAGE);
    const answers = (await readRows(second)).map((row): Answer => {
      const clues = extractClues(row.text, 'derived');
      return row.concept === undefined ? { id: row.id, clues } : { id: row.id, clues, concept: conceptPolarity(row.text, row.concept) };
    });
    if (json) process.stdout.write(`${JSON.stringify(answers)}\n`);
    else for (const answer of answers) process.stdout.write(`${answer.id}${answer.concept ? `  concept: ${answer.concept.polarity}` : ''}\n${table(answer.clues)}\n`);
    return;
  }
  if (first === undefined || rest.length > 1 || (first.startsWith('--') && first.length > 2)) {
    throw new RoomError('invalid', 'clues takes one text.', `${USAGE}. Put the text in quotes.`);
  }
  const text = first === '-' ? await readStream(process.stdin) : first;
  const clues = extractClues(text, 'derived');
  process.stdout.write(json ? `${JSON.stringify(clues)}\n` : table(clues));
}

export const verb: Verb = {
  summary: 'Print the pathological clues of a text',
  usage: `
reading-room clues <text|-> [--json]
reading-room clues --batch <rows.jsonl> --json

A row is {"id", "text", "concept"?}; the answer has its clues and the polarity of the concept.`,
  async run(args) {
    await cluesVerb(args);
  },
};
