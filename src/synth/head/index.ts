// Head CT phantoms with exact ground truth: one call makes a scan, its label map, structured findings and a report, all from
// a seed. Same seed and grid, same bytes. Synthetic and schematic: good for training and debugging readers of phantoms, not
// a stand-in for patients.

import type { Finding } from '../../protocol/clue.ts';
import { measure, type HeadFinding } from './measure.ts';
import { planCase } from './plan.ts';
import { CENTRE_Z, render, type HeadGrid } from './render.ts';
import { writeReport } from './report.ts';

export { HEAD_LABELS, FINDING_LABEL, LABEL } from './labels.ts';
export type { HeadFinding } from './measure.ts';
export { plannedReport, rewordReport } from './reword.ts';
export type { HeadGrid } from './render.ts';

/** 128 x 128 x 32 voxels of 1.65 x 1.65 x 5 mm: what the shipped reader is trained on. */
export const TRAINING_GRID: HeadGrid = { dims: [128, 128, 32], spacing: [1.65, 1.65, 5] };

export interface HeadCase {
  seed: number;
  grid: HeadGrid;
  /** Hounsfield units, i fastest. */
  hu: Int16Array;
  /** Values of HEAD_LABELS, i fastest. */
  labels: Uint8Array;
  /** Voxel (i, j, k) to LPS mm, 4 x 4 row-major. */
  affine: number[];
  findings: HeadFinding[];
  /** All sections, one `Theme: sentences.` line each. */
  report: string;
  sections: { theme: string; text: string }[];
  meta: { age: number; sex: 'F' | 'M'; normal: boolean };
}

/**
 * The case of a seed (a non-negative integer). `normal` forces a case without findings; `only` forces that finding with
 * what necessarily comes with it. Throws RangeError on a grid without voxels.
 */
export function headCase(seed: number, options: { grid?: HeadGrid; normal?: boolean; only?: Finding } = {}): HeadCase {
  const grid = options.grid ?? TRAINING_GRID;
  if (!grid.dims.every(n => Number.isInteger(n) && n > 0) || !grid.spacing.every(s => s > 0)) {
    throw new RangeError(`head phantom grid needs positive dims and spacing, got ${grid.dims.join('x')} of ${grid.spacing.join('x')} mm`);
  }
  const model = planCase(seed, options);
  const { hu, labels } = render(model, grid);
  const measured = measure(model, grid, hu, labels);
  const sections = writeReport(model, measured);
  const [nx, ny, nz] = grid.dims;
  const [sx, sy, sz] = grid.spacing;
  return {
    seed,
    grid,
    hu,
    labels,
    affine: [sx, 0, 0, (-(nx - 1) / 2) * sx, 0, sy, 0, (-(ny - 1) / 2) * sy, 0, 0, sz, (-(nz - 1) / 2) * sz + CENTRE_Z, 0, 0, 0, 1],
    findings: measured.map(({ detail: _detail, ...rest }) => rest),
    report: sections.map(s => `${s.theme}: ${s.text}\n`).join(''),
    sections,
    meta: { age: model.age, sex: model.sex, normal: measured.length === 0 },
  };
}
