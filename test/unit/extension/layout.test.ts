import assert from 'node:assert/strict';
import { layoutReport } from '../../../src/extension/report/layout.ts';

const TEXT = 'Basal ganglia: Acute haemorrhage in the right putamen, 3.8 cm. No mass.\nIMPRESSION:\nRight basal ganglia haemorrhage with\nmass effect.';

describe('report layout', () => {
  const layout = layoutReport(TEXT, 'ct-01', ['## After', '', '- one fact']);
  const shown = (phrase: string): string[] => {
    const start = TEXT.indexOf(phrase);
    return layout.ranges([start, start + phrase.length]).map(([from, to]) => layout.content.slice(from, to));
  };

  it('puts one sentence on a line and headings above them', () => {
    assert.deepEqual(layout.content.split('\n').filter(Boolean), [
      '# ct-01', '## Basal ganglia', 'Acute haemorrhage in the right putamen, 3.8 cm.', 'No mass.',
      '## IMPRESSION', 'Right basal ganglia haemorrhage with', 'mass effect.', '## After', '- one fact',
    ]);
  });

  it('finds each phrase of the text again, and keeps decimals together', () => {
    for (const phrase of ['Acute haemorrhage', '3.8 cm', 'No mass', 'Basal ganglia', 'IMPRESSION']) assert.deepEqual(shown(phrase), [phrase]);
  });

  it('splits a span that runs over a line end', () => {
    assert.deepEqual(shown('haemorrhage with\nmass effect'), ['haemorrhage with', 'mass effect']);
  });

  it('gives no range outside the text', () => {
    assert.deepEqual(layout.ranges([TEXT.length, TEXT.length + 5]), []);
  });

  it('loses no word of any text', () => {
    for (const text of [TEXT, 'no end', '', '...', 'A. B. C.', 'x:\n\n y: z', 'Slices 3. to 4. are shown. 1.5 mm e.g. here']) {
      const whole = layoutReport(text, 't');
      const words = (t: string): string => t.replace(/[\s:]+/g, '');
      const back = whole.ranges([0, text.length]).map(([from, to]) => whole.content.slice(from, to)).join('');
      assert.equal(words(back), words(text));
    }
  });
});
