// Finds what a sentence says about pathology: lexicon phrases, coordinated compartments ("subdural or extradural
// haematoma"), collective phrases made specific by their neighbours, and statements of a subject with a predicate
// ("the ventricles are normal in size"). Polarity, side and the rest are read around a mention by modifiers.ts.

import type { Finding, Polarity } from '../protocol/clue.ts';
import { lexicon, type Outcome, type Term } from './lexicon.ts';
import type { Match } from './pattern.ts';
import type { Sentence } from './text.ts';

export interface Mention {
  /** Token range of the words to highlight. */
  from: number;
  to: number;
  /** Token range whose polarity is the mention's. */
  said: readonly [from: number, to: number];
  /** What the words mean before negation: a statement of the normal says 'absent'. */
  base: Polarity;
  name: string;
  finding?: Finding;
  covers?: Finding[];
  /** From a subject and a predicate rather than from a phrase. */
  statement: boolean;
}

function sameClause(sentence: Sentence, a: number, b: number): boolean {
  return sentence.clause[a] === sentence.clause[b];
}

/** "subdural, extradural or subarachnoid haemorrhage": one mention for each compartment word of such a list. */
function coordinated(sentence: Sentence): Mention[] {
  const { tokens } = sentence;
  const found: Mention[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const finding = lexicon.compartments.get(tokens[i]!.norm);
    if (!finding) continue;
    let head = i + 1;
    let joined = false;
    while (head < tokens.length) {
      const { norm, lower } = tokens[head]!;
      if (lexicon.compartmentHeads.has(norm)) break;
      if (lower === ',' || lower === 'or' || lower === 'and' || lower === '/') joined = true;
      else if (!lexicon.compartments.has(norm) && lower !== 'acute' && lower !== 'chronic') break;
      head++;
    }
    if (joined && lexicon.compartmentHeads.has(tokens[head]?.norm ?? '')) {
      found.push({ from: i, to: i + 1, said: [i, i + 1], base: 'present', name: finding, finding, statement: false });
    }
  }
  return found;
}

/** Distance from a token range to the nearest match of a refinement in the clause; Infinity when there is none. */
function nearest(sentence: Sentence, match: Match<Term>, set: { scan(tokens: Sentence['tokens']): Match<true>[] }): number {
  let best = Infinity;
  for (const hit of set.scan(sentence.tokens)) {
    if (!sameClause(sentence, hit.from, match.from)) continue;
    const distance = hit.to <= match.from ? match.from - hit.to : hit.from >= match.to ? hit.from - match.to : 0;
    best = Math.min(best, distance);
  }
  return best;
}

function phrases(sentence: Sentence): Mention[] {
  const all = lexicon.terms.scan(sentence.tokens).filter((match) => match.value.kind !== 'ignore');
  const specific = all.filter((match) => !match.value.yields && match.value.kind !== 'other');
  const found: Mention[] = [];
  for (const match of all) {
    const { value, from, to } = match;
    const mention: Mention = { from, to, said: [from, to], base: 'present', name: value.name, statement: false };
    if (value.kind === 'generic') {
      if (value.yields && specific.some((other) => sameClause(sentence, other.from, from))) continue;
      let best = Infinity;
      for (const refinement of value.refine ?? []) {
        const distance = nearest(sentence, match, refinement.near);
        if (distance < best) {
          best = distance;
          mention.finding = refinement.finding;
        }
      }
      if (best === Infinity && value.covers && value.covers.length > 0) mention.covers = value.covers;
    } else if (value.finding) mention.finding = value.finding;
    found.push(mention);
  }
  return found;
}

