// Clues as the report shows them: one list of model clues and of reference clues that the model missed, each with the
// look that tells its status by line style as well as colour, and the report cut into sections, sentences and runs.

import type { Clue, ClueLink, ComparedClue, Span } from '../../src/protocol/clue.ts';
import type { Reading, ReadingToken } from '../../src/protocol/reading.ts';
import { capital } from '../shared/format.ts';

/** With a reference: supported .. normal; without: what the text itself says. */
export type Look = 'supported' | 'unsupported' | 'missed' | 'contradicted' | 'normal' | 'present' | 'absent' | 'uncertain';

export interface ClueEntry {
  /** The model clue's id, or `reference:<id>` for a missed one. */
  key: string;
  clue: Clue;
  inModel: boolean;
  compared?: ComparedClue;
  links: Omit<ClueLink, 'scores'>[];
}

/** All clues in reading order; missed ones last. */
export function clueEntries(reading: Reading): ClueEntry[] {
  const compared = reading.reference?.compared ?? [];
  const entries = [...reading.clues].sort((a, b) => a.span[0] - b.span[0]).map((clue): ClueEntry => {
    // A finding that the text repeats is compared once: its other mentions have the same status.
    const same = (c: ComparedClue): boolean => clue.finding !== undefined && c.clue?.finding === clue.finding && c.clue.side === clue.side && c.clue.polarity === clue.polarity;
    const match = compared.find((c) => c.clue?.id === clue.id) ?? compared.find(same);
    return { key: clue.id, clue, inModel: true, links: reading.links.filter((l) => l.clueId === clue.id && l.method !== 'label-map'), ...(match && { compared: match }) };
  });
  for (const match of compared) {
    if (match.clue || !match.reference) continue;
    const clue = match.reference;
    entries.push({ key: `reference:${clue.id}`, clue, inModel: false, compared: match, links: reading.links.filter((l) => l.clueId === clue.id && l.method === 'label-map') });
  }
  return entries;
}

export function lookOf(entry: ClueEntry, againstReference: boolean): Look {
  if (againstReference && entry.compared) return entry.compared.status;
  return entry.clue.polarity;
}

export const LOOK_WORD: Record<Look, string> = {
  supported: 'supported by the reference',
  unsupported: 'not in the reference',
  missed: 'missed, in reference only',
  contradicted: 'contradicts the reference',
  normal: 'absent in both',
  present: 'present',
  absent: 'absent',
  uncertain: 'uncertain',
};

export interface Run {
  span: Span;
  entry?: ClueEntry;
}

export interface Sentence {
  span: Span;
  runs: Run[];
  /** Geometric mean of its tokens' probabilities; undefined where no token overlaps. */
  confidence?: number;
}

export interface Section {
  title: string;
  /** Lower-case title and themes of its clues: where missed clues of the reference are put. */
  themes: Set<string>;
  sentences: Sentence[];
}

/** "Basal ganglia: " at a sentence's start, or a line in capitals. */
const HEADING = /^[ \t]*(?:([A-Z][A-Za-z][A-Za-z ,/&-]{1,46}):[ \t]*|([A-Z][A-Z ,/&-]{3,46})$)/;

/** exp of the mean log-probability of the tokens that overlap a span. */
export function confidence(tokens: readonly ReadingToken[], [start, end]: Span): number | undefined {
  let sum = 0;
  let count = 0;
  for (const token of tokens) {
    if (token.span[1] <= start || token.span[0] >= end) continue;
    sum += token.logProb;
    count++;
  }
  return count === 0 ? undefined : Math.exp(sum / count);
}

/**
 * Ends of sentences: a full stop, ! or ? before white space and no lower-case letter, or the end of a line that is not a
 * wrapped one (it ends with a mark, a line in capitals, or an empty line or heading follows); never inside a clue.
 */
