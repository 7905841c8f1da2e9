// Computes the voxels of a phantom: every voxel is mapped into the canonical head (pose, size, mass effect), tissues are
// blended there by the distance to their surfaces over half a voxel (partial volume), lesions are laid over, then cupping,
// streaks and correlated noise are added in the scan's grid. Thick slices are averaged over sub-slices.

import { ATLAS_FIELDS, atlasAt, floorAt } from './atlas.ts';
import { outside } from './base.ts';
import { LABEL } from './labels.ts';
import type { HeadModel } from './model.ts';
import { fieldAt, grain, GRAIN } from './noise.ts';
import { random } from '../random.ts';
import { BACK, BOTTOM, CENTRE_Y, FRONT, HALF_WIDTH, TOP } from './shape.ts';

export interface HeadGrid {
  /** (i, j, k): i to patient left, j to posterior, k to superior. */
  dims: readonly [number, number, number];
  /** Millimetres per voxel. */
  spacing: readonly [number, number, number];
}

/** The grid's centre lies this far above the commissures, mm. */
export const CENTRE_Z = 8;

const clamp01 = (t: number): number => (t < 0 ? 0 : t > 1 ? 1 : t);
const smooth = (lo: number, hi: number, v: number): number => {
  const t = clamp01((v - lo) / (hi - lo));
  return t * t * (3 - 2 * t);
};

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
      renderPlane(m, grid, z, one, s === subs >> 1 ? slab : rough);
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
  const gain = (rng.chance(0.5) ? 1 : -1) * m.noise * Math.min(1.6, Math.sqrt(1.65 / grid.spacing[0]) * 0.9);
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
      out[o] = v < -1024 ? -1024 : v > 3071 ? 3071 : Math.round(v);
    }
  }
}

const A = new Float64Array(ATLAS_FIELDS);
const shell = new Float64Array(2);