/** Statements of subject and predicate: each subject takes the nearest predicate that has an outcome for it. */
function statements(sentence: Sentence, taken: readonly Mention[]): Mention[] {
  const { tokens } = sentence;
  const subjects = lexicon.subjects.scan(tokens);
  const found: Mention[] = [];
  let dilatedSulci = false;
  let before: { subject: Match<string>; hit: Match<string> } | undefined;
  for (const subject of subjects) {
    let best: { cost: number; hit: Match<string>; outcome: Outcome } | undefined;
    for (const outcome of lexicon.outcomes) {
      if (outcome.subject !== subject.value) continue;
      for (const hit of lexicon.predicates.get(outcome.predicate)?.scan(tokens) ?? []) {
        if (!sameClause(sentence, hit.from, subject.from) || (hit.from < subject.to && subject.from < hit.to)) continue;
        if (taken.some((m) => m.finding !== outcome.finding && hit.from < m.to && m.from < hit.to)) continue;
        const [a, b] = hit.from < subject.from ? [hit.to, subject.from] : [subject.to, hit.from];
        const commas = tokens.slice(a, b).filter((token) => token.lower === ',' || token.lower === ';').length;
        const cost = b - a + 4 * commas + (hit.from < subject.from ? 1 : 0);
        if (!best || cost < best.cost || (cost === best.cost && hit.to - hit.from > best.hit.to - best.hit.from)) best = { cost, hit, outcome };
      }
    }
    // "prominence of the ventricles and sulci": subjects joined by "and" share the predicate of the first.
    const joined = before && before.subject.to + 1 === subject.from && /^(and|or|&)$/.test(tokens[before.subject.to]!.lower) ? before.hit : undefined;
    const shared = joined && lexicon.outcomes.find((outcome) => outcome.subject === subject.value && outcome.predicate === joined.value);
    if (joined && shared) best = { cost: 0, hit: joined, outcome: shared };
    if (!best || best.cost > 16) continue;
    const { hit, outcome } = best;
    before = { subject, hit };
    if (outcome.predicate === 'dilated' && subject.value === 'sulci') dilatedSulci = true;
    found.push({
      from: Math.min(subject.from, hit.from), to: Math.max(subject.to, hit.to), said: [hit.from, hit.to], base: outcome.polarity,
      name: outcome.finding ?? (outcome.predicate === 'narrow' ? 'effacement' : `${outcome.subject} ${outcome.predicate}`), statement: true,
      ...(outcome.finding === undefined ? {} : { finding: outcome.finding }), ...(outcome.covers === undefined ? {} : { covers: outcome.covers }),
    });
  }
  // Wide ventricles beside wide sulci, or "ex vacuo", mean loss of volume unless the text says out of proportion.
  const says = (predicate: string): boolean => (lexicon.predicates.get(predicate)?.scan(tokens).length ?? 0) > 0;
  if (says('outOfProportion')) return found.filter((mention) => mention.finding !== 'atrophy' || mention.base !== 'present');
  const loss = dilatedSulci || says('exVacuo') || taken.some((m) => m.finding === 'atrophy');
  for (const mention of found) {
    if (mention.finding === 'hydrocephalus' && mention.base === 'present' && loss) mention.finding = mention.name = 'atrophy';
  }
  return found;
}

/** Mentions of a sentence in order. A phrase wins over a statement on the same finding; heading words count only where
 *  the value after the colon names nothing itself ("Midline shift: none"). */
export function mentionsOf(sentence: Sentence): Mention[] {
  const listed = coordinated(sentence);
  const named = phrases(sentence).filter((m) => !listed.some((other) => other.from < m.to && m.from < other.to && other.finding !== m.finding));
  for (const mention of listed) if (!named.some((m) => m.from < mention.to && mention.from < m.to)) named.push(mention);
  const stated: Mention[] = [];
  for (const mention of statements(sentence, named)) {
    // Swelling explains a lost grey-white border; only without it does the loss stand for an infarct.
    if (mention.name === 'infarct' && mention.base === 'present' && named.some((m) => m.finding === 'oedema')) continue;
    if (named.some((m) => m.name === mention.name && m.from < mention.to && mention.from < m.to)) continue;
    if (mention.finding && named.some((m) => m.finding === mention.finding && (m.from >= sentence.labelled || mention.from < sentence.labelled))) continue;
    const same = stated.find((m) => m.finding === mention.finding && m.base === mention.base && m.name === mention.name);
    if (same && mention.finding) {
      // Words under a heading that says the same ("Sinuses: The sinuses are clear") stand alone.
      same.from = same.from < sentence.labelled && mention.from >= sentence.labelled ? mention.from : Math.min(same.from, mention.from);
      same.to = Math.max(same.to, mention.to);
    } else stated.push(mention);
  }
  const all = [...named, ...stated];
  const words = sentence.tokens.slice(sentence.labelled).filter((token) => token.word).length;
  const body = all.filter((m) => m.to > sentence.labelled);
  const kept = all.filter((m) => m.to > sentence.labelled || (body.length === 0 && words <= 7));
  return kept.sort((a, b) => a.from - b.from || a.to - b.to);
}
