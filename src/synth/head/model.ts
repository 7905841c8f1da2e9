// What a phantom consists of before any voxel is computed: pose, size, age effects and a list of lesions with their exact
// geometry in canonical millimetres (axes as in atlas.ts; lesions of extra-axial, parenchymal and bony kind lie in the
// deformed head, infarct territories in the undeformed one).

import type { Acuity, Finding, Side } from '../../protocol/clue.ts';

/** +1 patient left, -1 patient right. */
export type Sign = 1 | -1;

/** Ellipsoidal lesion with a rough edge, in the parenchyma. */
export interface Blob {
  label: number;
  centre: readonly [number, number, number];
  radii: readonly [number, number, number];
  hu: number;
  /** Irregularity of the edge, mm. */
  rough: number;
  /** Texture amplitude inside, HU. */
  texture: number;
  /** Rim of other density: thickness in mm and HU. */
  rim?: { thickness: number; hu: number };
  /** Surrounding oedema: width in mm and HU it pulls white matter to. */
  oedema?: { width: number; hu: number };
  /** Share of its volume that displaces neighbours, 0 to 1. */
  push: number;
  /** Below the tentorium. */
  infra: boolean;
  /** +1 or -1: kept off the other hemisphere; 0: may cross. */
  hemisphere: Sign | 0;
}

/** Collection between inner table and brain. */
export interface Collection {
  kind: 'lens' | 'crescent';
  label: number;
  side: Sign;
  /** On the inner table. */
  centre: readonly [number, number, number];
  /** Greatest thickness and reach along the surface, mm. */
  thickness: number;
  reach: number;
  hu: number;
  /** Density difference between dependent and upper part, HU. */
  layering: number;
}

/** Vascular territory or part of one, in the undeformed brain. */
export interface Territory {
  centre: readonly [number, number, number];
  radii: readonly [number, number, number];
  side: Sign;
  /** Smallest and greatest distance from the midline, mm. */
  from: number;
  to: number;
  infra: boolean;
  greyHu: number;
  whiteHu: number;
  /** Extra widening of sulci, mm (old infarcts). */
  loss: number;
}

/** Blood in CSF spaces near a point. */
export interface CisternBlood {
  centre: readonly [number, number, number];
  radii: readonly [number, number, number];
  hu: number;
}

export interface VentricleBlood {
  left: boolean;
  right: boolean;
  third: boolean;
  /** Blood lies behind this y, mm: the dependent level; -100 is a cast. */
  level: number;
  hu: number;
}

export interface FractureLine {
  centre: readonly [number, number, number];
  normal: readonly [number, number, number];
  gap: number;
  reach: number;
  /** Scalp swelling over it: greatest thickness and reach in mm; thickness 0 is none. */
  swelling: number;
  swellingReach: number;
}

export interface SinusLining {
  sinus: 'maxillary' | 'ethmoid' | 'frontal' | 'sphenoid';
  left: boolean;
  right: boolean;
  thickness: number;
}

export interface Planned {
  finding: Finding;
  side: Side;
  place: string;
  acuity?: Acuity;
  /** Which wording applies, e.g. 'ring' for a ring-like mass. */
  detail?: string;
  severity?: number;
}

export interface HeadModel {
  seed: number;
  age: number;
  sex: 'F' | 'M';
  /** Canonical size times this gives the patient, per axis. */
  scale: [number, number, number];
  /** Rotation angles in radians about x, y, z and shift in mm. */
  rotation: [number, number, number];
  shift: [number, number, number];
  /** Half-width of sulci at the surface, rim of CSF and growth of the ventricles, mm. */
  sulcus: number;
  rim: number;
  ventricle: number;
  thirdVentricle: number;
  fourthVentricle: number;
  /** How much wider the left lateral ventricle is than their mean, mm. */
  asymmetry: number;
  skull: number;
  scalp: number;
  /** Grey-white contrast, 1 normal. */
  contrast: number;
  choroid: boolean;
  noise: number;
  cupping: number;
  streaks: number;
  headrest: boolean;
  /** Midline displacement in mm, positive to patient left, at the septum. */
  shiftMm: number;
  /** Of shiftMm, what the blobs' own push does not yet cause. */
  extraShift: number;
  /** Pneumatisation: 0 small to 1 large. */
  sinus: number;
  blobs: Blob[];
  collections: Collection[];
  territories: Territory[];
  cisternBlood: CisternBlood[];
  ventricleBlood?: VentricleBlood;
  fractures: FractureLine[];
  linings: SinusLining[];
  findings: Planned[];
}
