// Where a model's input grid lies in a head CT, and how Hounsfield units become channels: the part of preprocessing that
// training and reading share. The grid is aligned with the patient (LPS), centred left-right and front-back on the head,
// and hangs from the vertex, because the lower end of a head CT depends on the scan protocol and the upper end does not.

import type { VolumePreprocess } from '../protocol/bundle.ts';
import type { Affine, Vec3 } from '../protocol/scan.ts';

interface Voxels {
  data: Int16Array | Float32Array;
  dims: Vec3;
  affine: Affine;
}

/** Millimetres between the vertex (scalp) and the top face of the input grid. */
const ABOVE_VERTEX = 8;
/** Only this much below the vertex decides the left-right and front-back centre: no neck, no shoulders. */
const CENTRED_OVER = 110;
/** Search grid in millimetres. */
const CELL = 4;
const TISSUE_HU = -300;

/**
 * Affine (i, j, k) -> LPS of the input grid for a head CT.
 * @returns undefined where no head is found: less than 200 ml of tissue in one piece.
 */
export function headGrid(volume: Voxels, spec: Pick<VolumePreprocess, 'dims' | 'spacing' | 'centre'>): Affine | undefined {
  const bounds = cornersBox(volume);
  if (spec.centre === 'volume') {
    return gridAround([0, 1, 2].map((a) => (bounds.min[a]! + bounds.max[a]!) / 2) as unknown as Vec3, spec);
  }
  const head = largestPiece(tissueCells(volume, bounds));
  if (head === undefined) return undefined;
  const { size, cells } = head;
  const area = new Int32Array(size[2]);
  const widthAt = new Int32Array(size[0]);
  const depthAt = new Int32Array(size[1]);
  for (const cell of cells) area[Math.floor(cell / (size[0] * size[1]))]!++;
  // The topmost cells may be noise or a tube: the vertex is where the head reaches 5 square centimetres.
  let top = size[2] - 1;
  while (top > 0 && area[top]! * CELL * CELL < 500) top--;
  for (const cell of cells) {
    const k = Math.floor(cell / (size[0] * size[1]));
    if (k > top || (top - k) * CELL > CENTRED_OVER) continue;
    widthAt[cell % size[0]]!++;
    depthAt[Math.floor(cell / size[0]) % size[1]]!++;
  }
  const x = middle(widthAt);
  const y = middle(depthAt);
  const height = spec.dims[2] * spec.spacing[2];
  const vertex = bounds.min[2] + (top + 0.5) * CELL;
  return gridAround(
    [bounds.min[0] + x * CELL, bounds.min[1] + y * CELL, vertex + ABOVE_VERTEX - height / 2],
    spec,
  );
}

/** Axis-aligned grid whose centre of extent is `centre`. */
function gridAround(centre: Vec3, spec: Pick<VolumePreprocess, 'dims' | 'spacing'>): Affine {
  const [sx, sy, sz] = spec.spacing;
  const first = (axis: 0 | 1 | 2) => centre[axis] - ((spec.dims[axis] - 1) / 2) * spec.spacing[axis];
  return [sx, 0, 0, first(0), 0, sy, 0, first(1), 0, 0, sz, first(2), 0, 0, 0, 1];
}

/** Half-way between the first and last position that holds at least 2 % of the fullest one. */
function middle(counts: Int32Array): number {
  const least = Math.max(1, 0.02 * counts.reduce((a, b) => Math.max(a, b), 0));
  let low = 0;
  while (low < counts.length - 1 && counts[low]! < least) low++;
  let high = counts.length - 1;
  while (high > low && counts[high]! < least) high--;
  return (low + high) / 2;
}

interface Box {
  min: [number, number, number];
  max: [number, number, number];
}

function cornersBox({ dims, affine }: Voxels): Box {
  const box: Box = { min: [Infinity, Infinity, Infinity], max: [-Infinity, -Infinity, -Infinity] };
  for (let corner = 0; corner < 8; corner++) {
    const voxel = [corner & 1 ? dims[0] - 1 : 0, corner & 2 ? dims[1] - 1 : 0, corner & 4 ? dims[2] - 1 : 0] as const;
    for (let a = 0; a < 3; a++) {
      const mm = affine[4 * a]! * voxel[0] + affine[4 * a + 1]! * voxel[1] + affine[4 * a + 2]! * voxel[2] + affine[4 * a + 3]!;
      box.min[a] = Math.min(box.min[a]!, mm);
      box.max[a] = Math.max(box.max[a]!, mm);
    }
  }
  return box;
}

