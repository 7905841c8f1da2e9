// A made-up reading with every kind of clue, for the view harness. Nothing in it was read by a model.

import type { Clue, ComparedClue, Side, Polarity, Span, Finding } from '../../src/protocol/clue.ts';
import type { Reading, ReadingToken } from '../../src/protocol/reading.ts';
import type { FakeVolume } from './phantom.ts';

const TEXT = `Vertex and convexity: No skull fracture. No subarachnoid haemorrhage.
Basal ganglia: Acute intraparenchymal haemorrhage in the right putamen, 24 x 36 x 30 mm, with surrounding oedema. Small lacunar infarct in the left thalamus.
Ventricles and midline: The right lateral ventricle is compressed. Midline shift to the right of 4 mm. No intraventricular haemorrhage.
Posterior fossa: Brain stem and cerebellum are unremarkable.
Impression: Acute right basal ganglia haemorrhage with mild mass effect.`;

const REFERENCE = `Basal ganglia: Acute intraparenchymal haemorrhage in the right putamen with surrounding oedema.
Ventricles and midline: Midline shift to the left of 4 mm. Early hydrocephalus of the left lateral ventricle.
Paranasal sinuses: Mucosal thickening in both maxillary sinuses.`;

function clue(id: string, origin: Clue['origin'], source: string, text: string, theme: string, finding: Finding | undefined, side: Side, polarity: Polarity = 'present', entity?: string): Clue {
  const start = source.indexOf(text);
  const before = Math.max(source.lastIndexOf('. ', start) + 2, source.lastIndexOf('\n', start) + 1, source.slice(0, start).lastIndexOf(': ') + 2);
  const after = source.indexOf('.', start);
  return { id, origin, span: [start, start + text.length], text, sentence: [before, after < 0 ? source.length : after + 1], ...(finding && { finding }), ...(entity && { entity }), side, polarity, theme };
}

const model = [
  clue('vertex and convexity.1', 'model', TEXT, 'skull fracture', 'vertex and convexity', 'skull-fracture', 'none', 'absent'),
  clue('vertex and convexity.2', 'model', TEXT, 'subarachnoid haemorrhage', 'vertex and convexity', 'subarachnoid-haemorrhage', 'none', 'absent'),
  clue('basal ganglia.1', 'model', TEXT, 'intraparenchymal haemorrhage in the right putamen', 'basal ganglia', 'intraparenchymal-haemorrhage', 'right', 'present', 'putamen'),
  clue('basal ganglia.2', 'model', TEXT, 'surrounding oedema', 'basal ganglia', 'oedema', 'right'),
  clue('basal ganglia.3', 'model', TEXT, 'lacunar infarct in the left thalamus', 'basal ganglia', 'lacunar-infarct', 'left', 'present', 'thalamus'),
  clue('ventricles and midline.1', 'model', TEXT, 'Midline shift to the right', 'ventricles and midline', 'midline-shift', 'right'),
  clue('ventricles and midline.2', 'model', TEXT, 'intraventricular haemorrhage', 'ventricles and midline', 'intraventricular-haemorrhage', 'none', 'absent'),
  clue('impression.1', 'model', TEXT, 'right basal ganglia haemorrhage', 'impression', 'intraparenchymal-haemorrhage', 'right', 'present', 'basal ganglia'),
];
const reference = [
  clue('basal ganglia.1', 'reference', REFERENCE, 'intraparenchymal haemorrhage in the right putamen', 'basal ganglia', 'intraparenchymal-haemorrhage', 'right'),
  clue('basal ganglia.2', 'reference', REFERENCE, 'surrounding oedema', 'basal ganglia', 'oedema', 'right'),
  clue('ventricles and midline.1', 'reference', REFERENCE, 'Midline shift to the left', 'ventricles and midline', 'midline-shift', 'left'),
  clue('ventricles and midline.2', 'reference', REFERENCE, 'hydrocephalus', 'ventricles and midline', 'hydrocephalus', 'left'),
  clue('paranasal sinuses.1', 'reference', REFERENCE, 'Mucosal thickening', 'paranasal sinuses', 'sinus-mucosal-thickening', 'bilateral'),
];
const compared: ComparedClue[] = [
  { status: 'normal', clue: model[0]!, why: 'Both texts have no skull fracture.' },
  { status: 'normal', clue: model[1]!, why: 'Both texts have no subarachnoid haemorrhage.' },
  { status: 'supported', clue: model[2]!, reference: reference[0]!, why: 'Same finding and side in both.' },
  { status: 'supported', clue: model[3]!, reference: reference[1]!, why: 'Same finding and side in both.' },
  { status: 'unsupported', clue: model[4]!, why: 'The reference has no lacunar infarct.' },
  { status: 'contradicted', clue: model[5]!, reference: reference[2]!, why: 'The reference has the midline shift to the left.' },
  { status: 'normal', clue: model[6]!, why: 'Both texts have no intraventricular haemorrhage.' },
  { status: 'supported', clue: model[7]!, reference: reference[0]!, why: 'Same finding and side in both.' },
  { status: 'missed', reference: reference[3]!, why: 'The model\u2019s report does not mention hydrocephalus.' },
  { status: 'missed', reference: reference[4]!, why: 'The model\u2019s report does not mention sinus mucosal thickening.' },
];

