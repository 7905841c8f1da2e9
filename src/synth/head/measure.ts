// Measures planned findings on the label map: volume, extent, mean density, main level. A finding whose region has no voxel
// on this grid is dropped (it cannot be seen), so that findings, label map and report always agree.

import type { Acuity, Finding, Side } from '../../protocol/clue.ts';
import { FINDING_LABEL, LABEL } from './labels.ts';
import type { HeadModel, Planned } from './model.ts';
import { CENTRE_Z, type HeadGrid } from './render.ts';

export interface HeadFinding {
  finding: Finding;
  /** midline-shift: the side towards which the midline is displaced. Diffuse findings: 'none'. */
  side: Side;
  place: string;
  acuity?: Acuity;
  /** Of the label map, millilitres; 0 where volume does not apply. */
  volumeMl: number;
  /** Extent along (i, j, k) in mm; zeros where it does not apply. */
  sizeMm: [number, number, number];
  /** Without voxels that share bone. */
  meanHu: number;
  /** Slice index k with the largest area. */
  level: number;
  /** Value in the label map; 0 where the finding has no region. */
  label: number;
  /** Shift: mm. Hydrocephalus and atrophy: growth of ventricles or sulci in mm. */
  severity?: number;
}

/** A measured finding with the plan's wording detail. */
export interface Measured extends HeadFinding {
  detail?: string;
}

/** HU above which a voxel of a soft lesion is partly bone. */
const DENSEST_SOFT = 95;

interface Tally {
  count: number;
  weighed: number;
  sum: number;
  low: [number, number, number];
  high: [number, number, number];
  area: Int32Array;
}

export function measure(model: HeadModel, grid: HeadGrid, hu: Int16Array, labels: Uint8Array): Measured[] {
  const [nx, ny, nz] = grid.dims;
  const [sx, sy, sz] = grid.spacing;
  const wanted = new Map<number, Tally>();
  for (const f of model.findings) {
    const label = FINDING_LABEL[f.finding];
    if (label > 0) wanted.set(label, { count: 0, weighed: 0, sum: 0, low: [nx, ny, nz], high: [-1, -1, -1], area: new Int32Array(nz) });
  }
  if (wanted.size > 0) {
    for (let k = 0, o = 0; k < nz; k++) {
      for (let j = 0; j < ny; j++) {
        for (let i = 0; i < nx; i++, o++) {
          const value = labels[o]!;
          if (value < 64) continue;
          const t = wanted.get(value);
          if (!t) continue;
          t.count++;
          // Voxels shared with bone would swamp the mean of a thin collection.
          if (value >= LABEL.calcification || hu[o]! < DENSEST_SOFT) {
            t.sum += hu[o]!;
            t.weighed++;
          }
          t.area[k] = t.area[k]! + 1;
          if (i < t.low[0]) t.low[0] = i;
          if (j < t.low[1]) t.low[1] = j;
          if (k < t.low[2]) t.low[2] = k;
          if (i > t.high[0]) t.high[0] = i;
          if (j > t.high[1]) t.high[1] = j;
          if (k > t.high[2]) t.high[2] = k;
        }
      }
    }
  }
  const middle = Math.max(0, Math.min(nz - 1, Math.round((nz - 1) / 2 + (12 - CENTRE_Z) / sz)));
  const out: Measured[] = [];
  for (const f of model.findings) {
    const label = FINDING_LABEL[f.finding];
    const t = wanted.get(label);
    if (label > 0 && (!t || t.count === 0)) continue;
    out.push(one(f, label, t, middle, [sx, sy, sz]));
  }
  return out;
}

function one(f: Planned, label: number, t: Tally | undefined, middle: number, s: readonly [number, number, number]): Measured {
  const shared = {
    finding: f.finding,
    side: f.side,
    place: f.place,
    ...(f.acuity ? { acuity: f.acuity } : {}),
    ...(f.severity !== undefined ? { severity: f.severity } : {}),
    ...(f.detail ? { detail: f.detail } : {}),
  };
  if (!t) return { ...shared, volumeMl: 0, sizeMm: [0, 0, 0], meanHu: 0, level: middle, label };
  let level = 0;
  for (let k = 1; k < t.area.length; k++) if (t.area[k]! > t.area[level]!) level = k;
  const extent = (axis: 0 | 1 | 2): number => Math.round((t.high[axis] - t.low[axis] + 1) * s[axis]);
  return {
    ...shared,
    volumeMl: Math.round((t.count * s[0] * s[1] * s[2]) / 10) / 100,
    sizeMm: [extent(0), extent(1), extent(2)],
    meanHu: Math.round(t.sum / Math.max(1, t.weighed)),
    level,
    label,
  };
}

/** Puts back what a finding's wording needs and HeadFinding does not carry; `findings` are in the plan's order. */
export function measureDetails(findings: readonly HeadFinding[], model: HeadModel): Measured[] {
  let at = 0;
  return findings.map((finding) => {
    while (at < model.findings.length && model.findings[at]!.finding !== finding.finding) at++;
    const detail = model.findings[at++]?.detail;
    return detail === undefined ? finding : { ...finding, detail };
  });
}
