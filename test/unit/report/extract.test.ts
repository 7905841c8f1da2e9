// Clue extraction on hand-made sentences, one or more per rule. Expected values are what a reader says of the sentence.

import assert from 'node:assert/strict';
import { extractClues } from '../../../src/report/extract.ts';

/** `finding side polarity` of every clue in the vocabulary, plus acuity and change where given. */
function read(text: string): string[] {
  return extractClues(text, 'reference')
    .filter((clue) => clue.finding !== undefined)
    .map((c) => [c.finding, c.side, c.polarity, c.acuity, c.change].filter((part) => part !== undefined).join(' '));
}

const TABLE: readonly (readonly [string, readonly string[]])[] = [
  // Findings and spellings.
  ['Acute left frontal subdural haematoma.', ['subdural-haemorrhage left present acute']],
  ['Acute left frontal subdural hematoma.', ['subdural-haemorrhage left present acute']],
  ['SDH on the right.', ['subdural-haemorrhage right present']],
  ['Right-sided extradural haematoma.', ['epidural-haemorrhage right present']],
  ['Lentiform extra-axial collection along the left parietal convexity.', ['epidural-haemorrhage left present']],
  ['Hyperdense crescentic collection over the right cerebral convexity.', ['subdural-haemorrhage right present']],
  ['Hyperdense blood in the sulci of the left parietal lobe.', ['subarachnoid-haemorrhage left present']],
  ['Haemorrhage in the right thalamus.', ['intraparenchymal-haemorrhage right present']],
  ['Blood in the occipital horns of the lateral ventricles.', ['intraventricular-haemorrhage bilateral present']],
  ['Bifrontal contusions.', ['contusion bilateral present']],
  ['Left MCA territory infarct, subacute.', ['infarct left present subacute']],
  ['Old lacunar infarction at right thalamus.', ['lacunar-infarct right present chronic']],
  ['Rounded mass in the left temporal lobe with surrounding oedema.', ['mass left present', 'oedema left present']],
  ['Mucosal thickening in both maxillary sinuses.', ['sinus-mucosal-thickening bilateral present']],
  ['Calcification of the globi pallidi.', ['calcification bilateral present']],
  ['Linear fracture of the right parietal bone.', ['skull-fracture right present']],
  ['Generalised cerebral atrophy.', ['atrophy none present']],
  ['Dilated ventricles with periventricular lucency.', ['hydrocephalus none present']],
  ['The ventricles and sulci are prominent.', ['atrophy none present']],
  ['The ventricles are dilated out of proportion to the sulci.', ['hydrocephalus none present']],
  ['Scalp haematoma over the left parietal bone.', []],
  ['Mass effect on the left lateral ventricle.', []],
  // Shift has a direction.
  ['6 mm midline shift to the right.', ['midline-shift right present']],
  ['Leftward shift of the midline by 4.5 mm.', ['midline-shift left present']],
  ['Left-to-right midline shift of 5 mm.', ['midline-shift right present']],
  ['Left subdural haematoma with 6 mm midline shift to the right.', ['subdural-haemorrhage left present', 'midline-shift right present']],
  ['The midline is displaced to the left.', ['midline-shift left present']],
  // Statements of the normal.
  ['Ventricles are normal in size.', ['hydrocephalus none absent']],
  ['The midline is not displaced.', ['midline-shift none absent']],
  ['Midline structures are central.', ['midline-shift none absent']],
  ['The paranasal sinuses are clear.', ['sinus-mucosal-thickening none absent']],
  ['The calvarium is intact.', ['skull-fracture none absent']],
  ['Grey-white matter differentiation is preserved.', ['infarct none absent']],
  ['Loss of grey-white differentiation in the left parietal lobe.', ['infarct left present']],
  ['The ventricles are not dilated.', ['hydrocephalus none absent']],
  // Negation and its scope.
  ['No subdural, extradural or subarachnoid haemorrhage.', ['subdural-haemorrhage none absent', 'epidural-haemorrhage none absent', 'subarachnoid-haemorrhage none absent']],
  ['No midline shift or hydrocephalus, but a small right lacunar infarct.', ['midline-shift none absent', 'hydrocephalus none absent', 'lacunar-infarct right present']],
  ['No infarct; left frontal contusion.', ['infarct none absent', 'contusion left present']],
  ['No midline shift and mild atrophy.', ['midline-shift none absent', 'atrophy none present']],
  ['Left frontal mass without surrounding oedema.', ['mass left present', 'oedema none absent']],
  ['Skull fracture was ruled out.', ['skull-fracture none absent']],
  ['The study is negative for infarct.', ['infarct none absent']],
  ['Hydrocephalus and midline shift are not seen.', ['hydrocephalus none absent', 'midline-shift none absent']],
  ['Infarct rather than mass.', ['infarct none present', 'mass none absent']],
  ['The subarachnoid haemorrhage has resolved.', ['subarachnoid-haemorrhage none absent']],
  ['Fracture: none.', ['skull-fracture none absent']],
  ['Midline shift: none. Hydrocephalus: absent.', ['midline-shift none absent', 'hydrocephalus none absent']],
  ['Not only a contusion but also a subdural haematoma on the left.', ['contusion left present', 'subdural-haemorrhage left present']],
  ['The scan is not without haemorrhagic contusion.', ['contusion none present']],
  // Uncertainty.
  ['Subdural haemorrhage cannot be excluded.', ['subdural-haemorrhage none uncertain']],
  ['Possible small infarct in the left thalamus.', ['infarct left uncertain']],
  ['Rule out skull fracture.', ['skull-fracture none uncertain']],
  ['If hydrocephalus develops, repeat the scan.', ['hydrocephalus none uncertain']],
  ['Hypodense area suspicious for infarct.', ['infarct none uncertain']],
  ['If the patient deteriorates, exclude hydrocephalus.', ['hydrocephalus none uncertain']],
  ['No midline shift to the left or right.', ['midline-shift none absent']],
  ['Unremarkable ventricles, no midline shift, sinuses clear, bones intact.', ['hydrocephalus none absent', 'midline-shift none absent', 'sinus-mucosal-thickening none absent', 'skull-fracture none absent']],
  ['L frontal SDH w/o MLS.', ['subdural-haemorrhage left present', 'midline-shift none absent']],
  ['Mild prominence of the ventricles and sulci, age appropriate.', ['atrophy none present']],
  // Change is not presence.
  ['The known left subdural haematoma has not changed.', ['subdural-haemorrhage left present unchanged']],
  ['No interval change of the right frontal contusion.', ['contusion right present unchanged']],
  ['New left thalamic haemorrhage.', ['intraparenchymal-haemorrhage left present new']],
  // Sides.
  ['Left frontal and right temporal contusions.', ['contusion bilateral present']],
  ['Subdural haematoma on the left, contusion on the right.', ['subdural-haemorrhage left present', 'contusion right present']],
  ['On the left, there is a subdural haematoma.', ['subdural-haemorrhage left present']],
  ['Chronic subdural haematomas over both cerebral convexities.', ['subdural-haemorrhage bilateral present chronic']],
];

