import assert from 'node:assert/strict';
import type { Clue, ComparedClue } from '../../../src/protocol/clue.ts';
import type { Reading } from '../../../src/protocol/reading.ts';
import { clueEntries, clueScores, confidence, ghostOf, layoutReport, lookOf } from '../../../webview/scan/clues.ts';

const clue = (id: string, text: string, words: string, theme: string, more: Partial<Clue> = {}): Clue => {
  const at = text.indexOf(words);
  return { id, origin: 'model', span: [at, at + words.length], text: words, sentence: [0, text.length], side: 'none', polarity: 'present', theme, ...more };
};
const reading = (text: string, clues: Clue[], more: Partial<Reading> = {}): Reading => ({ text, clues, tokens: [], links: [], ...more }) as unknown as Reading;

describe('report layout', () => {
  const cut = (text: string, clues: Clue[] = []) => {
    const r = reading(text, clues);
    return layoutReport(r, clueEntries(r)).map((s) => [s.title, s.sentences.map((x) => text.slice(...x.span))]);
  };

  it('cuts at headings and sentences, keeps decimals and measures together', () => {
    assert.deepEqual(cut('Basal ganglia: Haematoma of 2.4 x 1.5 cm. No shift.\nIMPRESSION\nAcute haematoma.'), [
      ['Basal ganglia', ['Haematoma of 2.4 x 1.5 cm.', 'No shift.']],
      ['Impression', ['Acute haematoma.']],
    ]);
  });

  it('joins wrapped lines and ends at empty ones', () => {
    assert.deepEqual(cut('Findings: A large mass in the\nleft frontal lobe. Normal ventricles\n\nNo fracture'), [
      ['Findings', ['A large mass in the\nleft frontal lobe.', 'Normal ventricles', 'No fracture']],
    ]);
  });

  it('takes themes from clues where a text has no headings', () => {
    const text = 'Old infarct of the pons. Midline shift of 4 mm. Mass effect.';
    assert.deepEqual(cut(text, [clue('a', text, 'infarct', 'posterior fossa'), clue('b', text, 'Midline shift', 'midline')]), [
      ['Posterior fossa', ['Old infarct of the pons.']],
      ['Midline', ['Midline shift of 4 mm.', 'Mass effect.']],
    ]);
  });

  it('shows a clue whose words begin in the heading by what stands after it', () => {
    const text = 'Ventricles: Normal in size. No shift.';
    const r = reading(text, [clue('a', text, 'Ventricles: Normal in size', 'ventricles')]);
    const [first] = layoutReport(r, clueEntries(r))[0]!.sentences;
    assert.deepEqual(first!.runs.map((run) => [text.slice(...run.span), run.entry?.key]), [['Normal in size', 'a'], ['.', undefined]]);
  });

  it('loses no character of a sentence to its runs, also with overlapping clues', () => {
    const text = 'Large right frontal mass with oedema.';
    const r = reading(text, [clue('a', text, 'right frontal mass', 'x'), clue('b', text, 'mass with oedema', 'x')]);
    const [section] = layoutReport(r, clueEntries(r));
    const runs = section!.sentences[0]!.runs;
    assert.equal(runs.map((run) => text.slice(...run.span)).join(''), text);
    assert.deepEqual(runs.filter((run) => run.entry).map((run) => text.slice(...run.span)), ['right frontal mass', ' with oedema']);
  });

  it('gives the geometric mean of the probabilities of overlapping tokens', () => {
    const tokens = [['No ', 0, 3, 0.5], ['shift', 3, 8, 0.02], ['.', 8, 9, 1]].map(([text, a, b, p], id) => ({ id, text: String(text), span: [Number(a), Number(b)] as const, logProb: Math.log(Number(p)) }));
    assert.ok(Math.abs(confidence(tokens, [0, 8])! - Math.sqrt(0.5 * 0.02)) < 1e-12);
    assert.equal(confidence(tokens, [9, 12]), undefined);
  });
});

describe('clue entries', () => {
  const text = 'Haemorrhage. No fracture.';
  const a = clue('f.1', text, 'Haemorrhage', 'f');
  const b = clue('f.2', text, 'fracture', 'f', { polarity: 'absent' });
  const missed = clue('f.1', 'Infarct.', 'Infarct', 'f', { origin: 'reference' });
  const compared: ComparedClue[] = [
    { status: 'unsupported', clue: a, why: '' },
    { status: 'normal', clue: b, why: '' },
    { status: 'missed', reference: missed, why: '' },
  ];

  it('tell a missed clue from the model\u2019s clue of the same id', () => {
    const entries = clueEntries(reading(text, [a, b], { reference: { path: '', text: 'Infarct.', clues: [missed], compared, metrics: {} } }));
    assert.deepEqual(entries.map((e) => [e.key, lookOf(e, true), lookOf(e, false)]), [
      ['f.1', 'unsupported', 'present'],
      ['f.2', 'normal', 'absent'],
      ['reference:f.1', 'missed', 'present'],
    ]);
  });

  it('give every mention of a finding the status of the one that was compared', () => {
    const t = 'Mild atrophy. Again atrophy.';
    const first = clue('g.1', t, 'atrophy', 'g', { finding: 'atrophy' });
    const second = { ...first, id: 'g.2', span: [20, 27] as const };
    const entries = clueEntries(reading(t, [first, second], { reference: { path: '', text: '', clues: [], compared: [{ status: 'unsupported', clue: first, why: '' }], metrics: {} } }));
    assert.deepEqual(entries.map((e) => lookOf(e, true)), ['unsupported', 'unsupported']);
  });

  it('put a missed clue under the heading of its line in the reference and cut the heading off', () => {
    const t = 'Sinuses: Clear. \nBasal ganglia: Old infarct. Right haematoma.\n';
    const of = (words: string, sentence: string) => {
      const start = t.indexOf(sentence);
      const ghost = ghostOf({ key: '', inModel: false, links: [], clue: clue('x', t, words, 'findings', { sentence: [start, start + sentence.length] }) }, t);
      return [ghost.title, t.slice(...ghost.span)];
    };
    assert.deepEqual(of('infarct', 'Basal ganglia: Old infarct.'), ['Basal ganglia', 'Old infarct.']);
    assert.deepEqual(of('haematoma', 'Right haematoma.'), ['Basal ganglia', 'Right haematoma.']);
  });

  it('score 2 right, 1 unsupported, 1 contradicted, 1 missed as P 0.5, R 0.5, F1 0.5', () => {
    const of = (status: ComparedClue['status']): ComparedClue => ({ status, why: '' });
    assert.deepEqual(clueScores(['supported', 'supported', 'unsupported', 'contradicted', 'missed', 'normal'].map((s) => of(s as ComparedClue['status']))), { precision: 0.5, recall: 0.5, f1: 0.5 });
    assert.equal(clueScores([of('normal')]), undefined);
  });
});
