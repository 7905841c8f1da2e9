// Everything outside the cranial cavity: vault and skull base, air-filled sinuses and mastoids, orbits, face, neck muscles
// and scalp, as one function of canonical position. Simplified shapes; enough that the lower slices read as a head.

import * as labelling from './labels.ts';
import * as noise from './noise.ts';
import * as scenery from './scene.ts';
import type { Scene } from './scene.ts';

// Local copies, see render.ts.
const { LABEL } = labelling;
const { fieldAt } = noise;
const { S, STRIDE } = scenery;
const MAXILLARY = 0;
const ETHMOID = 1;
const FRONTAL = 2;
const SPHENOID = 3;

/** HU at 0 and label at 1 out; x, y, z at 2 to 4 in; 6: mm outside the inner table or below the base; 7: outside the vault. */
export type Voxel = Float64Array;

const ball = (x: number, y: number, z: number, cx: number, cy: number, cz: number, rx: number, ry: number, rz: number): number => {
  const a = (x - cx) / rx;
  const b = (y - cy) / ry;
  const c = (z - cz) / rz;
  return (Math.sqrt(a * a + b * b + c * c) - 1) * Math.min(rx, ry, rz);
};

const cover = (sd: number, h: number): number => {
  const t = 0.5 - sd / (2 * h);
  return t < 0 ? 0 : t > 1 ? 1 : t;
};

/** Thickness of scalp in mm at a position: temporalis muscle bulges the side. */
function scalpThickness(m: Scene, ax: number, y: number, z: number): number {
  const lateral = ax > 40 && z < 30 ? Math.min(1, (ax - 40) / 18) : 0;
  const b = (y + 24) / 44;
  const c = (z + 14) / 44;
  return m.p[S.scalp]! + lateral * 5 * Math.max(0, 1 - b * b - c * c);
}

function swellingAt(m: Scene, x: number, y: number, z: number): number {
  const f = m.fractures;
  let s = 0;
  for (let o = 0; o < f.length; o += STRIDE.fracture) {
    const swelling = f[o + 8]!;
    if (swelling === 0) continue;
    const dx = x - f[o]!;
    const dy = y - f[o + 1]!;
    const dz = z - f[o + 2]!;
    const reach = f[o + 9]!;
    const r2 = (dx * dx + dy * dy + dz * dz) / (reach * reach);
    if (r2 < 1) s = Math.max(s, swelling * (1 - r2));
  }
  return s;
}

/** Fraction of a fracture gap at a bone voxel, 0 to 1. */
function gapAt(m: Scene, x: number, y: number, z: number, h: number): number {
  const f = m.fractures;
  let cov = 0;
  for (let o = 0; o < f.length; o += STRIDE.fracture) {
    const gap = f[o + 6]!;
    if (gap === 0) continue;
    const dx = x - f[o]!;
    const dy = y - f[o + 1]!;
    const dz = z - f[o + 2]!;
    const away = Math.sqrt(dx * dx + dy * dy + dz * dz);
    const reach = f[o + 7]!;
    if (away > reach) continue;
    const wander = 1.6 * fieldAt(x * 0.3, y * 0.3, z * 0.3);
    const off = Math.abs(dx * f[o + 3]! + dy * f[o + 4]! + dz * f[o + 5]! + wander);
    const half = (gap / 2) * (1 - 0.5 * (away / reach));
    const low = Math.max(off - h, -half);
    const high = Math.min(off + h, half);
    cov = Math.max(cov, (high - low) / (2 * h));
  }
  return cov;
}

/** Air space with optional thickened lining; returns true where the voxel is settled. */
function airSpace(m: Scene, which: number, sd: number, x: number, h: number, wall: number, out: Voxel): boolean {
  if (sd > wall) return false;
  if (sd > 0) {
    out[0] = 40 + 650 * cover(Math.abs(sd - wall / 2) - wall / 2, h);
    out[1] = LABEL.skull;
    return true;
  }
  const lining = m.linings[2 * which + (x > 0 ? 1 : 0)]!;
  const air = lining > 0 ? cover(sd + lining, h) : cover(sd, h * 0.5);
  out[0] = 32 + (-990 - 32) * air;
  out[1] = lining > 0 && air < 0.5 ? LABEL.mucosa : LABEL.paranasalSinus;
  return true;
}

