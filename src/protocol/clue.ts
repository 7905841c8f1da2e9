// Clues: what a text says about pathology, in one shape for model output, derived text and reference reports (DESIGN
// section 4). Offsets are UTF-16 code units into the text they came from. The finding and side names below are the one
// vocabulary that phantoms, clue extraction, evaluation and views share.

export const FINDINGS = [
  'epidural-haemorrhage',
  'subdural-haemorrhage',
  'subarachnoid-haemorrhage',
  'intraparenchymal-haemorrhage',
  'intraventricular-haemorrhage',
  'contusion',
  'infarct',
  'lacunar-infarct',
  'oedema',
  'mass',
  'midline-shift',
  'hydrocephalus',
  'atrophy',
  'sinus-mucosal-thickening',
  'calcification',
  'skull-fracture',
] as const;
export type Finding = (typeof FINDINGS)[number];

export type Side = 'left' | 'right' | 'bilateral' | 'midline' | 'none';
export type Polarity = 'present' | 'absent' | 'uncertain';
export type Acuity = 'acute' | 'subacute' | 'chronic';
export type Change = 'new' | 'increased' | 'decreased' | 'unchanged';

/** Half-open [start, end) in UTF-16 code units. */
export type Span = readonly [start: number, end: number];

export interface Clue {
  /** Stable within one text: `<theme>.<ordinal>`. */
  id: string;
  origin: 'model' | 'derived' | 'reference';
  /** The words to highlight. */
  span: Span;
  text: string;
  /** The sentence or clause it stands in. */
  sentence: Span;
  /** Normalised finding; undefined where the phrase is pathological but not in the vocabulary. */
  finding?: Finding;
  /** Findings that a collective phrase stands for ("no intracranial haemorrhage"); only where `finding` is undefined. */
  covers?: Finding[];
  /** Told as history or indication, not as seen on this scan. */
  historical?: true;
  /** Anatomical entity as written in the lexicon, e.g. 'frontal lobe'. */
  entity?: string;
  side: Side;
  polarity: Polarity;
  acuity?: Acuity;
  change?: Change;
  /** Report theme: the level or section heading it belongs to, e.g. 'basal ganglia'. */
  theme: string;
}

/** Status of a clue of a model's report against the reference. */
export type ClueStatus = 'supported' | 'unsupported' | 'missed' | 'contradicted' | 'normal';

export interface ComparedClue {
  status: ClueStatus;
  /** Of the model's report; absent for missed clues. */
  clue?: Clue;
  /** Of the reference; absent for unsupported clues. */
  reference?: Clue;
  /** One sentence a person can check: what matched or did not. */
  why: string;
}

/** How a clue's words were tied to a place. Every highlight names its method and strength. */
export interface ClueLink {
  clueId: string;
  method: 'occlusion' | 'attention' | 'label-map';
  /** Occlusion: fall of the words' summed log-probability in nats when the region's tokens are replaced by the mean
   *  token. Attention: share of visual attention mass. Label map: volume in ml. */
  strength: number;
  /** The same quantity for a random region of equal size: what strength means nothing. */
  nullStrength: number;
  /** Visual tokens of the region, strongest first; empty = no support found. */
  tokens: number[];
  /** Score of every visual token, length = token count. */
  scores: number[];
}
