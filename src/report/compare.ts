// Compares the clues of a model's report with those of a reference, and reduces clues to the finding set that
// evaluation counts. Rules are plain and stated with each result, so that a person can check them; both are over what is
// said to be seen on the scan, so historical clues take no part.

import type { Clue, ComparedClue, Finding, Side } from '../protocol/clue.ts';
import { lexicon } from './lexicon.ts';
import { tokenise } from './text.ts';

function lateral(side: Side): readonly ('left' | 'right')[] {
  if (side === 'bilateral') return ['left', 'right'];
  return side === 'left' || side === 'right' ? [side] : [];
}

/** Name under which two clues can be about the same thing. */
function subject(clue: Clue): string {
  if (clue.finding) return clue.finding;
  if (clue.covers) return `covers ${clue.covers.join(' ')}`;
  return lexicon.terms.scan(tokenise(clue.text))[0]?.value.name ?? clue.text.toLowerCase();
}

function about(a: Clue, b: Clue): boolean {
  if (subject(a) === subject(b)) return true;
  if (a.finding && b.covers) return b.covers.includes(a.finding);
  if (b.finding && a.covers) return a.covers.includes(b.finding);
  return a.covers !== undefined && b.covers !== undefined && a.covers.some((finding: Finding) => b.covers?.includes(finding));
}

/** Whether one side can be the other: equal, unstated on one part, or a part of both sides. */
function sidesAgree(a: Side, b: Side): boolean {
  if (a === b || a === 'none' || b === 'none') return true;
  return lateral(a).some((side) => lateral(b).includes(side));
}

function named(clue: Clue): string {
  const what = clue.finding?.replaceAll('-', ' ') ?? `"${clue.text}"`;
  return clue.side === 'none' ? what : `${clue.side} ${what}`;
}

/** Repetitions (the impression repeats the findings) are one statement: the first of the same subject, side and polarity
 *  stands for all; an unsided repetition of a sided clue is dropped. */
function distinct(clues: readonly Clue[]): Clue[] {
  const live = clues.filter((clue) => clue.historical !== true);
  return live.filter((clue, i) => {
    const same = (other: Clue): boolean => subject(other) === subject(clue) && other.polarity === clue.polarity;
    if (live.slice(0, i).some((other) => same(other) && other.side === clue.side)) return false;
    return !(clue.side === 'none' && live.some((other) => same(other) && other.side !== 'none'));
  });
}

/** Status of each distinct clue of the model, then of what the model missed.
 *  - supported: the reference says the finding is there (or possible) on that side; a side left open agrees with any.
 *  - contradicted: the reference says the opposite polarity, or has the finding on the other side only.
 *  - unsupported: the reference does not mention it. - missed: present in the reference, without any clue of the model.
 *  - normal: both say absent, or the model says absent what the reference does not mention. */
export function compareClues(model: readonly Clue[], reference: readonly Clue[]): ComparedClue[] {
  const ours = distinct(model);
  const theirs = distinct(reference);
  const used = new Set<Clue>();
  const out: ComparedClue[] = [];
  for (const clue of ours) {
    const candidates = theirs.filter((other) => about(clue, other));
    const positive = candidates.filter((other) => other.polarity !== 'absent');
    const negative = candidates.filter((other) => other.polarity === 'absent');
    if (clue.polarity === 'absent') {
      const against = positive.find((other) => other.polarity === 'present' && sidesAgree(clue.side, other.side));
      // A collective "no acute abnormality" does not deny what the reference calls chronic.
      if (against && !(clue.covers && against.acuity === 'chronic')) {
        used.add(against);
        out.push({ status: 'contradicted', clue, reference: against, why: `The model says there is no ${named(clue)}; the reference has ${named(against)}.` });
      } else {
        const agreeing = negative[0];
        out.push({
          status: 'normal', clue, ...(agreeing ? { reference: agreeing } : {}),
          why: agreeing ? `Both say there is no ${named(clue)}.` : `The model says there is no ${named(clue)}; the reference does not mention it.`,
        });
      }
      continue;
    }
    const hedged = clue.polarity === 'uncertain' ? ', which the model calls possible' : '';
    const match = positive.find((other) => other.side === clue.side) ?? positive.find((other) => sidesAgree(clue.side, other.side));
    const [opposite] = positive;
    const [denied] = negative;
    if (match) {
      for (const other of positive) if (sidesAgree(clue.side, other.side)) used.add(other);
      const side = match.side === clue.side ? '' : ` (side: model ${clue.side}, reference ${match.side})`;
      const doubt = match.polarity === 'uncertain' ? ' as possible' : '';
      out.push({ status: 'supported', clue, reference: match, why: `The reference also has ${named(match)}${doubt}${side}${hedged}.` });
    } else if (opposite) {
      used.add(opposite);
      out.push({ status: 'contradicted', clue, reference: opposite, why: `The model has ${named(clue)}; the reference has ${named(opposite)}.` });
    } else if (denied && clue.polarity === 'present') {
      used.add(denied);
      out.push({ status: 'contradicted', clue, reference: denied, why: `The model has ${named(clue)}; the reference says there is no ${named(denied)}.` });
    } else if (denied) {
      out.push({ status: 'unsupported', clue, why: `The reference says there is no ${named(denied)}${hedged}.` });
    } else {
      out.push({ status: 'unsupported', clue, why: `The reference does not mention ${named(clue)}${hedged}.` });
    }
  }
  for (const other of theirs) {
    if (other.polarity !== 'present' || used.has(other)) continue;
    out.push({ status: 'missed', reference: other, why: `The reference has ${named(other)}; the model does not mention it.` });
  }
  return out;
}

/** Findings that a report says are present, as `<finding>|<side>`: what evaluation compares.
 *  Counted: polarity present, in the vocabulary, not historical. Repetitions count once; bilateral counts as left and
 *  right; a mention without a side is dropped where the same finding also stands with a side. */
export function findingSet(clues: readonly Clue[]): Set<string> {
  const set = new Set<string>();
  const counted = clues.filter((clue) => clue.finding !== undefined && clue.polarity === 'present' && clue.historical !== true);
  for (const clue of counted) {
    const sides = lateral(clue.side);
    if (sides.length > 0) for (const side of sides) set.add(`${clue.finding}|${side}`);
    else if (!counted.some((other) => other.finding === clue.finding && other.side !== 'none') || clue.side !== 'none') {
      set.add(`${clue.finding}|${clue.side}`);
    }
  }
  return set;
}
