// The words for a clue's mark, finding and strength, shared by lenses and hovers.

import type { Clue } from '../../protocol/clue.ts';
import type { PlacedClue, Mark } from './documents.ts';
import { axialSlice } from './place.ts';
import type { Reading } from '../../protocol/reading.ts';

export const MARK_WORDS: Record<Mark, string> = {
  supported: 'supported by the reference',
  unsupported: 'not in the reference',
  missed: 'missed by the model',
  contradicted: 'contradicts the reference',
  normal: 'said to be absent',
  present: 'said to be present',
  uncertain: 'said to be uncertain',
};

export function findingWords(clue: Clue): string {
  const side = clue.side === 'none' ? '' : `${clue.side} `;
  return `${side}${(clue.finding ?? clue.text).replaceAll('-', ' ')}`;
}

/** 'occlusion 1.42 nats, null 0.10', or that there is no support. */
export function strengthWords({ link }: PlacedClue): string {
  if (!link || link.tokens.length === 0) return 'no support found';
  const unit = { occlusion: ' nats', attention: '', 'label-map': ' ml' }[link.method];
  return `${link.method} ${link.strength.toFixed(2)}${unit}, null ${link.nullStrength.toFixed(2)}`;
}

export function sliceWords(reading: Reading, { link }: PlacedClue): string | undefined {
  const slice = link && axialSlice(reading, link.tokens);
  return slice && `slice ${slice.number} of ${slice.count}`;
}