/** Positions and distances in canonical millimetres. */
export function outside(m: Scene, out: Voxel): void {
  const h = m.p[S.half]!;
  const x = out[2]!;
  const y = out[3]!;
  const z = out[4]!;
  const e = out[6]!;
  const vault = out[7]!;
  const ax = x < 0 ? -x : x;
  out[0] = -1000;
  out[1] = LABEL.air;
  let bone = m.p[S.skull]! * (1 + 0.16 * Math.min(1.5, Math.abs(y - 8) / 60) - 0.22 * (ax > 45 && z < 30 ? 1 : 0) * Math.min(1, (ax - 45) / 12));
  const frontalX = ax / 30;
  const frontalZ = (z + 4) / 22;
  const frontal = y < -55 ? Math.max(0, 1 - frontalX * frontalX - frontalZ * frontalZ) : 0;
  bone += 5 * frontal;
  const below = vault < 0;
  const swell = m.fractures.length > 0 ? swellingAt(m, x, y, z) : 0;
  const scalp = scalpThickness(m, ax, y, z) + swell;
  let skin = bone + scalp - vault;
  if (z < 0) {
    skin = Math.max(skin, -ball(x, y, z, 0, -40, -52, 63, 62, 78), -ball(x, y, z, 0, 20, -100, 63, 60, 80));
    if (y < -92) skin = Math.max(skin, -ball(x, y, z, 0, -98, -50, 11, 17, 22));
  }
  if (skin < -h) return;
  settle(m, x, ax, y, z, e, vault, h, bone, below, skin, swell, frontal, out);
  if (skin < h) {
    const t = cover(-skin, h);
    out[0] = -1000 + (out[0]! + 1000) * t;
    if (t < 0.5) out[1] = LABEL.air;
  }
}

