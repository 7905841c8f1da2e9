// Sections, sentences and clauses of report text.

import assert from 'node:assert/strict';
import { splitSections, splitSentences, tokenise } from '../../../src/report/text.ts';

const sentences = (text: string): string[] => splitSentences(text).map((s) => text.slice(s.start, s.end));
const clauseWords = (text: string): string[] => {
  const [sentence] = splitSentences(text);
  const out: string[] = [];
  sentence?.tokens.forEach((token, i) => (out[sentence.clause[i]!] = `${out[sentence.clause[i]!] ?? ''} ${token.lower}`.trim()));
  return out;
};

describe('splitSentences', () => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['Left SDH, 9.5 mm. No shift.', ['Left SDH, 9.5 mm.', 'No shift.']],
    ['Approx. 5 mm thick, e.g. subdural. Seen by Dr. Smith.', ['Approx. 5 mm thick, e.g. subdural.', 'Seen by Dr. Smith.']],
    ['1. Left SDH.\n2. No infarct.', ['Left SDH.', 'No infarct.']],
    ['- No fracture\n- Mild atrophy', ['No fracture', 'Mild atrophy']],
    ['No acute\nhaemorrhage is seen.\nMild atrophy.', ['No acute\nhaemorrhage is seen.', 'Mild atrophy.']],
    ['Measures 3 mm. it is small.', ['Measures 3 mm. it is small.']],
    ['Is there a bleed? No.', ['Is there a bleed?', 'No.']],
  ];
  for (const [text, expected] of table) it(JSON.stringify(text), () => assert.deepEqual(sentences(text), expected));
});

describe('splitSections', () => {
  it('finds headings on lines, before text, in capitals and in Markdown', () => {
    const text = 'CT HEAD\n**HISTORY:** Fall.\nFindings:\nBasal ganglia: Normal. IMPRESSION: No bleed.\nConclusion\nNormal.';
    assert.deepEqual(splitSections(text).map((s) => s.heading), ['', 'history', 'findings', 'basal ganglia', 'impression', 'conclusion']);
  });
  it('does not take a long sentence with a colon for a heading', () => {
    assert.deepEqual(splitSections('The ventricles show the following change since the last study: dilatation.').map((s) => s.heading), ['']);
  });
});

describe('clauses', () => {
  it('divide at "but" and between parts that both have a verb', () => {
    assert.deepEqual(clauseWords('There is no mass, and the ventricles are dilated.'), ['there is no mass', ', and the ventricles are dilated .']);
    assert.deepEqual(clauseWords('No mass but atrophy.'), ['no mass', 'but atrophy .']);
    assert.deepEqual(clauseWords('No mass, bleed or shift is seen.'), ['no mass , bleed or shift is seen .']);
  });
});

describe('tokenise', () => {
  it('normalises spelling, plural, negations and hyphens', () => {
    assert.deepEqual(tokenise("Extra-axial haematomas aren't seen; can't").map((t) => t.norm), ['extra', 'axial', 'hematoma', 'not', 'seen', ';', 'not']);
  });
});
