// Noise tables shared by all phantoms, made once from a fixed seed: a periodic smooth 3D field (gyri, edges, texture) and
// a periodic 2D field with the short correlation of reconstructed CT noise. Cases differ by offset into the tables, which
// costs one lookup per voxel instead of a random draw. Both have mean 0 and standard deviation 1.

import { random } from '../random.ts';

/** Side of the 3D table; lattice points lie 4 table cells apart. */
export const FIELD = 64;
const LATTICE = 16;
const STEP = FIELD / LATTICE;
/** Side of the 2D noise table. */
export const GRAIN = 512;

function normalise(values: Float32Array): Float32Array {
  let sum = 0;
  for (const v of values) sum += v;
  const mean = sum / values.length;
  let square = 0;
  for (const v of values) square += (v - mean) * (v - mean);
  const scale = 1 / Math.sqrt(square / values.length);
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) * scale;
  return values;
}

/** Cubic B-spline upsampling by STEP along the first axis of an (n, rest) array, periodic; n becomes n * STEP. */
function upsample(source: Float32Array, n: number, rest: number): Float32Array {
  const out = new Float32Array(n * STEP * rest);
  for (let o = 0; o < n * STEP; o++) {
    const base = Math.floor(o / STEP);
    const t = (o % STEP) / STEP;
    const w0 = ((1 - t) * (1 - t) * (1 - t)) / 6;
    const w1 = (3 * t * t * t - 6 * t * t + 4) / 6;
    const w2 = (-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6;
    const w3 = (t * t * t) / 6;
    const r0 = ((base + n - 1) % n) * rest;
    const r1 = base * rest;
    const r2 = ((base + 1) % n) * rest;
    const r3 = ((base + 2) % n) * rest;
    for (let r = 0; r < rest; r++) {
      out[o * rest + r] = w0 * source[r0 + r]! + w1 * source[r1 + r]! + w2 * source[r2 + r]! + w3 * source[r3 + r]!;
    }
  }
  return out;
}

/** (n, rest) -> (rest, n). */
function transpose(source: Float32Array, n: number, rest: number): Float32Array {
  const out = new Float32Array(source.length);
  for (let i = 0; i < n; i++) for (let r = 0; r < rest; r++) out[r * n + i] = source[i * rest + r]!;
  return out;
}

function makeField(): Float32Array {
  const rng = random(0x5ea1);
  let data = new Float32Array(LATTICE ** 3);
  for (let i = 0; i < data.length; i++) data[i] = rng.normal();
  let rest = LATTICE * LATTICE;
  for (let axis = 0; axis < 3; axis++) {
    data = upsample(data, LATTICE, rest) as Float32Array<ArrayBuffer>;
    // Roll the axes so that the next one comes first.
    data = transpose(data, FIELD, rest) as Float32Array<ArrayBuffer>;
    rest = (rest / LATTICE) * FIELD;
  }
  return normalise(data);
}

function makeGrain(): Float32Array {
  const rng = random(0x6a17);
  const white = new Float32Array(GRAIN * GRAIN);
  for (let i = 0; i < white.length; i++) white[i] = rng.normal();
  const out = new Float32Array(white.length);
  const mask = GRAIN - 1;
  // A 3 x 3 kernel with a small negative lobe further out: the band-pass look of a filtered back-projection.
  for (let y = 0; y < GRAIN; y++) {
    for (let x = 0; x < GRAIN; x++) {
      const at = (dx: number, dy: number): number => white[((y + dy) & mask) * GRAIN + ((x + dx) & mask)]!;
      out[y * GRAIN + x] =
        at(0, 0) +
        0.5 * (at(1, 0) + at(-1, 0) + at(0, 1) + at(0, -1)) +
        0.22 * (at(1, 1) + at(-1, 1) + at(1, -1) + at(-1, -1)) -
        0.15 * (at(2, 0) + at(-2, 0) + at(0, 2) + at(0, -2));
    }
  }
  return normalise(out);
}

export const field: Float32Array = makeField();
export const grain: Float32Array = makeGrain();

/** Trilinear, periodic lookup; coordinates in table cells. */
export function fieldAt(x: number, y: number, z: number): number {
  const fx = Math.floor(x);
  const fy = Math.floor(y);
  const fz = Math.floor(z);
  const tx = x - fx;
  const ty = y - fy;
  const tz = z - fz;
  const x0 = fx & 63;
  const x1 = (fx + 1) & 63;
  const y0 = (fy & 63) << 6;
  const y1 = ((fy + 1) & 63) << 6;
  const z0 = (fz & 63) << 12;
  const z1 = ((fz + 1) & 63) << 12;
  const a = field[z0 + y0 + x0]!;
  const b = field[z0 + y1 + x0]!;
  const c = field[z1 + y0 + x0]!;
  const d = field[z1 + y1 + x0]!;
  const p = a + tx * (field[z0 + y0 + x1]! - a);
  const q = b + tx * (field[z0 + y1 + x1]! - b);
  const r = c + tx * (field[z1 + y0 + x1]! - c);
  const s = d + tx * (field[z1 + y1 + x1]! - d);
  const low = p + ty * (q - p);
  return low + tz * (r + ty * (s - r) - low);
}
