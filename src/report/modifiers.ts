// Reads side, acuity, change and entity around a mention. A modifier word belongs to the mention whose noun phrase it
// stands in ("left frontal haematoma"), else to the mention before it in the clause ("haematoma over the left
// convexity"), else to the next one. Sides that a mention lacks are inherited from its neighbours in the sentence.

import type { Acuity, Change, Side } from '../protocol/clue.ts';
import { lexicon } from './lexicon.ts';
import type { Mention } from './mentions.ts';
import type { Match } from './pattern.ts';
import { isFinite, type Sentence } from './text.ts';

export interface Modifiers {
  side: Side;
  /** The side stands beside the mention itself rather than being inherited. */
  own: boolean;
  acuity?: Acuity;
  change?: Change;
  entity?: string;
}

const STOP = new Set(
  'in of at over with and or on along within to from by near around involving overlying is are was were has have there the a an this that which causing showing measuring seen noted but while'.split(' '),
);

const AFTER_DIRECTION = new Set('side of by with and or in due from secondary measuring measured about approximately is are was at up midline shift'.split(' '));

/** Index of the mention that a modifier at tokens [from, to) belongs to, or -1. */
function owner(sentence: Sentence, mentions: readonly Mention[], from: number, to: number, nounOnly = false): number {
  const { tokens, clause } = sentence;
  const inside = mentions.findIndex((m) => m.from < to && from < m.to);
  if (inside >= 0) return inside;
  const next = mentions.findIndex((m) => m.from >= to);
  if (next >= 0) {
    const between = tokens.slice(to, mentions[next]!.from);
    const joins = between.every((token, k) => {
      if (!token.word) return token.lower === '/';
      if (token.lower === 'and' || token.lower === 'or') return /^(left|right|subacute|chronic|acute)$/.test(between[k + 1]?.lower ?? '');
      return !STOP.has(token.lower) && !isFinite(token);
    });
    if (joins) return next;
  }
  if (nounOnly) return -1;
  const home = clause[from];
  const before = mentions.findLastIndex((m) => m.to <= from);
  if (before >= 0 && clause[mentions[before]!.from] === home) return before;
  if (next >= 0 && clause[mentions[next]!.from] === home) return next;
  return before >= 0 ? before : next;
}

function combine(a: Side | undefined, b: Side): Side {
  if (a === undefined || a === b) return b;
  return 'bilateral';
}

function sidesOf(sentence: Sentence, mentions: readonly Mention[]): (Side | undefined)[] {
  const { tokens } = sentence;
  const sides: (Side | undefined)[] = mentions.map(() => undefined);
  const used = new Set<number>();
  const directed = mentions.flatMap((m, i) => (m.finding && lexicon.directed.has(m.finding) ? [i] : []));
  if (directed.length > 0) {
    for (const hit of lexicon.direction.scan(tokens)) {
      // "to the right" before an organ ("mass effect to the right lateral ventricle") is a place, not a direction.
      const after = tokens[hit.to];
      if (tokens[hit.to - 1]!.lower.length <= 5 && after?.word && !/^\d/.test(after.lower) && !AFTER_DIRECTION.has(after.lower)) continue;
      const best = directed.reduce((x, y) => (Math.abs(mentions[y]!.from - hit.from) < Math.abs(mentions[x]!.from - hit.from) ? y : x));
      if (sides[best] === undefined) sides[best] = hit.value;
      for (let i = hit.from; i < hit.to; i++) used.add(i);
    }
  }
  const settled = new Set(directed.filter((i) => sides[i] !== undefined));
  const others = mentions.map((m, i) => ({ m, i })).filter(({ i }) => !settled.has(i));
  const place = (hit: Match<Side>, weak: boolean): void => {
    if (used.has(hit.from)) return;
    const index = owner(sentence, others.map(({ m }) => m), hit.from, hit.to);
    const target = others[index];
    if (!target || (weak && sides[target.i] !== undefined)) return;
    sides[target.i] = combine(sides[target.i], hit.value);
  };
  for (const hit of lexicon.sides.scan(tokens)) place(hit, false);
  for (const hit of lexicon.pairs.scan(tokens)) place(hit, true);
  for (const hit of lexicon.midline.scan(tokens)) place(hit, true);
  return sides;
}

/** Modifiers of every mention of a sentence, in the same order. */
export function modifiersOf(sentence: Sentence, mentions: readonly Mention[]): Modifiers[] {
  const { tokens } = sentence;
  const sides = sidesOf(sentence, mentions);
  const out = mentions.map((mention, i): Modifiers => {
    const own = sides[i] !== undefined;
    if (mention.finding && lexicon.sideless.has(mention.finding)) return { side: 'none', own: true };
    if (own) return { side: sides[i]!, own };
    if (mention.finding && lexicon.directed.has(mention.finding)) return { side: 'none', own: true };
    if (tokens.slice(Math.max(0, mention.from - 3), mention.to).some((token) => lexicon.diffuse.has(token.lower))) return { side: 'none', own: true };
    return { side: 'none', own: false };
  });
  const lends = (i: number): boolean => {
    const finding = mentions[i]!.finding;
    return out[i]!.own && out[i]!.side !== 'none' && !(finding && lexicon.directed.has(finding));
  };
  for (let i = 0; i < out.length; i++) {
    if (out[i]!.own) continue;
    let from = -1;
    for (let k = i - 1; k >= 0 && from < 0; k--) if (lends(k)) from = k;
    for (let k = i + 1; k < out.length && from < 0; k++) if (lends(k)) from = k;
    if (from >= 0) out[i]!.side = out[from]!.side;
  }
  for (const hit of lexicon.acuity.scan(tokens)) {
    const vague = /^(prior|previous|recent|early|remote)$/.test(tokens[hit.from]!.lower);
    const target = out[owner(sentence, mentions, hit.from, hit.to, vague)];
    if (target && target.acuity === undefined) target.acuity = hit.value;
  }
  for (const hit of lexicon.change.scan(tokens)) {
    const target = out[owner(sentence, mentions, hit.from, hit.to)];
    if (target && target.change === undefined) target.change = hit.value;
  }
  for (const hit of lexicon.entities.scan(tokens)) {
    const target = out[owner(sentence, mentions, hit.from, hit.to)];
    if (target && target.entity === undefined) target.entity = hit.value;
  }
  return out;
}
