// The English lexicon of head-CT findings, compiled from lexicon-en.json: findings with synonyms, collective phrases
// that a neighbour word makes specific ("blood ... in the ventricle"), subjects and predicates of normal statements,
// anatomical entities, sides, acuity and change. Words are stored in either spelling; matching is on American singular.

import type { Acuity, Change, Finding, Polarity } from '../protocol/clue.ts';
import { FINDINGS } from '../protocol/clue.ts';
import { PatternSet } from './pattern.ts';
import { normalise, type Token } from './text.ts';
import data from './lexicon-en.json' with { type: 'json' };

export interface Refinement {
  finding: Finding;
  near: PatternSet<true>;
}

/** What a phrase names. */
export interface Term {
  kind: 'finding' | 'other' | 'generic' | 'ignore';
  name: string;
  finding?: Finding;
  covers?: Finding[];
  refine?: Refinement[];
  /** Gives way to a specific finding in the same clause. */
  yields?: boolean;
}

export interface Outcome {
  subject: string;
  predicate: string;
  finding?: Finding;
  polarity: Polarity;
  covers?: Finding[];
}

const known: ReadonlySet<string> = new Set(FINDINGS);
function finding(name: string): Finding {
  if (!known.has(name)) throw new Error(`lexicon-en.json names an unknown finding "${name}"`);
  return name as Finding;
}

const byNorm = (token: Token): string => token.norm;
const byLower = (token: Token): string => token.lower;
const plain = (word: string): string => word;

function normSet<V>(entries: Iterable<readonly [V, readonly string[]]>): PatternSet<V> {
  const set = new PatternSet<V>(byNorm, normalise, data.lists);
  for (const [value, phrases] of entries) for (const phrase of phrases) set.add(phrase, value);
  return set;
}
function lowerSet<V extends string>(table: Readonly<Record<string, readonly string[]>>): PatternSet<V> {
  const set = new PatternSet<V>(byLower, plain, data.lists);
  for (const [value, phrases] of Object.entries(table)) for (const phrase of phrases) set.add(phrase, value as V);
  return set;
}

interface GenericEntry {
  phrases: string[];
  covers: string[];
  yields?: boolean;
  refine?: { finding: string; near: string[] }[];
}
const generic: Record<string, GenericEntry> = data.generic;

function* terms(): Generator<readonly [Term, readonly string[]]> {
  for (const [name, phrases] of Object.entries(data.findings)) yield [{ kind: 'finding', name, finding: finding(name) }, phrases];
  for (const [name, phrases] of Object.entries(data.other)) yield [{ kind: 'other', name }, phrases];
  for (const [name, entry] of Object.entries(generic)) {
    const refine = (entry.refine ?? []).map((r) => ({ finding: finding(r.finding), near: normSet([[true as const, r.near]]) }));
    yield [{ kind: 'generic', name, covers: entry.covers.map(finding), refine, yields: entry.yields ?? false }, entry.phrases];
  }
  yield [{ kind: 'ignore', name: 'ignore' }, data.ignore];
}

export const lexicon = {
  terms: normSet(terms()),
  entities: normSet(Object.entries(data.entities)),
  subjects: normSet(Object.entries(data.subjects)),
  predicates: new Map(Object.entries(data.predicates).map(([name, phrases]) => [name, normSet([[name, phrases]])])),
  outcomes: (data.outcomes as { subject: string; predicate: string; finding?: string; polarity: string; covers?: string[] }[]).map(
    (o): Outcome => ({
      subject: o.subject,
      predicate: o.predicate,
      polarity: o.polarity as Polarity,
      ...(o.finding === undefined ? {} : { finding: finding(o.finding) }),
      ...(o.covers === undefined ? {} : { covers: o.covers.map(finding) }),
    }),
  ),
  compartments: new Map(Object.entries(data.compartments).map(([word, name]) => [normalise(word), finding(name)])),
  compartmentHeads: new Set(data.compartmentHeads.split('|').map(normalise)),
  sides: lowerSet<'left' | 'right' | 'bilateral'>(data.sides),
  pairs: lowerSet<'bilateral'>({ bilateral: data.pairs }),
  midline: lowerSet<'midline'>({ midline: data.midline }),
  direction: lowerSet<'left' | 'right'>(data.direction),
  acuity: lowerSet<Acuity>(data.acuity),
  change: lowerSet<Change>(data.change),
  sideless: new Set<string>(data.sideless),
  directed: new Set<string>(data.directed),
  diffuse: new Set(data.diffuse.split('|')),
  dependents: new Set(data.dependents.split('|')),
  sections: data.sections as Readonly<Record<string, readonly string[]>>,
};
