// A head phantom as the engine would slice it, for the view harness and the script-time check.

import type { Plane, SliceGeometry, Vec3 } from '../../src/protocol/scan.ts';
import { FINDING_LABEL, HEAD_LABELS, headCase } from '../../src/synth/head/index.ts';

export interface FakeVolume {
  dims: Vec3;
  spacing: Vec3;
  origin: Vec3;
  hu: Int16Array;
  labels: Uint8Array;
  names: Record<number, string>;
  /** Centre of the bleed in LPS millimetres. */
  bleed: Vec3;
}

/** Seed 3 has a bleed with oedema in the right putamen, as the made-up report says. */
export function makeVolume(n: number, slices: number): FakeVolume {
  const dims: Vec3 = [n, n, slices];
  const spacing: Vec3 = [211 / n, 211 / n, 160 / slices];
  const { hu, labels, affine } = headCase(3, { grid: { dims: [...dims], spacing: [...spacing] }, only: 'intraparenchymal-haemorrhage' });
  const origin: Vec3 = [affine[3]!, affine[7]!, affine[11]!];
  const sum = [0, 0, 0];
  let count = 0;
  for (let k = 0, at = 0; k < slices; k++) for (let j = 0; j < n; j++) for (let i = 0; i < n; i++, at++) {
    if (labels[at] !== FINDING_LABEL['intraparenchymal-haemorrhage']) continue;
    [i, j, k].forEach((v, a) => (sum[a]! += v));
    count++;
  }
  const [x, y, z] = sum.map((v, a) => origin[a]! + (v / Math.max(1, count)) * spacing[a]!);
  return { dims, spacing, origin, hu, labels, names: Object.fromEntries(HEAD_LABELS.map((l) => [l.value, l.name])), bleed: [x!, y!, z!] };
}

export function geometryOf(v: FakeVolume, plane: Plane, index: number): SliceGeometry {
  const [si, sj, sk] = v.spacing;
  const [x, y, z] = v.origin;
  const top = z + (v.dims[2] - 1) * sk;
  switch (plane) {
    case 'axial':
      return { plane, index, width: v.dims[0], height: v.dims[1], origin: [x, y, z + index * sk], colStep: [si, 0, 0], rowStep: [0, sj, 0], sliceStep: [0, 0, sk], edges: { left: 'R', right: 'L', top: 'A', bottom: 'P' } };
    case 'coronal':
      return { plane, index, width: v.dims[0], height: v.dims[2], origin: [x, y + index * sj, top], colStep: [si, 0, 0], rowStep: [0, 0, -sk], sliceStep: [0, sj, 0], edges: { left: 'R', right: 'L', top: 'S', bottom: 'I' } };
    case 'sagittal':
      return { plane, index, width: v.dims[1], height: v.dims[2], origin: [x + index * si, y, top], colStep: [0, sj, 0], rowStep: [0, 0, -sk], sliceStep: [si, 0, 0], edges: { left: 'A', right: 'P', top: 'S', bottom: 'I' } };
  }
}

/** Cuts a voxel array of the volume's dims. */
export function cut<T extends Int16Array | Float32Array | Uint8Array>(v: FakeVolume, data: T, plane: Plane, index: number): T {
  const g = geometryOf(v, plane, index);
  const out = data.slice(0, g.width * g.height) as T;
  const [ni, nj, nk] = v.dims;
  for (let r = 0, n = 0; r < g.height; r++) {
    for (let c = 0; c < g.width; c++, n++) {
      const [i, j, k] = plane === 'axial' ? [c, r, index] : plane === 'coronal' ? [c, index, nk - 1 - r] : [index, c, nk - 1 - r];
      out[n] = data[(k * nj + j) * ni + i]!;
    }
  }
  return out;
}