function renderPlane(m: HeadModel, grid: HeadGrid, zScan: number, out: Float32Array, labels: Uint8Array): void {
  const [nx, ny] = grid.dims;
  const [sx, sy] = grid.spacing;
  const R = rotation(m);
  const h = Math.max(0.35, sx * 0.55);
  const offset = (m.seed * 7.31) % 64;
  const [kx, ky, kz] = m.scale;
  const zs = zScan - m.shift[2];
  for (let j = 0, o = 0; j < ny; j++) {
    const ys = (j - (ny - 1) / 2) * sy - m.shift[1];
    for (let i = 0; i < nx; i++, o++) {
      const xs = (i - (nx - 1) / 2) * sx - m.shift[0];
      const x = (R[0]! * xs + R[1]! * ys + R[2]! * zs) / kx;
      const y = (R[3]! * xs + R[4]! * ys + R[5]! * zs) / ky;
      const z = (R[6]! * xs + R[7]! * ys + R[8]! * zs) / kz;
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
      const f = Math.sqrt(u2 + v2 + w2 - 0.3 * u2 * v2 - (z > 0 ? 0.35 * (u2 + v2) * w2 : 0)) + 1e-6;
      const slope = Math.sqrt(u2 / (HALF_WIDTH * HALF_WIDTH) + v2 / (av * av) + w2 / (aw * aw)) + 1e-6;
      const vault = ((f - 1) * f) / slope;
      if (vault > 34 && z > -10) {
        out[o] = -1000;
        labels[o] = LABEL.air;
        if (m.headrest) headrest(xs, ys, o, out, labels);
        continue;
      }
      const ax = x < 0 ? -x : x;
      let depth = -vault;
      if (z < 2) {
        const lift = (z - floorAt(ax, y)) * 0.8;
        if (lift < depth) depth = lift;
      }
      if (depth < -h) {
        outside(m, x, y, z, -depth, vault, h, shell);
        out[o] = shell[0]!;
        labels[o] = shell[1]!;
        if (m.headrest && shell[1] === LABEL.air) headrest(xs, ys, o, out, labels);
        continue;
      }
      inside(m, x, y, z, f, depth, h, offset, shell);
      let value = shell[0]!;
      let label = shell[1]!;
      if (depth < h) {
        const t = clamp01(0.5 + depth / (2 * h));
        outside(m, x, y, z, Math.max(0.01, -depth), Math.max(0.01, vault), h, shell);
        value = shell[0]! + (value - shell[0]!) * t;
        if (t < 0.5) label = shell[1]!;
      } else if (depth < 14) {
        value += m.cupping * (1 - depth / 14) * (1 - depth / 14);
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

/** Tissue inside the cranial cavity. f: vault norm; depth: mm below the bone; out: HU, label. */
function inside(m: HeadModel, x: number, y: number, z: number, f: number, depth: number, h: number, offset: number, out: Float64Array): void {
  // Collections between bone and brain take the first millimetres.
  let blood = 0;
  let bloodHu = 0;
  let bloodLabel = 0;
  let taken = 0;
  for (const c of m.collections) {
    if (c.side * x < -4 || f < 0.45) continue;
    const dx = x / f - c.centre[0];
    const dy = CENTRE_Y + (y - CENTRE_Y) / f - c.centre[1];
    const dz = z / f - c.centre[2];
    const r2 = (dx * dx + dy * dy + dz * dz) / (c.reach * c.reach);
    if (r2 >= 1) continue;
    const bulge = c.kind === 'lens' ? 1 - r2 : 1 - r2 * r2;
    const t = c.thickness * bulge * smooth(1, c.kind === 'lens' ? 6 : 16, c.side * x) * smooth(-34, -16, z + (c.kind === 'lens' ? 12 : 0));
    if (t < 0.4) continue;
    taken = Math.max(taken, t);
    const cov = clamp01(0.5 + (t - depth) / (2 * h));
    if (cov > blood) {
      blood = cov;
      bloodLabel = c.label;
      bloodHu = c.hu + (c.layering > 0 ? c.layering * smooth(-4, 10, y - c.centre[1] - 14) : 0) + 2.5 * fieldAt(x * 0.3, y * 0.3, z * 0.3);
    }
  }
  if (blood >= 1) {
    out[0] = bloodHu;
    out[1] = bloodLabel;
    return;
  }
  const db = depth - taken;
  // Mass effect: where does the tissue here come from?
  let qx = x;
  let qy = y;
  let qz = z;
  let squeeze = 0;
  if (m.extraShift !== 0) {
    const a = (y + 8) / 60;
    const b = (z - 12) / 42;
    const g = 1 / (1 + a * a);
    const l = Math.max(0, 1 - Math.abs(x) / 84);
    qx -= (m.extraShift * g * g * l) / (1 + b * b);
  }
  for (const b of m.blobs) {
    if (b.push <= 0) continue;
    const dx = x - b.centre[0];
    const dy = y - b.centre[1];
    const dz = z - b.centre[2];
    const r = Math.sqrt(dx * dx + dy * dy + dz * dz) + 1e-6;
    if (r > 90) continue;
    const r3 = b.radii[0] * b.radii[1] * b.radii[2];
    const inner = Math.cbrt(Math.max(r * r * r - b.push * r3, 0));
    const mean = Math.cbrt(r3);
    const away = Math.max(0, r - mean) / 30;
    const amount = ((r - inner) / (1 + away)) * Math.min(1, Math.max(0, db) / 10);
    qx -= (dx / r) * amount;
    qy -= (dy / r) * amount;
    qz -= (dz / r) * amount;
    squeeze = Math.max(squeeze, Math.min(1, mean / 14) * Math.max(0, 1 - away * 0.9));
  }
  if (taken > 0) squeeze = Math.max(squeeze, Math.min(0.9, taken / 9));
  if (m.extraShift !== 0 && x * m.shiftMm < 0) squeeze = Math.max(squeeze, Math.min(0.7, Math.abs(m.shiftMm) / 12));
  const aq = qx < 0 ? -qx : qx;
  atlasAt(aq, qy, qz, A);
  const tent = A[8]!;
  const infra = tent < 0;
  const e1 = (qy + 6) / 43;
  const e2 = (qz - 4) / 28;
  const arch = (Math.sqrt(e1 * e1 + e2 * e2) - 1) * 30;
  const rim = m.rim * (1 - 0.7 * squeeze);
  // Depth below the pia.
  let dc = db - rim;
  if (infra) {
    if (-tent - 0.5 < dc) dc = -tent - 0.5;
  } else {
    if (tent < 39 && tent - 0.6 < dc) dc = tent - 0.6;
    if (arch > 0) {
      const cleft = aq - 0.5 - 0.5 * m.rim * (1 - squeeze) * (qy < -20 ? 1 : 0.7);
      if (cleft < dc) dc = cleft;
    }
  }
  const cisternGrow = 0.35 * (m.rim - 1.2);
  const cis = A[7]! - cisternGrow + squeeze * 0.8;
  if (cis < dc) dc = cis;
  const stem = A[6]!;
  const n = fieldAt((qx / f) * 0.44 + offset, ((qy - CENTRE_Y) / f) * 0.44 + offset * 0.5, (qz / f) * 0.44);
  let csf = clamp01(0.5 - dc / (2 * h));
  let grey = 0;
  let wm = 29 - (38 - 29) * 0 - 0;
  let gm = 37.5;
  if (m.contrast < 0.5) {
    wm = 27;
    gm = 29;
  } else {
    wm = 37.5 - 8.7 * m.contrast;
  }
  let territory = 0;
  let territoryGrey = 0;
  let territoryWhite = 0;
  let loss = 0;
  for (const t of m.territories) {
    const lateral = t.side * qx;
    if (lateral < t.from - 3 || lateral > t.to + 3 || t.infra !== infra) continue;
    const dx = (qx - t.centre[0]) / t.radii[0];
    const dy = (qy - t.centre[1]) / t.radii[1];
    const dz = (qz - t.centre[2]) / t.radii[2];
    const r2 = dx * dx + dy * dy + dz * dz;
    if (r2 > 1.7) continue;
    const sd = Math.max((Math.sqrt(r2) - 1) * 26 + 2.5 * n, t.from - lateral + 1.5 * n, lateral - t.to);
    const cov = clamp01(0.5 - sd / 4);
    if (cov > territory) {
      territory = cov;
      territoryGrey = t.greyHu;
      territoryWhite = t.whiteHu;
      loss = t.loss * cov;
    }
  }
  let label: number = LABEL.whiteMatter;
  if (infra) {
    if (stem < -0.5) {
      label = LABEL.brainstem;
      grey = 0.35;
    } else {
      label = LABEL.cerebellum;
      const folia = fieldAt(qx * 0.35, qy * 0.5, qz * 1.5 + offset);
      const core = smooth(7, 13, dc) * smooth(4, 9, aq);
      grey = 0.85 - 0.75 * core;
      if (dc < 7) csf = Math.max(csf, 0.55 * clamp01(m.sulcus * 0.9) * clamp01(1.4 - Math.abs(folia) * 5) * (1 - dc / 7));
    }
  } else if (stem < 0) {
    label = LABEL.brainstem;
    grey = 0.4;
  } else {
    const reach = 19;
    let ribbon = dc;
    if (dc < reach) {
      const fall = 1 - dc / reach;
      const half = Math.max(0, (m.sulcus + loss * 0.7) * (1 - 0.9 * squeeze) * Math.sqrt(Math.max(0, fall)) * (0.75 + 0.35 * smooth(20, 60, z)));
      const away = Math.abs(n) * 7.2;
      const low = Math.max(away - h, -half);
      const high = Math.min(away + h, half);
      if (high > low) csf = Math.max(csf, (high - low) / (2 * h));
      const side = away - half + (dc > 12 ? (dc - 12) * 0.6 : 0);
      if (side < ribbon) ribbon = side;
    }
    grey = clamp01(0.5 + (3.1 - ribbon) / 1.8);
    if (grey > 0.5) label = LABEL.greyMatter;
    const nuclei = Math.min(A[3]!, A[4]!, A[5]!);
    if (nuclei < h) {
      const c = clamp01(0.5 - nuclei / (2 * h));
      grey = Math.max(grey, c * 0.95);
      if (c > 0.5) label = A[3]! < A[4]! ? (A[3]! < A[5]! ? LABEL.caudate : LABEL.thalamus) : A[4]! < A[5]! ? LABEL.lentiform : LABEL.thalamus;
    }
  }
  let tissue = wm + (gm - wm) * grey + 0.9 * n;
  if (territory > 0) {
    tissue += (territoryGrey + (territoryWhite - territoryGrey) * (1 - grey) + 0.7 * n - tissue) * territory;
    if (territory > 0.5) label = LABEL.infarct;
  }
  // Blobs: oedema first, cores after CSF is mixed in.
  let core = 0;
  let coreHu = 0;
  let coreLabel = 0;
  for (const b of m.blobs) {
    if (b.infra !== infra) continue;
    const dx = x - b.centre[0];
    const dy = y - b.centre[1];
    const dz = z - b.centre[2];
    const [rx, ry, rz] = b.radii;
    const width = b.oedema ? b.oedema.width : 0;
    const bound = Math.max(rx, ry, rz) + width + 6;
    if (dx > bound || dx < -bound || dy > bound || dy < -bound || dz > bound || dz < -bound) continue;
    const g = Math.sqrt((dx / rx) * (dx / rx) + (dy / ry) * (dy / ry) + (dz / rz) * (dz / rz));
    const mean = (rx + ry + rz) / 3;
    const edge = b.rough * fieldAt(x * 0.45 + offset, y * 0.45, z * 0.45);
    let sd = (g - 1) * mean + edge;
    if (b.hemisphere !== 0) sd = Math.max(sd, 1.2 - b.hemisphere * qx);
    if (b.oedema && sd < width + 4) {
      const spread = sd - width * (1 + 0.35 * n) + (grey > 0.6 ? 0.35 * width : 0);
      const cov = clamp01(0.5 - spread / 3.5);
      if (cov > 0) {
        tissue += (b.oedema.hu + 5 * grey - tissue) * cov;
        if (cov > 0.5 && sd > 0 && csf < 0.5) label = LABEL.oedema;
      }
    }
    const cov = clamp01(0.5 - sd / (2 * h));
    if (cov > core) {
      core = cov;
      coreLabel = b.label;
      coreHu = b.hu + (b.texture > 0 ? b.texture * fieldAt(x * 0.8, y * 0.8, z * 0.8 + offset) : 0);
      if (b.rim) {
        const t = clamp01(0.5 + (sd + b.rim.thickness) / (2 * h));
        coreHu += (b.rim.hu - coreHu) * t;
      }
    }
  }
  if (m.contrast < 0.5 && label < 64 && csf < 0.5) label = LABEL.oedema;
  // CSF spaces.
  let fluid = 8 + 1.5 * n;
  let soaked = 0;
  for (const c of m.cisternBlood) {
    const dx = (x - c.centre[0]) / c.radii[0];
    const dy = (y - c.centre[1]) / c.radii[1];
    const dz = (z - c.centre[2]) / c.radii[2];
    const wgt = clamp01((1 - (dx * dx + dy * dy + dz * dz)) * 2.2);
    if (wgt > soaked) {
      soaked = wgt;
      fluid += (c.hu - fluid) * wgt;
    }
  }
  let value = tissue + (fluid - tissue) * csf;
  if (csf > 0.5) label = LABEL.csf;
  if (soaked > 0.5 && csf > 0.35) label = LABEL.subarachnoid;
  // Ventricles.
  const comp = squeeze > 0 ? squeeze * 1.4 : 0;
  const grow = m.ventricle - comp;
  const lateral = A[0]! - grow;
  const third = A[1]! - m.thirdVentricle + comp * 0.5;
  const fourth = A[2]! - m.fourthVentricle;
  const vent = Math.min(lateral, third, fourth);
  if (vent < h && !(aq < 0.5 && lateral < third)) {
    const cov = clamp01(0.5 - vent / (2 * h));
    let wet = 6;
    let bleed = false;
    const vb = m.ventricleBlood;
    if (vb) {
      const inSide = lateral <= third ? (qx > 0 ? vb.left : vb.right) : vb.third;
      if (inSide) {
        const t = vb.level <= -100 ? 1 : clamp01(0.5 + (y - vb.level) / 3);
        wet += (vb.hu - wet) * t;
        bleed = t > 0.5;
      }
    }
    if (m.choroid && lateral < -1 && qy > 30 && qy < 42 && qz > -2) {
      const plexus = Math.sqrt((aq - 24) * (aq - 24) + (qy - 36) * (qy - 36) + (qz - 9) * (qz - 9)) - 2.6;
      if (plexus < h) {
        wet += (150 - wet) * clamp01(0.5 - plexus / (2 * h));
      }
    }
    value += (wet - value) * cov;
    if (cov > 0.5) label = bleed ? LABEL.intraventricular : lateral <= third && lateral <= fourth ? LABEL.lateralVentricle : third <= fourth ? LABEL.thirdVentricle : LABEL.fourthVentricle;
  }
  if (core > 0) {
    value += (coreHu - value) * core;
    if (core > 0.5) label = coreLabel;
  }
  // Falx and tentorium, thin sheets.
  if (!infra && arch > 6 && aq < 1 + h) {
    const cov = Math.max(0, Math.min(0.7, aq + h) - Math.max(-0.7, aq - h)) / (2 * h);
    value += (52 - value) * cov * 0.85;
    if (cov > 0.5 && label < 64) label = LABEL.falx;
  }
  if (tent < 1.6 && tent > -1.6 && (aq > 14 || qy > 24)) {
    const cov = Math.max(0, Math.min(0.6, tent + h) - Math.max(-0.6, tent - h)) / (2 * h);
    value += (50 - value) * cov * 0.7;
    if (cov > 0.5 && label < 64) label = LABEL.tentorium;
  }
  if (blood > 0) {
    value += (bloodHu - value) * blood;
    if (blood > 0.5) label = bloodLabel;
  }
  out[0] = value;
  out[1] = label;
}
