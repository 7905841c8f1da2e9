// Computes the voxels of a phantom: every voxel is mapped into the canonical head (pose, size, mass effect), tissues are
// blended there by the distance to their surfaces over half a voxel (partial volume), lesions are laid over, then cupping,
// streaks and correlated noise are added in the scan's grid. Thick slices are averaged over sub-slices.

import * as atlas from './atlas.ts';
import * as base from './base.ts';
import * as brain from './brain.ts';
import * as labelling from './labels.ts';
import type { HeadModel } from './model.ts';
import * as noise from './noise.ts';
import { random } from '../random.ts';
import { pack, S, type Scene } from './scene.ts';
import * as shape from './shape.ts';

// Local copies: loaders that turn modules into CommonJS make every use of an imported name a getter call, which doubled the
// time of a case.
const { floorAt } = atlas;
const { outside } = base;
const { inside } = brain;
const { LABEL } = labelling;
const { fieldAt, grain, GRAIN } = noise;
const { BACK, BOTTOM, CENTRE_Y, FRONT, HALF_WIDTH, TOP } = shape;

export interface HeadGrid {
  /** (i, j, k): i to patient left, j to posterior, k to superior. */
  dims: readonly [number, number, number];
  /** Millimetres per voxel. */
  spacing: readonly [number, number, number];
}

/** The grid's centre lies this far above the commissures, mm. */
export const CENTRE_Z = 8;

const clamp01 = (t: number): number => (t < 0 ? 0 : t > 1 ? 1 : t);

/** Rows of the rotation that takes scan millimetres into head millimetres. */
function rotation(m: HeadModel): number[] {
  const [a, b, c] = m.rotation;
  const ca = Math.cos(a);
  const sa = Math.sin(a);
  const cb = Math.cos(b);
  const sb = Math.sin(b);
  const cc = Math.cos(c);
  const sc = Math.sin(c);
  return [cb * cc, cb * sc, -sb, sa * sb * cc - ca * sc, sa * sb * sc + ca * cc, sa * cb, ca * sb * cc + sa * sc, ca * sb * sc - sa * cc, ca * cb];
}

/** Voxels of the model; lengths are the product of dims. */
export function render(m: HeadModel, grid: HeadGrid): { hu: Int16Array; labels: Uint8Array } {
  const [nx, ny, nz] = grid.dims;
  const [sx, , sz] = grid.spacing;
  const plane = nx * ny;
  const scene = pack(m, Math.max(0.35, sx * 0.55));
  const hu = new Int16Array(plane * nz);
  const labels = new Uint8Array(plane * nz);
  const subs = sz > 2 && sx < 1.2 ? 3 : 1;
  const sum = new Float32Array(plane);
  const one = new Float32Array(plane);
  const rng = random(m.seed).fork(3);
  const rough = new Uint8Array(plane);
  for (let k = 0; k < nz; k++) {
    const zc = (k - (nz - 1) / 2) * sz + CENTRE_Z;
    const slab = labels.subarray(k * plane, (k + 1) * plane);
    sum.fill(0);
    for (let s = 0; s < subs; s++) {
      const z = zc + ((s + 0.5) / subs - 0.5) * sz;
      renderPlane(m, scene, grid, z, one, s === subs >> 1 ? slab : rough);
      for (let o = 0; o < plane; o++) sum[o] = sum[o]! + one[o]!;
    }
    finish(m, grid, sum, subs, hu.subarray(k * plane, (k + 1) * plane), rng.fork(k));
  }
  return { hu, labels };
}

/** Streaks, noise and rounding of one slice. */
function finish(m: HeadModel, grid: HeadGrid, sum: Float32Array, subs: number, out: Int16Array, rng: ReturnType<typeof random>): void {
  const [nx, ny] = grid.dims;
  const mask = GRAIN - 1;
  const ox = rng.int(0, mask);
  const oy = rng.int(0, mask);
  const gain = (rng.chance(0.5) ? 1 : -1) * m.noise * Math.min(1.25, Math.sqrt(1.65 / grid.spacing[0]) * 0.9);
  const turn = rng.range(0, Math.PI);
  const cs = Math.cos(turn) * grid.spacing[0];
  const sn = Math.sin(turn) * grid.spacing[0];
  const streak = m.streaks > 0 && rng.chance(0.6) ? m.streaks : 0;
  const phase = rng.range(0, 64);
  const scale = 1 / subs;
  for (let j = 0, o = 0; j < ny; j++) {
    const row = ((j + oy) & mask) * GRAIN;
    for (let i = 0; i < nx; i++, o++) {
      let v = sum[o]! * scale + gain * grain[row + ((i + ox) & mask)]!;
      if (streak > 0 && v > -200) v += streak * fieldAt((i * cs + j * sn) * 0.35 + phase, phase, 3);
      out[o] = v < -1024 ? -1024 : v > 3071 ? 3071 : ((v + 1024.5) | 0) - 1024;
    }
  }
}