interface Cells {
  size: [number, number, number];
  tissue: Uint8Array;
}

/** Marks the cells of an LPS grid over the volume that hold tissue, by the nearest voxel of each cell's centre. */
function tissueCells({ data, dims, affine }: Voxels, box: Box): Cells {
  const size = [0, 1, 2].map((a) => Math.max(1, Math.floor((box.max[a]! - box.min[a]!) / CELL) + 1)) as [number, number, number];
  const tissue = new Uint8Array(size[0] * size[1] * size[2]);
  const inverse = invert3(affine);
  let n = 0;
  for (let z = 0; z < size[2]; z++) {
    for (let y = 0; y < size[1]; y++) {
      for (let x = 0; x < size[0]; x++, n++) {
        const p = [box.min[0] + x * CELL - affine[3]!, box.min[1] + y * CELL - affine[7]!, box.min[2] + z * CELL - affine[11]!] as const;
        const i = Math.round(inverse[0]! * p[0] + inverse[1]! * p[1] + inverse[2]! * p[2]);
        const j = Math.round(inverse[3]! * p[0] + inverse[4]! * p[1] + inverse[5]! * p[2]);
        const k = Math.round(inverse[6]! * p[0] + inverse[7]! * p[1] + inverse[8]! * p[2]);
        if (i < 0 || j < 0 || k < 0 || i >= dims[0] || j >= dims[1] || k >= dims[2]) continue;
        if (data[i + dims[0] * (j + dims[1] * k)]! > TISSUE_HU) tissue[n] = 1;
      }
    }
  }
  return { size, tissue };
}

function invert3(m: Affine): number[] {
  const [a, b, c, d, e, f, g, h, i] = [m[0]!, m[1]!, m[2]!, m[4]!, m[5]!, m[6]!, m[8]!, m[9]!, m[10]!];
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return [e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f, d * h - e * g, b * g - a * h, a * e - b * d].map(
    (x) => x / det,
  );
}

/** The largest 6-connected piece, at least 200 ml. */
function largestPiece({ size, tissue }: Cells): { size: [number, number, number]; cells: Int32Array } | undefined {
  const [nx, ny, nz] = size;
  const seen = new Uint8Array(tissue.length);
  const queue = new Int32Array(tissue.length);
  let best: Int32Array | undefined;
  for (let start = 0; start < tissue.length; start++) {
    if (!tissue[start] || seen[start]) continue;
    let head = 0;
    let tail = 0;
    queue[tail++] = start;
    seen[start] = 1;
    const visit = (n: number) => {
      if (tissue[n] && !seen[n]) {
        seen[n] = 1;
        queue[tail++] = n;
      }
    };
    while (head < tail) {
      const n = queue[head++]!;
      const x = n % nx;
      const y = Math.floor(n / nx) % ny;
      const z = Math.floor(n / (nx * ny));
      if (x > 0) visit(n - 1);
      if (x < nx - 1) visit(n + 1);
      if (y > 0) visit(n - nx);
      if (y < ny - 1) visit(n + nx);
      if (z > 0) visit(n - nx * ny);
      if (z < nz - 1) visit(n + nx * ny);
    }
    if (best === undefined || tail > best.length) best = queue.slice(0, tail);
  }
  return best !== undefined && best.length * CELL ** 3 >= 200_000 ? { size, cells: best } : undefined;
}

/**
 * Windows Hounsfield units into the encoder's input.
 * @param hu voxels of the input grid, (D, H, W) row-major
 * @returns [C, D, H, W]: ((hu - low) / (high - low) clipped to [0, 1] - mean) / std
 */
export function windowChannels(hu: Int16Array | Float32Array, spec: Pick<VolumePreprocess, 'channels' | 'mean' | 'std'>): Float32Array {
  const out = new Float32Array(spec.channels.length * hu.length);
  spec.channels.forEach(({ low, high }, channel) => {
    const scale = 1 / (high - low);
    const base = channel * hu.length;
    for (let n = 0; n < hu.length; n++) {
      const x = (hu[n]! - low) * scale;
      out[base + n] = ((x < 0 ? 0 : x > 1 ? 1 : x) - spec.mean) / spec.std;
    }
  });
  return out;
}
