// A few ellipsoids in Hounsfield units that look enough like a head to judge a view by, sliced and given geometry as the
// engine does. For the view harness and the script-time check only.

import type { Plane, SliceGeometry, Vec3 } from '../../src/protocol/scan.ts';

export interface FakeVolume {
  dims: Vec3;
  spacing: Vec3;
  origin: Vec3;
  hu: Int16Array;
  labels: Uint8Array;
}

/** Centre of the bleed in LPS millimetres: the patient's right. */
export const BLEED: Vec3 = [-29, 2, 12];

export function makeVolume(n: number, slices: number): FakeVolume {
  const dims: Vec3 = [n, Math.round(n * 1.16), slices];
  const spacing: Vec3 = [190 / n, 190 / n, 150 / slices];
  const origin: Vec3 = [-95 + spacing[0] / 2, -110 + spacing[1] / 2, -60 + spacing[2] / 2];
  const hu = new Int16Array(dims[0] * dims[1] * dims[2]);
  const labels = new Uint8Array(hu.length);
  let seed = 7;
  const noise = (): number => ((seed = (seed * 1664525 + 1013904223) >>> 0) / 4294967296 - 0.5) * 14;
  for (let k = 0, at = 0; k < dims[2]; k++) {
    for (let j = 0; j < dims[1]; j++) {
      for (let i = 0; i < dims[0]; i++, at++) {
        const [x, y, z] = [origin[0] + i * spacing[0], origin[1] + j * spacing[1], origin[2] + k * spacing[2]];
        const r = Math.hypot(x / 72, y / 88, (z - 5) / (z > 5 ? 80 : 95));
        let v = -1000;
        if (r < 1.04) v = 20;
        if (r < 1) v = 1100 + 20 * noise();
        if (r < 0.93) {
          v = 32 + 7 * Math.sin(x / 5 + 3 * Math.sin(y / 17)) * Math.sin(y / 6 + z / 8) + noise() * 0.5;
          if (r > 0.9) v = 8;
          const ventricle = Math.hypot((Math.abs(x) - 10 - Math.max(0, y) * 0.16) / 5, (y - 3) / 36, (z - 17) / 11);
          if (ventricle < 1) v = 6 + noise() * 0.4;
          const bleed = Math.hypot((x - BLEED[0]) / 12, (y - BLEED[1]) / 18, (z - BLEED[2]) / 15) + 0.06 * Math.sin(x / 3) * Math.cos(y / 4);
          if (bleed < 1) {
            v = 64 + noise() * 0.4;
            labels[at] = 1;
          } else if (bleed < 1.4) {
            v = 20 + noise() * 0.5;
            labels[at] = 2;
          }
        }
        hu[at] = v;
      }
    }
  }
  return { dims, spacing, origin, hu, labels };
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