// HU and label come back in 0 and 1; x, y, z, vault norm, depth and vault distance go in from 2 on. Numbers passed as
// arguments of a function too large to inline would be boxed, several per voxel.
const shell = new Float64Array(8);

function renderPlane(m: HeadModel, scene: Scene, grid: HeadGrid, zScan: number, out: Float32Array, labels: Uint8Array): void {
  const [nx, ny] = grid.dims;
  const [sx, sy] = grid.spacing;
  const R = rotation(m);
  const h = scene.p[S.half]!;
  const cupping = m.cupping;
  const [kx, ky, kz] = m.scale;
  const zs = zScan - m.shift[2];
  const xs0 = -((nx - 1) / 2) * sx - m.shift[0];
  const stepX = (R[0]! * sx) / kx;
  const stepY = (R[3]! * sx) / ky;
  const stepZ = (R[6]! * sx) / kz;
  const rest = m.headrest;
  for (let j = 0, o = 0; j < ny; j++) {
    const ys = (j - (ny - 1) / 2) * sy - m.shift[1];
    const rowX = (R[0]! * xs0 + R[1]! * ys + R[2]! * zs) / kx;
    const rowY = (R[3]! * xs0 + R[4]! * ys + R[5]! * zs) / ky;
    const rowZ = (R[6]! * xs0 + R[7]! * ys + R[8]! * zs) / kz;
    for (let i = 0; i < nx; i++, o++) {
      const x = rowX + i * stepX;
      const y = rowY + i * stepY;
      const z = rowZ + i * stepZ;
      // Signed depth below the inner table.
      const yy = y - CENTRE_Y;
      const av = yy < 0 ? FRONT : BACK;
      const aw = z > 0 ? TOP : BOTTOM;
      const v = yy / av;
      let u = x / HALF_WIDTH;
      if (yy < 0) u *= 1 + 0.12 * v * v;
      const w = z / aw;
      const u2 = u * u;
      const v2 = v * v;
      const w2 = w * w;
      const f2 = u2 + v2 + w2 - 0.3 * u2 * v2 - (z > 0 ? 0.35 * (u2 + v2) * w2 : 0);
      // Far outside scalp, swelling and face: air.
      if ((f2 > 2.2 || u2 + v2 > 2.6 || w2 > 1.9) && (z > -10 || x > 84 || x < -84 || y > 104)) {
        out[o] = -1000;
        labels[o] = 0;
        if (rest) headrest(xs0 + i * sx, ys, o, out, labels);
        continue;
      }
      const f = Math.sqrt(Math.max(f2, 0)) + 1e-6;
      const slope = Math.sqrt(u2 / (HALF_WIDTH * HALF_WIDTH) + v2 / (av * av) + w2 / (aw * aw)) + 1e-6;
      const vault = ((f - 1) * f) / slope;
      const ax = x < 0 ? -x : x;
      let depth = -vault;
      if (z < 2) {
        const lift = (z - floorAt(ax, y)) * 0.8;
        if (lift < depth) depth = lift;
      }
      if (depth < -h) {
        shell[2] = x;
        shell[3] = y;
        shell[4] = z;
        shell[6] = -depth;
        shell[7] = vault;
        outside(scene, shell);
        out[o] = shell[0]!;
        labels[o] = shell[1]!;
        if (rest && shell[1] === 0) headrest(xs0 + i * sx, ys, o, out, labels);
        continue;
      }
      shell[2] = x;
      shell[3] = y;
      shell[4] = z;
      shell[5] = f;
      shell[6] = depth;
      inside(scene, shell);
      let value = shell[0]!;
      let label = shell[1]!;
      if (depth < h) {
        const t = clamp01(0.5 + depth / (2 * h));
        shell[6] = Math.max(0.01, -depth);
        shell[7] = Math.max(0.01, vault);
        outside(scene, shell);
        value = shell[0]! + (value - shell[0]!) * t;
        if (t < 0.5) label = shell[1]!;
      } else if (depth < 14) {
        value += cupping * (1 - depth / 14) * (1 - depth / 14);
      }
      out[o] = value;
      labels[o] = label;
    }
  }
}

function headrest(xs: number, ys: number, o: number, out: Float32Array, labels: Uint8Array): void {
  if (ys < 40) return;
  const r = Math.sqrt(xs * xs + (ys - 4) * (ys - 4));
  const pad = r > 111 && r < 114;
  if (!pad || Math.abs(xs) > 92) return;
  out[o] = -110;
  labels[o] = LABEL.headrest;
}