function tokens(text: string): ReadingToken[] {
  const out: ReadingToken[] = [];
  for (const match of text.matchAll(/\s*[A-Za-z]+|\s*\S/g)) {
    const span: Span = [match.index, match.index + match[0].length];
    const hash = (match.index * 2654435761) % 1000;
    const unsure = match.index > text.indexOf('Small') && match.index < text.indexOf('thalamus');
    out.push({ id: out.length, text: match[0], span, logProb: -0.6 * (hash / 1000) ** 4 - (unsure ? 0.8 : 0.02) });
  }
  return out;
}

export const GRID = [16, 16, 8] as const;

export function fakeReading(v: FakeVolume, options: { probe: boolean; reference: boolean }): Reading {
  const [si, sj, sk] = v.spacing;
  const [x, y, z] = v.origin;
  const extent = [v.dims[0] * si, v.dims[1] * sj, v.dims[2] * sk];
  const f = [0, 1, 2].map((a) => extent[a]! / GRID[a]!);
  const corner = [x - si / 2, y - sj / 2, z - sk / 2];
  const affine = (d: readonly number[]): number[] => [d[0]!, 0, 0, corner[0]! + d[0]! / 2, 0, d[1]!, 0, corner[1]! + d[1]! / 2, 0, 0, d[2]!, corner[2]! + d[2]! / 2, 0, 0, 0, 1];
  return {
    schema: 1, id: 'fake', created: '2026-01-02T03:04:05Z', versions: {},
    scan: { path: 'phantom-0147.nii.gz', format: 'NIfTI-1', dims: v.dims, spacing: v.spacing, affine: affine(v.spacing), storedSha256: '' },
    bundle: { name: 'brain-ct', path: 'models/brain-ct', sha256: '0f' },
    settings: { device: 'cpu', precision: 'fp32', seed: 1, decoding: 'greedy', maxNewTokens: 256 },
    prompt: 'Findings:', text: TEXT, tokens: tokens(TEXT), finish: 'eos',
    stages: [
      { name: 'Preprocess', kind: 'preprocess', ms: 212, shape: [3, 48, 96, 96] },
      { name: 'Encoder', kind: 'encoder', ms: 1480, shape: [504, 192] },
      { name: 'Projector', kind: 'projector', ms: 6, shape: [504, 256] },
      { name: 'Language model', kind: 'language-model', ms: 3900, shape: [171] },
      { name: 'Probe', kind: 'probe', ms: 640, shape: [504, 2048] },
      { name: 'Links', kind: 'links', ms: 8200, shape: [504, 171] },
    ],
    lossy: [
      { step: 'resample', what: 'from 0.9 x 0.9 x 2.5 mm to 2.0 x 2.0 x 3.0 mm: detail below 4 mm is gone' },
      { step: 'crop', what: '96 x 96 x 48 voxels around the head: 12 slices below the skull base left out' },
      { step: 'window', what: 'three windows of 80, 200 and 2 000 HU; values outside are clipped' },
    ],
    input: { dims: [128, 128, 32], affine: affine(extent.map((e, a) => e / [128, 128, 32][a]!)), channels: [{ name: 'brain', low: 0, high: 80 }, { name: 'subdural', low: -20, high: 180 }, { name: 'bone', low: -500, high: 1500 }] },
    visual: { tap: 'projector.out', grid: GRID, affine: affine(f), footprintMm: [f[0]!, f[1]!, f[2]!], width: 256 },
    ...(options.probe && { probe: { name: 'volume', tap: 'projector.out', steps: 20000, range: [-20, 120] as const, probe: { r2: 0.69, psnr: 21.8, ssim: 0.64 }, null: { r2: 0.08, psnr: 17.1, ssim: 0.39 } } }),
    clues: model,
    links: model.map((c) => ({ clueId: c.id, method: 'occlusion' as const, strength: 2.1, nullStrength: 0.08, tokens: [1] })),
    ...(options.reference && { reference: { path: 'phantom-0147.txt', text: REFERENCE, clues: reference, compared, metrics: { bleu4: 0.31, rougeL: 0.52, meteor: 0.44 } } }),
  };
}
