// Dense supervision that phantoms give for free: what each input patch holds and what the whole head shows. It trains the
// encoder before there is a language model to listen to (plain next-token loss starves an encoder; measured in the OCR
// study of the design notes) and stays on as an auxiliary loss. None of it is used when reading.

import { FINDINGS, type Side } from '../../protocol/clue.ts';
import { HEAD_LABELS, type HeadFinding } from '../../synth/head/index.ts';

/** Label values that patches are asked about: every lesion and the anatomy that gives places their names. */
export const PATCH_LABELS: readonly number[] = HEAD_LABELS.filter(({ name }) => name !== 'air' && name !== 'headrest').map(({ value }) => value);

/** Sides a finding is asked about at the level of the head; bilateral counts as left and right. */
const HEAD_SIDES = ['left', 'right', 'midline'] as const;
export const HEAD_TARGETS = FINDINGS.length * HEAD_SIDES.length;

const FIRST_LESION = 64;

/**
 * Per patch and label, how surely the label is there: anatomy by its share of the patch, lesions 1 from 1.5 % of the patch
 * on, because a thin crescent matters as much as a large mass.
 * @param labels (D, H, W) label values
 * @returns [S, PATCH_LABELS.length] in 0..1, patch order s = pi + Pi * (pj + Pj * pk)
 */
export function patchTargets(labels: Uint8Array, dims: readonly number[], patch: readonly number[]): Float32Array {
  const [ni, nj, nk] = dims as [number, number, number];
  const [pi, pj, pk] = patch as [number, number, number];
  const gi = ni / pi;
  const gj = nj / pj;
  const column = new Int16Array(256).fill(-1);
  PATCH_LABELS.forEach((value, n) => (column[value] = n));
  const width = PATCH_LABELS.length;
  const out = new Float32Array(gi * gj * (nk / pk) * width);
  for (let k = 0, n = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) {
      const row = gi * (Math.floor(j / pj) + gj * Math.floor(k / pk));
      for (let i = 0; i < ni; i++, n++) {
        const at = column[labels[n]!]!;
        if (at >= 0) out[(row + Math.floor(i / pi)) * width + at]!++;
      }
    }
  }
  const size = pi * pj * pk;
  for (let n = 0; n < out.length; n++) {
    const lesion = PATCH_LABELS[n % width]! >= FIRST_LESION;
    out[n] = Math.min(1, out[n]! / (lesion ? 0.015 * size : size));
  }
  return out;
}

/** [HEAD_TARGETS] in {0, 1}: finding f on side s at f * 3 + s. */
export function headTargets(findings: readonly Pick<HeadFinding, 'finding' | 'side'>[]): Float32Array {
  const out = new Float32Array(HEAD_TARGETS);
  for (const { finding, side } of findings) {
    const row = FINDINGS.indexOf(finding) * HEAD_SIDES.length;
    for (const s of sidesOf(side)) out[row + HEAD_SIDES.indexOf(s)] = 1;
  }
  return out;
}

function sidesOf(side: Side): (typeof HEAD_SIDES)[number][] {
  switch (side) {
    case 'left':
    case 'right':
      return [side];
    case 'bilateral':
      return ['left', 'right'];
    case 'midline':
    case 'none':
      return ['midline'];
  }
}

/** Findings as seen in a mirror: left and right exchanged. */
export function mirroredFindings(findings: readonly HeadFinding[]): HeadFinding[] {
  const swap = (text: string) => text.replace(/\b(left|right)\b/g, (word) => (word === 'left' ? 'right' : 'left'));
  return findings.map((finding) => ({ ...finding, side: swap(finding.side) as Side, place: swap(finding.place) }));
}

/** Voxels as seen in a mirror: i reversed. */
export function reverseRows<T extends Int16Array | Uint8Array>(data: T, width: number): T {
  const out = data.slice() as T;
  for (let start = 0; start < out.length; start += width) out.subarray(start, start + width).reverse();
  return out;
}
