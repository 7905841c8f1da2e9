// Sentence forms of phantom reports, as a small grammar: [a|b|c] picks one, {place} {side} {size} {thick} {shift} {age} are
// filled in, and British spelling is turned into American for half of the reports. Every form of a present finding names
// the finding and its side or place, so that the ground truth can be read back from the text. Own wording throughout.

import type { Finding } from '../../protocol/clue.ts';

export const THEMES = ['Skull and scalp', 'Convexity', 'Basal ganglia', 'Ventricles and midline', 'Posterior fossa', 'Sinuses', 'Impression'] as const;
export type Theme = (typeof THEMES)[number];

type Forms = readonly string[];

/** Forms for the body of the report. Keys: finding, or finding:detail, or finding:acuity, most specific first. */
export const PRESENT: Record<string, Forms> = {
  'epidural-haemorrhage': [
    '[Acute|Biconvex|Lentiform|Hyperdense] [epidural|extradural] [haematoma|haemorrhage] [over|along] the {place}[, {thick} thick|, up to {thick} thick|, maximum thickness {thick}].',
    'There is [an acute|a lentiform|a biconvex hyperdense] [epidural|extradural] [haematoma|haemorrhage] [over|at] the {place}[| with a thickness of {thick}].',
    '[Over|Along] the {place} [lies|there is] [an acute|a biconvex|a hyperdense] [epidural|extradural] haematoma[| measuring {thick}| of {thick} in thickness].',
    '[Lens-shaped|Biconvex] hyperdensity [over|along] the {place}, [in keeping with|consistent with] [epidural|extradural] haematoma[|, {thick} deep].',
  ],
  'subdural-haemorrhage:acute': [
    '[Acute|Hyperdense] [subdural haematoma|subdural haemorrhage] [over|along] the {place}[, {thick} thick|, up to {thick} thick|, maximum thickness {thick}].',
    'There is [an acute|a crescentic hyperdense|a hyperdense] subdural [haematoma|bleed] [over|along] the {place}[|, {thick} in thickness|, measuring {thick}].',
    '[Over|Along] the {place} [lies|there is] an acute subdural [haematoma|haemorrhage][| of {thick}| up to {thick} wide].',
    'Crescent-shaped [hyperdensity|fresh blood] [over|along] the {place}, [in keeping with|consistent with] acute subdural haematoma[|, {thick} thick].',
  ],
  'subdural-haemorrhage:chronic': [
    '[Chronic|Hypodense chronic|Low-density chronic] subdural [haematoma|haemorrhage] [over|along] the {place}[, {thick} thick|, up to {thick} thick|].',
    'There is a chronic[| hypodense] subdural haematoma [over|along] the {place}[|, {thick} in thickness|, measuring {thick}].',
    '[Over|Along] the {place} [lies|there is] a [chronic|chronic low-density] subdural haematoma[| of {thick}].',
  ],
  'subdural-haemorrhage:layered': [
    'Chronic subdural haematoma with [layering|a fluid level|a sediment level] [over|along] the {place}[|, {thick} thick].',
    'There is a [layered|mixed-density] chronic subdural haematoma [over|along] the {place}[|, up to {thick} thick].',
  ],
  'subarachnoid-haemorrhage': [
    '[Subarachnoid|Acute subarachnoid|Hyperdense subarachnoid] [haemorrhage|blood] in the {place}.',
    'There is [acute|hyperdense|] subarachnoid [haemorrhage|blood|bleeding] [in|within] the {place}.',
    'The {place} [contain|show] hyperdense [subarachnoid blood|subarachnoid haemorrhage].',
    'Increased density [in|of] the {place}, [in keeping with|consistent with|due to] subarachnoid haemorrhage.',
  ],
  'intraparenchymal-haemorrhage': [
    '[Acute|Hyperdense|Acute hyperdense] [intraparenchymal|intracerebral|parenchymal] [haemorrhage|haematoma] in the {place}[, {size}|, measuring {size}|, about {size}].',
    'There is [an acute|a hyperdense|a large rounded] [intraparenchymal|intracerebral] [haemorrhage|haematoma|bleed] [in|within] the {place}[, {size}|, measuring {size}|].',
    'The {place} [contains|shows] [an acute|a hyperdense] [intraparenchymal|intracerebral|parenchymal] [haemorrhage|haematoma][ of {size}|, {size}|].',
  ],
  'intraparenchymal-haemorrhage:infra': [
    '[Acute|Hyperdense|Acute hyperdense] [intraparenchymal|parenchymal] [haemorrhage|haematoma] in the {place}[, {size}|, measuring {size}|].',
    'The {place} [contains|shows] [an acute|a hyperdense] [intraparenchymal|parenchymal] [haemorrhage|haematoma][ of {size}|, {size}|].',
  ],
  'intraventricular-haemorrhage': [
    '[Intraventricular|Acute intraventricular] [haemorrhage|blood] in {the place}.',
    'There is intraventricular [haemorrhage|blood|bleeding] [layering|lying|seen] in {the place}.',
    '[Hyperdense|Layering|Fresh] intraventricular [haemorrhage|blood] [in|within] {the place}.',
  ],
  contusion: [
    '[Haemorrhagic contusion|Mixed-density contusion|Contusion] in {the place}[|, {size}|, spanning {size}].',
    'There [is|is a] [haemorrhagic|mixed-density|patchy haemorrhagic] contusion [in|of] {the place}[|, {size}].',
    '[Patchy|Mottled] hyperdensities in {the place}, [in keeping with|consistent with] [haemorrhagic contusion|contusion][|, {size}].',
  ],
  infarct: [
    '[{age} infarct|{age} infarction|{age} ischaemic infarct] in the {place}.',
    'There is [hypodensity|low density|loss of grey-white differentiation] in the {place}, [in keeping with|consistent with] {an age} infarct.',
    'The {place} [shows|contains] {an age} [infarct|infarction][| with low density| of low attenuation].',
  ],
  'lacunar-infarct': [
    '[Small|{age}|Small {age}] lacunar infarct in the {place}[|, {size}].',
    'There is a [small|{age}] lacunar [infarct|infarction] [in|of] the {place}[|, {size}|, measuring {size}].',
    '[Focal|Small|Punctate] hypodensity in the {place}, [in keeping with|consistent with] a[| {age}] lacunar infarct.',
  ],
  'oedema:perifocal': [
    '[Perifocal|Surrounding|Vasogenic] oedema in {the place}.',
    'There is [perifocal|surrounding|adjacent] [hypodense|vasogenic|low-density] oedema in {the place}.',
    '[Surrounding|Adjacent] [low density|hypodensity] in {the place}, [consistent with|in keeping with] oedema.',
  ],
  'oedema:diffuse': [
    'Diffuse cerebral oedema with [effaced|narrowed] sulci[| and loss of grey-white differentiation].',
    'The sulci are effaced [throughout|everywhere], [in keeping with|consistent with] diffuse [cerebral|brain] oedema.',
    'There is diffuse cerebral oedema[| with effaced sulci].',
  ],
  'mass:ring': [
    '[Ring-like|Necrotic|Rim-forming] [mass|tumour] in the {place}[, {size}|, measuring {size}|].',
    'There is a [mass|tumour] with [a dense rim|a thick rim|central necrosis] in the {place}[, {size}|].',
    'The {place} contains a [necrotic|ring-shaped] [mass|mass lesion][ of {size}|].',
  ],
  'mass:dural': [
    '[Extra-axial|Dural-based|Hyperdense dural-based] mass [at|over|along] the {place}[, {size}|, measuring {size}|].',
    'There is [an extra-axial|a dural-based] [mass|tumour] [at|over] the {place}[, {size}|], [suggestive of|probably a] meningioma.',
  ],
  mass: [
    '[Mass|Mass lesion|Space-occupying mass] in the {place}[, {size}|, measuring {size}|].',
    'There is a [mass|mass lesion|solid mass|tumour] in the {place}[, {size}|, measuring {size}|].',
    'The {place} contains a [mass|solid mass|tumour][ of {size}|].',
  ],
  'midline-shift': [
    'Midline shift to the {side}[ of {shift}|, {shift}].',
    'There is [{shift} of midline shift|a midline shift of {shift}] to the {side}.',
    '[Midline structures are shifted|The midline is shifted] {shift} to the {side}[|, a midline shift].',
    '[Subfalcine herniation with midline shift|Mass effect with midline shift] to the {side}[| of {shift}].',
  ],
  hydrocephalus: [
    'Hydrocephalus with [dilated|enlarged] [ventricles|lateral and third ventricles].',
    'The [ventricular system is|ventricles are] [dilated|markedly enlarged], [in keeping with|consistent with] hydrocephalus.',
    'There is [marked|moderate|] hydrocephalus[| with ballooned frontal horns].',
  ],
  atrophy: [
    '[Generalised|Diffuse|Global] [cerebral|brain] atrophy with [wide|widened|prominent] sulci.',
    'The sulci are [wide|widened|prominent], [in keeping with|consistent with] [generalised|diffuse] [cerebral|brain] atrophy.',
    'There is [generalised|diffuse|global] [cerebral|brain] atrophy[| with volume loss].',
  ],
  'sinus-mucosal-thickening': [
    'Mucosal thickening [in|of] {the place}.',
    'There is mucosal thickening [in|of] {the place}.',
    '{The place} [show|have] [sinus mucosal thickening|mucosal thickening].',
    '[Mild|Moderate] mucosal thickening is [seen|noted|present] in {the place}.',
  ],
  calcification: [
    '[Calcification|Coarse calcification|Dense calcification] in {the place}.',
    'There is [focal|dense|] calcification [in|of] {the place}.',
    'Focal [calcification is seen|calcification is noted] in {the place}.',
  ],
  'skull-fracture': [
    '[Skull fracture|Linear skull fracture|Non-displaced skull fracture] [of|through|in] the {place}[| with scalp swelling].',
    'There is a [linear|non-displaced|] skull fracture [through|of|in] the {place}[| with overlying soft tissue swelling].',
    '[Linear|Thin|Non-displaced] fracture line [through|in] the {place}, [in keeping with|consistent with] skull fracture.',
  ],
};

