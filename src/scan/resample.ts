// Resampling onto another grid by an affine map: trilinear, with the mean over each target voxel's extent where the target
// is coarser than the source (so that thin slices are averaged as a scanner's thick slices are, not skipped). Deterministic.
// Points outside the source take `fill`; a point within half a voxel of the border takes the border's value.

import type { Affine, Vec3 } from '../protocol/scan.ts';
import { invert } from './geometry.ts';

export interface Grid {
  /** (i, j, k), i fastest. */
  dims: Vec3;
  /** Voxel (i, j, k) -> LPS millimetres. */
  affine: Affine;
}

export interface GridData<T extends ArrayLike<number>> extends Grid {
  data: T;
}

/** Target voxel -> source voxel, 12 numbers: rows of [A | b]. */
export function composeMap(source: Affine, target: Affine): Float64Array {
  const inverse = invert(source);
  const out = new Float64Array(12);
  for (let r = 0; r < 3; r++) {
    for (let c = 0; c < 4; c++) {
      let sum = c === 3 ? inverse[4 * r + 3]! : 0;
      for (let n = 0; n < 3; n++) sum += inverse[4 * r + n]! * target[4 * n + c]!;
      out[4 * r + c] = sum;
    }
  }
  return out;
}

/** Sub-samples per target axis: the number of source voxels that one target step spans, at most 16. */
export function subSamples(map: Float64Array): Vec3 {
  return [0, 1, 2].map((c) => {
    const span = Math.max(Math.abs(map[c]!), Math.abs(map[4 + c]!), Math.abs(map[8 + c]!));
    return Math.min(16, Math.max(1, Math.round(span)));
  }) as unknown as Vec3;
}

/**
 * @returns values on the target grid, (k, j, i) row-major, in the source's unit
 */
export function resampleVolume(source: GridData<Int16Array | Float32Array>, target: Grid, fill = -1000): Float32Array {
  const map = composeMap(source.affine, target.affine);
  const [ni, nj, nk] = target.dims;
  const out = new Float32Array(ni * nj * nk);
  const [si, sj, sk] = subSamples(map);
  const share = 1 / (si * sj * sk);
  const sample = trilinear(source, fill);
  const offsets = (count: number): number[] => Array.from({ length: count }, (_, n) => (n + 0.5) / count - 0.5);
  for (const dk of offsets(sk)) {
    for (const dj of offsets(sj)) {
      for (const di of offsets(si)) {
        for (let k = 0, n = 0; k < nk; k++) {
          for (let j = 0; j < nj; j++) {
            let x = map[0]! * di + map[1]! * (j + dj) + map[2]! * (k + dk) + map[3]!;
            let y = map[4]! * di + map[5]! * (j + dj) + map[6]! * (k + dk) + map[7]!;
            let z = map[8]! * di + map[9]! * (j + dj) + map[10]! * (k + dk) + map[11]!;
            for (let i = 0; i < ni; i++, n++, x += map[0]!, y += map[4]!, z += map[8]!) out[n]! += share * sample(x, y, z);
          }
        }
      }
    }
  }
  return out;
}

/** Nearest label on the target grid; 0 outside. */
export function resampleLabels(source: GridData<Uint8Array>, target: Grid): Uint8Array {
  const map = composeMap(source.affine, target.affine);
  const [ni, nj, nk] = target.dims;
  const [mi, mj, mk] = source.dims;
  const out = new Uint8Array(ni * nj * nk);
  for (let k = 0, n = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) {
      for (let i = 0; i < ni; i++, n++) {
        const x = Math.round(map[0]! * i + map[1]! * j + map[2]! * k + map[3]!);
        const y = Math.round(map[4]! * i + map[5]! * j + map[6]! * k + map[7]!);
        const z = Math.round(map[8]! * i + map[9]! * j + map[10]! * k + map[11]!);
        if (x >= 0 && y >= 0 && z >= 0 && x < mi && y < mj && z < mk) out[n] = source.data[x + mi * (y + mj * z)]!;
      }
    }
  }
  return out;
}

/** A sampler at continuous voxel coordinates. */
export function trilinear({ data, dims: [ni, nj, nk] }: GridData<Int16Array | Float32Array>, fill: number): (x: number, y: number, z: number) => number {
  const stepJ = ni;
  const stepK = ni * nj;
  return (x, y, z) => {
    if (x < -0.5 || y < -0.5 || z < -0.5 || x > ni - 0.5 || y > nj - 0.5 || z > nk - 0.5) return fill;
    const cx = x < 0 ? 0 : x > ni - 1 ? ni - 1 : x;
    const cy = y < 0 ? 0 : y > nj - 1 ? nj - 1 : y;
    const cz = z < 0 ? 0 : z > nk - 1 ? nk - 1 : z;
    const i = cx | 0;
    const j = cy | 0;
    const k = cz | 0;
    const fx = cx - i;
    const fy = cy - j;
    const fz = cz - k;
    const at = i + stepJ * j + stepK * k;
    const di = i + 1 < ni ? 1 : 0;
    const dj = j + 1 < nj ? stepJ : 0;
    const dk = k + 1 < nk ? stepK : 0;
    const a = data[at]! + fx * (data[at + di]! - data[at]!);
    const b = data[at + dj]! + fx * (data[at + dj + di]! - data[at + dj]!);
    const c = data[at + dk]! + fx * (data[at + dk + di]! - data[at + dk]!);
    const d = data[at + dk + dj]! + fx * (data[at + dk + dj + di]! - data[at + dk + dj]!);
    const low = a + fy * (b - a);
    return low + fz * (c + fy * (d - c) - low);
  };
}