describe('extractClues', () => {
  for (const [text, expected] of TABLE) it(text, () => assert.deepEqual(read(text), expected));

  it('gives exact UTF-16 offsets into the text', () => {
    const text = 'Kopf 🧠 scan.\nFINDINGS: No  acute\nmidline   shift, but SDH — left.';
    const clues = extractClues(text, 'model');
    assert.deepEqual(clues.map((clue) => text.slice(...clue.span)), ['midline   shift', 'SDH']);
    for (const clue of clues) assert.equal(clue.text, text.slice(...clue.span));
  });

  it('takes themes from headings and numbers clues within them', () => {
    const text = 'Ventricles: Mild hydrocephalus.\nBasal ganglia: No infarct, no haemorrhage.\nIMPRESSION:\n1. Hydrocephalus.';
    assert.deepEqual(extractClues(text, 'model').map((c) => c.id), ['ventricles.1', 'basal ganglia.1', 'basal ganglia.2', 'impression.1']);
  });

  it('leaves a heading out of the words of a statement that names its subject itself', () => {
    const words = (text: string): string[] => extractClues(text, 'model').map((clue) => clue.text);
    assert.deepEqual(words('Sinuses: The paranasal sinuses and mastoid air cells are clear.'), ['paranasal sinuses and mastoid air cells are clear']);
    assert.deepEqual(words('Sinuses: Clear.'), ['Sinuses: Clear']);
  });

  it('takes no clue from technique and comparison, and marks history', () => {
    const clues = extractClues('HISTORY: Right subdural haematoma.\nTECHNIQUE: CT for infarct.\nFINDINGS: No infarct.', 'model');
    assert.deepEqual(clues.map((c) => [c.finding, c.historical ?? false]), [['subdural-haemorrhage', true], ['infarct', false]]);
  });

  it('lets a collective negation cover its findings', () => {
    const [clue] = extractClues('No intracranial haemorrhage.', 'model');
    assert.equal(clue?.finding, undefined);
    assert.equal(clue?.covers?.length, 5);
    assert.equal(clue?.polarity, 'absent');
  });

  it('knows the 26 structures of the PCRL entity list, longest match first', () => {
    const names: Readonly<Record<string, string>> = {
      'midline structures': 'midline structure', 'cerebral sulci': 'cerebral sulcus', 'basal ganglia region': 'basal ganglia', cerebellum: 'cerebellum', 'brain stem': 'brain stem',
      'lateral ventricle': 'lateral ventricle', ventricle: 'ventricle', gyrus: 'gyrus', 'brain parenchyma': 'brain parenchyma', 'semi-oval center': 'centrum semiovale',
      'corona radiata': 'corona radiata', 'maxillary sinus': 'maxillary sinus', 'frontal lobe': 'frontal lobe', thalamus: 'thalamus', 'temporal lobe': 'temporal lobe',
      'parietal lobe': 'parietal lobe', 'occipital lobe': 'occipital lobe', 'ethmoidal sinus': 'ethmoidal sinus', 'cerebellar hemisphere': 'cerebellar hemisphere',
      'cerebral tentorium': 'cerebral tentorium', 'cerebral falx': 'cerebral falx', 'sphenoid sinus': 'sphenoid sinus', 'temporal occipital lobe': 'temporal occipital lobe',
      'third ventricle': 'third ventricle', 'fourth ventricle': 'fourth ventricle', midbrain: 'midbrain',
    };
    assert.equal(Object.keys(names).length, 26);
    for (const [written, entity] of Object.entries(names)) assert.equal(extractClues(`Calcification in the ${written}.`, 'model')[0]?.entity, entity, written);
  });

  it('stays quick on long text without full stops', () => {
    const start = performance.now();
    extractClues('left ventricles normal and SDH '.repeat(2000), 'model');
    assert.ok(performance.now() - start < 5000);
  });
});
