// Polarity of a phrase in its sentence: present, absent or uncertain. In the family of NegEx (Chapman 2001) and ConText
// (Harkema 2009): triggers act on a scope before or behind them, longer look-alikes ("no change", "cannot be excluded")
// win over the triggers inside them, and terminators end a scope. Own additions: scopes run through lists as long as
// no item starts a new statement, end at clauses with their own verb, a label's value acts on the label
// ("Midline shift: none"), and the trigger nearest to the phrase decides. Trigger words are data: triggers-en.json.

import type { Polarity } from '../protocol/clue.ts';
import { PatternSet, type Match } from './pattern.ts';
import type { Sentence, Token } from './text.ts';
import triggers from './triggers-en.json' with { type: 'json' };

type Kind = 'negatePre' | 'negatePost' | 'uncertainPre' | 'uncertainPost' | 'affirm' | 'historical' | 'terminators';
const KINDS: readonly Kind[] = ['negatePre', 'negatePost', 'uncertainPre', 'uncertainPost', 'affirm', 'historical', 'terminators'];

const patterns = new PatternSet<Kind>((token) => token.lower, (word) => word, triggers.lists);
for (const kind of KINDS) for (const pattern of triggers[kind]) patterns.add(pattern, kind);
const STARTERS = new Set(triggers.starters.split('|'));
const PRONOUNS = new Set(triggers.pronouns.split('|'));

export interface Assertion {
  polarity: Polarity;
  /** Told as history of the patient, not as seen now. */
  historical: boolean;
  /** Token range of the trigger that decided, if any. */
  by?: readonly [from: number, to: number];
}

interface Trigger {
  from: number;
  to: number;
  kinds: Set<Kind>;
}

const cache = new WeakMap<Sentence, Trigger[]>();

/** Longest triggers of a sentence, left to right; one phrase may act forwards and backwards. */
function triggersOf(sentence: Sentence): Trigger[] {
  const known = cache.get(sentence);
  if (known) return known;
  const found: Trigger[] = [];
  const { tokens } = sentence;
  for (let i = 0; i < tokens.length; ) {
    const matches: Match<Kind>[] = patterns.at(tokens, i);
    const to = Math.max(0, ...matches.map((match) => match.to));
    if (to > 0) {
      found.push({ from: i, to, kinds: new Set(matches.filter((match) => match.to === to).map((match) => match.value)) });
      i = to;
    } else i++;
  }
  cache.set(sentence, found);
  return found;
}

function isListMark(token: Token): boolean {
  return token.lower === ',' || token.lower === 'and' || token.lower === '/' || token.lower === '&';
}

/** Whether the item that starts at token i (just behind a comma or "and") begins a new statement rather than going on
 *  with the list of a negation. An "or" or "nor" further on in the clause keeps the list going. */
function startsStatement(sentence: Sentence, i: number): boolean {
  const { tokens, clause } = sentence;
  const token = tokens[i];
  if (!token || !STARTERS.has(token.lower)) return false;
  for (let k = i; k < tokens.length && clause[k] === clause[i]; k++) {
    const lower = tokens[k]!.lower;
    if (lower === 'or' || lower === 'nor') return false;
    if (lower === 'with' || lower === ';') break;
  }
  return true;
}

/** First token index that a forward scope opened at `trigger` no longer covers. */
function forwardEnd(sentence: Sentence, trigger: Trigger, all: readonly Trigger[], lists: boolean): number {
  const { tokens, clause } = sentence;
  const home = clause[trigger.to - 1];
  let depth = 0;
  for (let i = trigger.to; i < tokens.length; i++) {
    const lower = tokens[i]!.lower;
    if (clause[i] !== home) return i;
    if (lower === ':' || lower === ';') return i;
    if (lower === '(') depth++;
    if (lower === ')' && --depth < 0) return i;
    const stop = all.find((other) => other.from === i);
    if (stop?.kinds.has('terminators')) return i;
    if (isListMark(tokens[i]!)) {
      let next = i + 1;
      while (tokens[next] && isListMark(tokens[next]!)) next++;
      if (!lists && lower === ',') return i;
      if (startsStatement(sentence, next)) return i;
    }
  }
  return tokens.length;
}

/** Lowest token index that a backward scope of `trigger` covers. */
function backwardStart(sentence: Sentence, trigger: Trigger, all: readonly Trigger[]): number {
  const { tokens, clause } = sentence;
  let home = clause[trigger.from];
  let onlyPronouns = true;
  for (let i = trigger.from - 1; i >= 0; i--) {
    const lower = tokens[i]!.lower;
    const stop = all.find((other) => other.from <= i && i < other.to);
    if (clause[i] !== home) {
      if (!onlyPronouns || i === trigger.from - 1) return i + 1;
      home = clause[i];
    }
    if (lower === ':') {
      if (i === trigger.from - 1) continue;
      return i + 1;
    }
    if (lower === ';') return i + 1;
    if (!PRONOUNS.has(lower)) onlyPronouns = false;
    if (stop?.kinds.has('terminators') && !onlyPronouns) return i + 1;
    if (stop && stop !== trigger && stop.kinds.has('negatePre') && !onlyPronouns && lower !== 'non') return i + 1;
  }
  return 0;
}

/** Whether a hedge is itself negated ("no findings to suggest"): a negation before it with no list mark in between. */
function negated(sentence: Sentence, hedge: Trigger, all: readonly Trigger[]): boolean {
  return all.some((other) => {
    if (!other.kinds.has('negatePre') || other.to > hedge.from || forwardEnd(sentence, other, all, true) <= hedge.from) return false;
    return sentence.tokens.slice(other.to, hedge.from).every((token) => token.word && token.lower !== 'and' && token.lower !== 'or');
  });
}

/** Polarity of the tokens [from, to) of a sentence. Triggers inside the phrase itself belong to what it says. */
export function assertionOf(sentence: Sentence, from: number, to: number): Assertion {
  const all = triggersOf(sentence);
  let nearest = Infinity;
  let polarity: Polarity = 'present';
  let by: readonly [number, number] | undefined;
  let historical = false;
  let hedged = false;
  const settle = (distance: number, value: Polarity, trigger: Trigger): void => {
    // "Suspected fracture was not confirmed": what is said behind a hedge decides.
    if (distance >= nearest && !(hedged && value === 'absent')) return;
    hedged = value === 'uncertain' && trigger.to <= from;
    nearest = distance;
    polarity = value;
    by = [trigger.from, trigger.to];
  };
  for (const trigger of all) {
    if (trigger.from < to && from < trigger.to) continue;
    const { kinds } = trigger;
    if (trigger.to <= from) {
      if (kinds.has('historical') && from < forwardEnd(sentence, trigger, all, true)) historical = true;
      if (kinds.has('negatePre') && from < forwardEnd(sentence, trigger, all, true)) settle(from - trigger.to, 'absent', trigger);
      if (kinds.has('uncertainPre') && !negated(sentence, trigger, all) && from < forwardEnd(sentence, trigger, all, false)) {
        settle(from - trigger.to, 'uncertain', trigger);
      }
    } else {
      const start = kinds.has('negatePost') || kinds.has('uncertainPost') ? backwardStart(sentence, trigger, all) : Infinity;
      if (to > start && kinds.has('negatePost')) settle(trigger.from - to, 'absent', trigger);
      if (to > start && kinds.has('uncertainPost')) settle(trigger.from - to, 'uncertain', trigger);
    }
  }
  return by ? { polarity, historical, by } : { polarity, historical };
}