/** Short noun phrases for the impression; one sentence per finding. */
export const SUMMARY: Record<string, Forms> = {
  'epidural-haemorrhage': ['[Acute |]{side} [epidural|extradural] haematoma.', '[Epidural|Extradural] haematoma on the {side}.'],
  'subdural-haemorrhage': ['[{Age} {side}|{Side} {age}] subdural haematoma.', '{Age} subdural haematoma {on side}.'],
  'subarachnoid-haemorrhage': ['Subarachnoid haemorrhage in the {place}.', 'Subarachnoid [haemorrhage|blood], {place}.'],
  'intraparenchymal-haemorrhage': ['[Intracerebral|Intraparenchymal] haemorrhage in the {place}.', '[Acute |]{side} [intracerebral|intraparenchymal] [haematoma|haemorrhage].'],
  'intraparenchymal-haemorrhage:infra': ['[Acute |]intraparenchymal haemorrhage in the {place}.'],
  'intraventricular-haemorrhage': ['Intraventricular haemorrhage {on side}.', '{Side} intraventricular [haemorrhage|blood].'],
  contusion: ['{Side} [haemorrhagic |]contusion.', '[Haemorrhagic contusion|Contusion] in {the place}.'],
  infarct: ['{Age} infarct in the {place}.', '{Age} {side} [infarct|infarction].'],
  'lacunar-infarct': ['Lacunar infarct in the {place}.', '{Side} lacunar infarct.'],
  'oedema:perifocal': ['[Perifocal|Surrounding] oedema {on side}.', '{Side} [perifocal|vasogenic] oedema.'],
  'oedema:diffuse': ['Diffuse cerebral oedema.'],
  mass: ['[Mass|Mass lesion] in the {place}.', '{Side} [intracranial mass|brain mass|mass].'],
  'mass:dural': ['Extra-axial mass at the {place}.', '{Side} [extra-axial|dural-based] mass.'],
  'midline-shift': ['Midline shift to the {side}.', 'Midline shift of {shift} to the {side}.'],
  hydrocephalus: ['Hydrocephalus.'],
  atrophy: ['[Generalised |Diffuse |][brain|cerebral] atrophy.'],
  'sinus-mucosal-thickening': ['Mucosal thickening of {the place}.', '{Side} sinus mucosal thickening.'],
  calcification: ['Calcification in {the place}.', '{Side} calcification.'],
  'skull-fracture': ['[Skull fracture|Fracture] of the {place}.', '{Side} skull fracture.'],
};