function sentenceSpans(text: string, clues: readonly ClueEntry[]): Span[] {
  const inside = new Uint8Array(text.length + 1);
  for (const { clue } of clues) inside.fill(1, clue.span[0] + 1, clue.span[1]);
  const spans: Span[] = [];
  let start = 0;
  const close = (end: number): void => {
    let [a, b] = [start, end];
    while (a < b && /\s/.test(text[a]!)) a++;
    while (b > a && /\s/.test(text[b - 1]!)) b--;
    if (b > a) spans.push([a, b]);
    start = end;
  };
  for (let n = 0; n < text.length; n++) {
    if (text[n] === '\n') {
      const line = text.slice(text.lastIndexOf('\n', n - 1) + 1, n).trim();
      const following = text.slice(n + 1, n + 60).split('\n', 1)[0]!;
      if (/[.:;!?]$|^$/.test(line) || following.trim() === '' || /^[A-Z][A-Z ,/&-]{3,46}$/.test(line) || HEADING.test(following) || /^\s*[-*]/.test(following)) close(n + 1);
    }
    else if (/[.!?]/.test(text[n]!) && !inside[n + 1] && /^(\s+[^a-z\s]|\s*$)/.test(text.slice(n + 1, n + 12))) close(n + 1);
  }
  close(text.length);
  return spans;
}

function runsOf([start, end]: Span, clues: readonly ClueEntry[]): Run[] {
  const runs: Run[] = [];
  let at = start;
  for (const entry of clues) {
    const a = Math.max(at, entry.clue.span[0]);
    const b = Math.min(end, entry.clue.span[1]);
    if (b <= a) continue;
    if (a > at) runs.push({ span: [at, a] });
    runs.push({ span: [a, b], entry });
    at = b;
  }
  if (at < end) runs.push({ span: [at, end] });
  return runs;
}

export interface Ghost {
  entry: ClueEntry;
  /** Title of the reference's section it stands in, '' where there is none. */
  title: string;
  /** Its sentence in the reference, without a heading. */
  span: Span;
}

/** Where a clue that the model missed stands in the reference. */
export function ghostOf(entry: ClueEntry, reference: string): Ghost {
  let [start] = entry.clue.sentence;
  const end = entry.clue.sentence[1];
  const line = reference.lastIndexOf('\n', Math.max(0, start - 1)) + 1;
  const heading = HEADING.exec(reference.slice(line, line + 60).split('\n', 1)[0]!);
  if (heading && start < line + heading[0].length) start = Math.min(line + heading[0].length, entry.clue.span[0]);
  return { entry, title: heading ? capital((heading[1] ?? heading[2]!).trim().toLowerCase()) : '', span: [start, end] };
}

/** Cuts a report into sections at its headings ("Basal ganglia: ..."), or, where it has none, at changes of its clues' theme. */
export function layoutReport(reading: Reading, entries: readonly ClueEntry[]): Section[] {
  const clues = entries.filter((e) => e.inModel);
  const sections: Section[] = [];
  const open = (title: string): void => void sections.push({ title: capital(title), themes: new Set([title.toLowerCase()]), sentences: [] });
  let headed = false;
  for (const span of sentenceSpans(reading.text, clues)) {
    let [start] = span;
    const end = span[1];
    const heading = HEADING.exec(reading.text.slice(start, end));
    if (heading) {
      open((heading[1] ?? heading[2]!).trim().toLowerCase());
      headed = true;
      start += heading[0].length;
      if (start >= end) continue;
    }
    const runs = runsOf([start, end], clues);
    const theme = runs.find((r) => r.entry)?.entry?.clue.theme;
    const last = sections[sections.length - 1];
    if (!last || (!headed && theme && !last.themes.has(theme.toLowerCase()))) open(theme ?? '');
    const section = sections[sections.length - 1]!;
    for (const { entry } of runs) if (entry) section.themes.add(entry.clue.theme.toLowerCase());
    const value = confidence(reading.tokens, [start, end]);
    section.sentences.push({ span: [start, end], runs, ...(value !== undefined && { confidence: value }) });
  }
  return sections.filter((s) => s.sentences.length > 0);
}

/**
 * Precision, recall and F1 of clues against the reference, counted by mention; absent findings do not count, a
 * contradiction is both a wrong and a missing clue. Undefined where there is nothing to count.
 */
export function clueScores(compared: readonly ComparedClue[]): { precision: number; recall: number; f1: number } | undefined {
  const count = (status: ComparedClue['status']): number => compared.filter((c) => c.status === status).length;
  const [right, wrong, missed] = [count('supported'), count('unsupported') + count('contradicted'), count('missed') + count('contradicted')];
  if (right + wrong + missed === 0) return undefined;
  return { precision: right / Math.max(1, right + wrong), recall: right / Math.max(1, right + missed), f1: (2 * right) / (2 * right + wrong + missed) };
}
