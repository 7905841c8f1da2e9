// Polarity of any phrase of a text, known to the lexicon or not.

import type { Polarity } from '../protocol/clue.ts';
import { assertionOf } from './negation.ts';
import { normalise, splitSentences, tokenise } from './text.ts';

/** Polarity of `concept` in `text`. Words are compared without regard to case, white space, plural and British or
 *  American spelling. Where the phrase occurs more than once, an occurrence in capitals among others that are not is the
 *  one that is meant; otherwise the first. A phrase that is only partly in the text is judged by its longest part that is.
 *  When no word of it is in the text, the answer is 'uncertain': the text does not say. */
export function conceptPolarity(text: string, concept: string): { polarity: Polarity } {
  const wanted = tokenise(concept).map((token) => normalise(token.lower));
  let best: { length: number; capitals: boolean; polarity: Polarity } | undefined;
  for (const sentence of splitSentences(text)) {
    const { tokens } = sentence;
    for (let i = 0; i < tokens.length; i++) {
      for (let skip = 0; skip < wanted.length; skip++) {
        let length = 0;
        while (skip + length < wanted.length && tokens[i + length]?.norm === wanted[skip + length]) length++;
        if (length === 0 || (best && length < best.length)) continue;
        const raw = text.slice(tokens[i]!.start, tokens[i + length - 1]!.end);
        const capitals = raw === raw.toUpperCase() && raw !== raw.toLowerCase();
        if (best && length === best.length && (best.capitals || !capitals)) continue;
        best = { length, capitals, polarity: assertionOf(sentence, i, i + length).polarity };
      }
    }
  }
  return { polarity: best?.polarity ?? 'uncertain' };
}
