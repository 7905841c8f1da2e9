// Comparison of two reports and the finding set of one.

import assert from 'node:assert/strict';
import { compareClues, findingSet } from '../../../src/report/compare.ts';
import { extractClues } from '../../../src/report/extract.ts';

/** `status finding` of every compared clue. */
function compare(model: string, reference: string): string[] {
  return compareClues(extractClues(model, 'model'), extractClues(reference, 'reference')).map((row) => {
    const clue = row.clue ?? row.reference;
    assert.ok(row.why.endsWith('.'));
    return `${row.status} ${clue?.finding ?? clue?.text}`;
  });
}

const TABLE: readonly (readonly [string, string, readonly string[]])[] = [
  ['Left SDH.', 'Acute left subdural haematoma.', ['supported subdural-haemorrhage']],
  ['Left SDH.', 'Right subdural haematoma.', ['contradicted subdural-haemorrhage']],
  ['Left SDH.', 'No subdural haematoma.', ['contradicted subdural-haemorrhage']],
  ['Left SDH.', 'No intracranial haemorrhage.', ['contradicted subdural-haemorrhage']],
  ['Left SDH.', 'Left frontal contusion.', ['unsupported subdural-haemorrhage', 'missed contusion']],
  ['No SDH.', 'Left SDH.', ['contradicted subdural-haemorrhage']],
  ['No SDH.', 'No SDH.', ['normal subdural-haemorrhage']],
  ['No SDH.', 'Hydrocephalus.', ['normal subdural-haemorrhage', 'missed hydrocephalus']],
  ['No acute intracranial abnormality.', 'Left acute infarct.', ['contradicted acute intracranial abnormality']],
  ['No acute intracranial abnormality.', 'Old left infarct.', ['normal acute intracranial abnormality', 'missed infarct']],
  ['Left contusion.', 'Bilateral contusions.', ['supported contusion']],
  ['Contusion.', 'Right contusion.', ['supported contusion']],
  ['Possible left infarct.', 'Left infarct.', ['supported infarct']],
  ['Possible left infarct.', 'No infarct.', ['unsupported infarct']],
  ['Left SDH. IMPRESSION: Subdural haematoma.', 'Left SDH.', ['supported subdural-haemorrhage']],
  ['', 'Left SDH. No infarct.', ['missed subdural-haemorrhage']],
  ['Chronic small vessel disease.', 'White matter ischaemic changes.', ['supported small vessel disease']],
];

describe('compareClues', () => {
  for (const [model, reference, expected] of TABLE) {
    it(`${model || '(nothing)'} | ${reference}`, () => assert.deepEqual(compare(model, reference), expected));
  }
  it('says what matched', () => {
    const [row] = compareClues(extractClues('Left SDH.', 'model'), extractClues('Right SDH.', 'reference'));
    assert.equal(row?.why, 'The model has left subdural haemorrhage; the reference has right subdural haemorrhage.');
  });
});

describe('findingSet', () => {
  const set = (text: string): string[] => [...findingSet(extractClues(text, 'reference'))].sort();
  it('merges repetitions and counts bilateral as left and right', () => {
    const text = 'FINDINGS: Contusions in both frontal lobes. Left SDH.\nIMPRESSION: Subdural haematoma. Bilateral contusions.';
    assert.deepEqual(set(text), ['contusion|left', 'contusion|right', 'subdural-haemorrhage|left']);
  });
  it('leaves out what is absent, uncertain, historical or outside the vocabulary', () => {
    assert.deepEqual(set('HISTORY: Left SDH.\nFINDINGS: No infarct. Possible mass. Mass effect. Hydrocephalus.'), ['hydrocephalus|none']);
  });
  it('keeps a finding without side', () => {
    assert.deepEqual(set('Subarachnoid haemorrhage in the basal cisterns.'), ['subarachnoid-haemorrhage|none']);
  });
});
