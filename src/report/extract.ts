// Pathological clues of a report. Sections give the theme, sentences and clauses the scope; mentions.ts finds what is
// said, negation.ts whether it is, modifiers.ts where and how. Technique and comparison sections hold no clues; what
// stands under history or indication, or is told as history, is marked historical.

import type { Clue, Side } from '../protocol/clue.ts';
import { lexicon } from './lexicon.ts';
import { mentionsOf } from './mentions.ts';
import { modifiersOf } from './modifiers.ts';
import { assertionOf } from './negation.ts';
import { splitSentences, type Sentence } from './text.ts';

function themeOf(heading: string): string {
  if (heading === '') return 'findings';
  for (const [theme, names] of Object.entries(lexicon.sections)) if (names.includes(heading)) return theme;
  return heading;
}

/** Side that a mention without one takes from the sentence before: only where its words point back ("surrounding"). */
function pointsBack(sentence: Sentence, from: number): boolean {
  return sentence.tokens.slice(sentence.labelled, from).some((token) => lexicon.dependents.has(token.lower)) || sentence.tokens[sentence.labelled]?.lower === 'it';
}

function headingSide(sentence: Sentence): Side | undefined {
  const { heading } = sentence.section;
  const left = /\bleft\b/.test(heading);
  const right = /\bright\b/.test(heading);
  return left && right ? undefined : left ? 'left' : right ? 'right' : undefined;
}

/** Clues of a text in reading order, offsets in UTF-16 units of that text. */
export function extractClues(text: string, origin: Clue['origin']): Clue[] {
  const clues: Clue[] = [];
  const ordinals = new Map<string, number>();
  let before: { section: object; side: Side } | undefined;
  for (const sentence of splitSentences(text)) {
    const theme = themeOf(sentence.section.heading);
    if (theme === 'technique' || theme === 'comparison') continue;
    const mentions = mentionsOf(sentence);
    const modifiers = modifiersOf(sentence, mentions);
    mentions.forEach((mention, i) => {
      const assertion = assertionOf(sentence, mention.said[0], mention.said[1]);
      let polarity = assertion.polarity;
      if (mention.base === 'absent') {
        // "not normal" says that something is wrong, but not what; the "no" of another list item says nothing here.
        const by = assertion.by;
        if (polarity === 'absent' && by && sentence.tokens.slice(by[1], mention.said[0]).some((token) => token.lower === ',')) polarity = 'present';
        if (polarity === 'absent') return;
        polarity = polarity === 'present' ? 'absent' : 'uncertain';
      }
      const modifier = modifiers[i]!;
      let { side } = modifier;
      if (!modifier.own && side === 'none') {
        if (before && before.section === sentence.section && pointsBack(sentence, mention.from)) side = before.side;
        else side = headingSide(sentence) ?? 'none';
      }
      if (polarity === 'absent' && (!modifier.own || (mention.finding && lexicon.directed.has(mention.finding)))) side = 'none';
      const start = sentence.tokens[mention.from]!.start;
      const end = sentence.tokens[mention.to - 1]!.end;
      const ordinal = (ordinals.get(theme) ?? 0) + 1;
      ordinals.set(theme, ordinal);
      const historical = assertion.historical || theme === 'history';
      clues.push({
        id: `${theme}.${ordinal}`,
        origin,
        span: [start, end],
        text: text.slice(start, end),
        sentence: [sentence.start, sentence.end],
        ...(mention.finding === undefined ? {} : { finding: mention.finding }),
        ...(mention.finding === undefined && mention.covers ? { covers: mention.covers } : {}),
        ...(historical ? { historical: true as const } : {}),
        ...(modifier.entity === undefined ? {} : { entity: modifier.entity }),
        side,
        polarity,
        ...(modifier.acuity === undefined ? {} : { acuity: modifier.acuity }),
        ...(modifier.change === undefined ? {} : { change: modifier.change }),
        theme,
      });
      if (polarity === 'present' && side !== 'none' && !(mention.finding && lexicon.directed.has(mention.finding))) {
        before = { section: sentence.section, side };
      }
    });
  }
  return clues;
}