function settle(m: Scene, x: number, ax: number, y: number, z: number, e: number, vault: number, h: number, bone: number, below: boolean, skin: number, swell: number, frontal: number, out: Voxel): void {
  const n = fieldAt(x * 0.42 + 7, y * 0.42, z * 0.42);
  const base = z < -4 && (below || z < -20);
  if (base) {
    const mastoid = ball(ax, y, z, 53, 27, -36, 11, 13, 15);
    if (mastoid < 0 && e < 22) {
      const cells = fieldAt(x * 0.9, y * 0.9, z * 0.9);
      const air = cover((0.1 - cells) * 2.4 + (mastoid > -2 ? 3 : 0), h);
      out[0] = 750 - 1450 * air;
      out[1] = LABEL.mastoid;
      return;
    }
    if (y > -4 && y < 14 && ax > 34) {
      const canal = Math.sqrt((y - 6) * (y - 6) + (z + 38) * (z + 38)) - 3.6;
      if (canal < 0) {
        out[0] = -950;
        out[1] = LABEL.mastoid;
        return;
      }
    }
    const petrous = ax > 8 && ax < 62 && y > -14 && y < 44 && e < 16;
    if (petrous && e < 13 + 2 * n) {
      out[0] = 1050 + 240 * n;
      out[1] = LABEL.skull;
      return;
    }
  }
  const limit = below ? 3.6 + (y > 20 ? 3 : 0) : bone;
  if (frontal > 0.15 && m.p[S.sinus]! > 0.3) {
    const depth = bone / 2 - 1.8;
    const sd = Math.max(Math.abs(e - bone / 2) - depth * Math.min(1, 2.6 * frontal), (1 - frontal - 0.42 * m.p[S.sinus]! + 0.12 * n) * 14, 0.9 - ax);
    if (sd < 0) {
      airSpace(m, FRONTAL, sd, x, h, 0, out);
      return;
    }
  }
  if (e < limit) {
    const inner = e;
    const outer = limit - e;
    const table = Math.min(inner, outer);
    const diploe = below ? 0 : cover(1.9 - table, 0.9);
    let hu = 1330 + 120 * n - (620 + 160 * n) * diploe;
    if (below) hu = 900 + 200 * n;
    const gap = m.fractures.length > 0 ? gapAt(m, x, y, z, h) : 0;
    hu += (58 - hu) * gap;
    const rim = cover(-outer, h);
    out[0] = 40 + (hu - 40) * (h > outer ? rim : 1);
    out[1] = gap > 0.35 ? LABEL.fracture : LABEL.skull;
    return;
  }
  if (z < -4) {
    if (y < -36 && ax > 8 && ax < 56) {
      const orbit = ball(ax, y, z, 31, -66 - 0.25 * (31 - ax), -26, 18, 27, 17);
      if (orbit < 2) {
        const globe = ball(ax, y, z, 32, -80, -26, 12, 12.5, 12);
        if (orbit > 0 && globe > 0 && y > -84) {
          out[0] = 600;
          out[1] = LABEL.skull;
          return;
        }
        if (globe < 0) {
          const lens = ball(ax, y, z, 32, -89.5, -26, 4.5, 2.2, 4.5);
          out[0] = lens < 0 ? 85 : globe > -1.4 ? 45 : 10;
          out[1] = LABEL.globe;
          return;
        }
        if (orbit < 0) {
          const optic = Math.hypot(ax - (32 - (y + 68) * 0.35), z + 26) - 2.2;
          const rectus = Math.abs(ball(ax, y, z, 31, -62, -26, 12, 20, 12)) - 1.6;
          const muscle = Math.max(cover(optic, h), Math.abs(z + 26) < 4 || Math.abs(ax - 31) < 4 ? cover(rectus, h) : 0);
          out[0] = -82 + 126 * muscle;
          out[1] = LABEL.orbit;
          return;
        }
      }
    }
    const big = 0.75 + 0.25 * m.p[S.sinus]!;
    const maxillary = ball(ax, y, z, 29, -66, -61, 15 * big, 17 * big, 17);
    if (maxillary < 1.6 && airSpace(m, MAXILLARY, maxillary, x, h, 1.6, out)) return;
    const ethmoid = Math.max(ball(ax, y, z, 7, -58, -31, 8, 23, 12), 0.6 - ax);
    if (ethmoid < 1.2) {
      const cell = Math.abs(((y + 200) % 9) - 4.5) - 3.7;
      if (airSpace(m, ETHMOID, Math.max(ethmoid, cell > 0 ? 0.3 : -9), x, h, 1.2, out)) return;
    }
    const sphenoid = Math.max(ball(ax, y, z, 8, -20, -41, 11 * big, 13 * big, 9), 0.7 - ax);
    if (sphenoid < 1.4 && airSpace(m, SPHENOID, sphenoid, x, h, 1.4, out)) return;
    const nasal = ball(ax, y, z, 6, -66, -58, 9, 32, 20);
    if (nasal < 0) {
      const conchae = fieldAt(ax * 0.7, y * 0.12, z * 0.5);
      out[0] = ax < 1.2 || conchae > 0.35 ? 60 : -920;
      out[1] = LABEL.face;
      return;
    }
    const mandible = ball(ax, y, z, 50, -12, -62, 6, 8, 22);
    const zygoma = ball(ax, y, z, 60, -40, -42, 4, 30, 5);
    const atlas = Math.abs(ball(ax, y, z, 0, 28, -84, 24, 20, 9)) - 3;
    const clivus = ball(ax, y, z, 0, 2, -48, 14, 9, 24);
    const rigid = Math.min(mandible, zygoma, z < -74 ? atlas : 9, clivus);
    if (rigid < 0) {
      out[0] = 800 + 250 * n;
      out[1] = LABEL.skull;
      return;
    }
  }
  out[1] = z < -25 && y < -20 ? LABEL.face : LABEL.scalp;
  if (swell > 1.5 && skin > 2 && skin < m.p[S.scalp]! + swell - 1) {
    out[0] = 62 + 5 * n;
    out[1] = LABEL.scalpSwelling;
    return;
  }
  if (skin < 2) {
    out[0] = 15 + 30 * cover(skin - 1.6, h);
    return;
  }
  const muscular = z < 16 && (ax > 40 || z < -20);
  const deep = skin > (muscular ? 4.5 : m.p[S.scalp]! - 1.2);
  out[0] = deep ? (muscular ? 52 - 70 * cover(1.1 - n, 0.4) : 30) : -82 + 18 * n;
}