/** Statements of absence; usable where none of `unless` is present. */
export interface Negation {
  theme: Theme;
  unless: readonly Finding[];
  weight: number;
  forms: Forms;
}

const BLEEDS: readonly Finding[] = ['epidural-haemorrhage', 'subdural-haemorrhage', 'subarachnoid-haemorrhage', 'intraparenchymal-haemorrhage', 'intraventricular-haemorrhage', 'contusion'];

export const ABSENT: readonly Negation[] = [
  { theme: 'Skull and scalp', unless: ['skull-fracture'], weight: 8, forms: ['No [skull fracture|fracture|fracture of the skull].', 'The [skull|calvarium|bony skull] is intact[|, no fracture].', 'No evidence of [skull fracture|fracture].', '[There is no|No] [acute|visible|definite] skull fracture.', 'The [skull vault|calvarium] and skull base are [intact|unremarkable].'] },
  { theme: 'Convexity', unless: ['epidural-haemorrhage', 'subdural-haemorrhage'], weight: 6, forms: ['No [extra-axial collection|extra-axial haemorrhage|extra-axial fluid collection].', 'No [subdural or epidural|epidural or subdural] haematoma.', '[There is no|No evidence of] [subdural|extra-axial] [collection|haematoma].'] },
  { theme: 'Convexity', unless: ['subarachnoid-haemorrhage'], weight: 4, forms: ['No subarachnoid [blood|haemorrhage].', '[There is no|No evidence of] subarachnoid [haemorrhage|blood].'] },
  { theme: 'Convexity', unless: ['atrophy', 'infarct', 'oedema', 'subarachnoid-haemorrhage', 'midline-shift', 'hydrocephalus', 'subdural-haemorrhage', 'epidural-haemorrhage'], weight: 5, forms: ['[Sulci are|The sulci are] [normal|unremarkable|of normal width].', 'Cortical sulci are normal for age.', 'Grey-white differentiation is [preserved|maintained|normal].'] },
  { theme: 'Convexity', unless: ['infarct', 'oedema', 'intraparenchymal-haemorrhage', 'mass', 'contusion'], weight: 3, forms: ['No [cortical infarct|territorial infarct|established infarct].', 'No [intracerebral haemorrhage|parenchymal haemorrhage].', 'No [mass|space-occupying lesion|mass lesion].', 'The cerebral hemispheres are [unremarkable|normal].'] },
  { theme: 'Basal ganglia', unless: ['lacunar-infarct', 'calcification', 'intraparenchymal-haemorrhage', 'infarct', 'oedema'], weight: 6, forms: ['[Basal ganglia|The basal ganglia] and thalami are [unremarkable|normal|of normal density].', 'The [basal ganglia|deep grey nuclei] [are unremarkable|appear normal|show normal density].', 'Basal ganglia [symmetrical|symmetric] and normal.'] },
  { theme: 'Basal ganglia', unless: ['lacunar-infarct', 'infarct'], weight: 3, forms: ['No lacunar infarct.', '[There is no|No evidence of] lacunar infarct[|ion].'] },
  { theme: 'Basal ganglia', unless: ['intraparenchymal-haemorrhage'], weight: 2, forms: ['No [deep|basal ganglia] haemorrhage.'] },
  { theme: 'Ventricles and midline', unless: ['midline-shift'], weight: 6, forms: ['No midline shift.', '[There is no|No] [shift of the midline|midline shift].', '[Midline structures are central|The midline is central].', 'The midline is not [displaced|shifted].'] },
  { theme: 'Ventricles and midline', unless: ['hydrocephalus', 'atrophy', 'midline-shift', 'oedema'], weight: 5, forms: ['[The ventricles are|Ventricles are|The ventricular system is] [normal|of normal size|normal in size|not enlarged].', 'No hydrocephalus.', 'Normal [size of the ventricles|ventricular size].'] },
  { theme: 'Ventricles and midline', unless: ['hydrocephalus'], weight: 2, forms: ['No hydrocephalus.', '[There is no|No evidence of] hydrocephalus.'] },
  { theme: 'Ventricles and midline', unless: ['intraventricular-haemorrhage'], weight: 3, forms: ['No intraventricular [blood|haemorrhage|extension].', '[There is no|No evidence of] intraventricular [haemorrhage|blood].'] },
  { theme: 'Posterior fossa', unless: [], weight: 6, forms: ['[Brain stem|The brain stem] and cerebellum are [unremarkable|normal].', 'The posterior fossa [is unremarkable|is normal|structures are normal].', '[Normal|Unremarkable] posterior fossa.', 'Cerebellum and brain stem [appear normal|are normal].', 'The fourth ventricle is [central|in the midline].'] },
  { theme: 'Sinuses', unless: ['sinus-mucosal-thickening'], weight: 6, forms: ['[Paranasal sinuses|The paranasal sinuses|The sinuses] are [clear|well aerated|normally aerated].', 'No [sinus mucosal thickening|mucosal thickening].', '[Clear|Well aerated] paranasal sinuses[| and mastoids].', 'The paranasal sinuses and mastoid air cells are [clear|aerated].'] },
];

/** Impressions of cases without findings, and closing negations for the others. */
export const NORMAL_IMPRESSION: Forms = [
  '[No acute intracranial abnormality|No acute intracranial pathology|No intracranial abnormality].',
  '[Normal|Unremarkable] [head CT|CT of the head|CT of the brain|brain CT].',
  'No [intracranial haemorrhage|intracranial bleed][, mass or infarct|, fracture or mass].',
  '[Normal findings|Study within normal limits|No pathological findings].',
];
export const CLOSING: readonly { unless: readonly Finding[]; forms: Forms }[] = [
  { unless: BLEEDS, forms: ['No [intracranial haemorrhage|intracranial bleed|haemorrhage].'] },
  { unless: ['mass'], forms: ['No mass.'] },
  { unless: ['midline-shift'], forms: ['No midline shift.'] },
  { unless: ['skull-fracture'], forms: ['No [skull |]fracture.'] },
];

/** What goes with a shift in the ventricle section. */
export const COMPRESSION: Forms = ['The {other} lateral ventricle is [compressed|narrowed|partly effaced].', '[Compression|Effacement] of the {other} lateral ventricle.'];
