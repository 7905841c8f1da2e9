// Everything inside the cranial cavity at one position: collections under the skull, mass effect, cortex with sulci, deep
// nuclei, ventricles, brain stem and cerebellum, dural sheets, and the lesions of the parenchyma. Surfaces are blended over
// half a voxel (partial volume).

import * as atlas from './atlas.ts';
import * as labelling from './labels.ts';
import * as noise from './noise.ts';
import * as scenery from './scene.ts';
import type { Scene } from './scene.ts';
import * as shape from './shape.ts';

// Local copies, see render.ts.
const { ATLAS_FIELDS, atlasAt } = atlas;
const { LABEL } = labelling;
const { fieldAt } = noise;
const { S, STRIDE } = scenery;
const { CENTRE_Y } = shape;

const clamp01 = (t: number): number => (t < 0 ? 0 : t > 1 ? 1 : t);
const smooth = (lo: number, hi: number, v: number): number => {
  const t = clamp01((v - lo) / (hi - lo));
  return t * t * (3 - 2 * t);
};

const A = new Float64Array(ATLAS_FIELDS + 3);

/** Tissue inside the cranial cavity. f: vault norm; depth: mm below the bone; `out` as in render.ts. */
export function inside(scene: Scene, out: Float64Array): void {
  const { p, collections, blobs, territories, cisterns } = scene;
  const h = p[S.half]!;
  const offset = p[S.offset]!;
  const sulcus = p[S.sulcus]!;
  const csfRim = p[S.rim]!;
  const contrast = p[S.contrast]!;
  const extraShift = p[S.extraShift]!;
  const x = out[2]!;
  const y = out[3]!;
  const z = out[4]!;
  const f = out[5]!;
  const depth = out[6]!;
  // Collections between bone and brain take the first millimetres.
  let blood = 0;
  let bloodHu = 0;
  let bloodLabel = 0;
  let taken = 0;
  for (let c = 0; c < collections.length; c += STRIDE.collection) {
    const lens = collections[c]! > 0;
    const lateral = collections[c + 2]! * x;
    if (lateral < -4 || f < 0.45) continue;
    const dx = x / f - collections[c + 3]!;
    const dy = CENTRE_Y + (y - CENTRE_Y) / f - collections[c + 4]!;
    const dz = z / f - collections[c + 5]!;
    const reach = collections[c + 7]!;
    const r2 = (dx * dx + dy * dy + dz * dz) / (reach * reach);
    if (r2 >= 1) continue;
    const bulge = lens ? 1 - r2 : 1 - r2 * r2 * r2 * r2;
    const t = collections[c + 6]! * bulge * smooth(1, lens ? 6 : 16, lateral) * smooth(-34, -16, lens ? z + 12 : z);
    if (t < 0.4) continue;
    if (t > taken) taken = t;
    const cov = clamp01(0.5 + (t - depth) / (2 * h));
    if (cov > blood) {
      blood = cov;
      bloodLabel = collections[c + 1]!;
      const layering = collections[c + 9]!;
      bloodHu = collections[c + 8]! + (layering > 0 ? layering * smooth(-4, 10, y - collections[c + 4]! - 14) : 0) + 2.5 * fieldAt(x * 0.3, y * 0.3, z * 0.3);
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
  if (extraShift !== 0) {
    const a = (y + 8) / 60;
    const b = (z - 12) / 42;
    const g = 1 / (1 + a * a);
    const l = Math.max(0, 1 - Math.abs(x) / 84);
    qx -= (extraShift * g * g * l) / (1 + b * b);
  }
  for (let b = 0; b < blobs.length; b += STRIDE.blob) {
    const push = blobs[b + 14]!;
    if (push <= 0) continue;
    const dx = x - blobs[b]!;
    const dy = y - blobs[b + 1]!;
    const dz = z - blobs[b + 2]!;
    const r = Math.sqrt(dx * dx + dy * dy + dz * dz) + 1e-6;
    if (r > 90) continue;
    const inner = Math.cbrt(Math.max(r * r * r - push * blobs[b + 18]!, 0));
    const mean = blobs[b + 19]!;
    const away = Math.max(0, r - mean) / 30;
    const amount = ((r - inner) / (1 + away)) * Math.min(1, Math.max(0, db) / 10);
    qx -= (dx / r) * amount;
    qy -= (dy / r) * amount;
    qz -= (dz / r) * amount;
    squeeze = Math.max(squeeze, Math.min(1, mean / 14) * Math.max(0, 1 - away * 0.9));
  }
  if (taken > 0) squeeze = Math.max(squeeze, Math.min(0.9, taken / 9));
  if (extraShift !== 0 && x * p[S.shift]! < 0) squeeze = Math.max(squeeze, Math.min(0.7, Math.abs(p[S.shift]!) / 12));
  const aq = qx < 0 ? -qx : qx;
  A[ATLAS_FIELDS] = aq;
  A[ATLAS_FIELDS + 1] = qy;
  A[ATLAS_FIELDS + 2] = qz;
  atlasAt(A);
  const tent = A[8]!;
  const infra = tent < 0;
  const e1 = (qy + 6) / 43;
  const e2 = (qz - 4) / 28;
  const arch = (Math.sqrt(e1 * e1 + e2 * e2) - 1) * 30;
  const rim = csfRim * (1 - 0.7 * squeeze);
  // Depth below the pia.
  let dc = db - rim;
  if (infra) {
    if (-tent - 0.5 < dc) dc = -tent - 0.5;
  } else {
    if (tent < 39 && tent - 0.6 < dc) dc = tent - 0.6;
    if (arch > 0) {
      const cleft = aq - 0.5 - 0.5 * csfRim * (1 - squeeze) * (qy < -20 ? 1 : 0.7);
      if (cleft < dc) dc = cleft;
    }
  }
  const cisternGrow = 0.35 * (csfRim - 1.2);
  const cis = A[7]! - cisternGrow + squeeze * 0.8;
  if (cis < dc) dc = cis;
  const stem = A[6]!;
  const radial = 0.44 * (0.5 + 0.5 / Math.max(f, 0.2));
  const n = fieldAt(qx * radial + offset, (qy - CENTRE_Y) * radial + offset * 0.5, qz * radial);
  let csf = clamp01(0.5 - dc / (2 * h));
  let grey = 0;
  let wm = 28.5;
  let gm = 37.5;
  if (contrast < 0.5) {
    wm = 27;
    gm = 29;
  } else {
    wm = 37.5 - 9 * contrast;
  }
  let territory = 0;
  let territoryGrey = 0;
  let territoryWhite = 0;
  let loss = 0;
  for (let t = 0; t < territories.length; t += STRIDE.territory) {
    const lateral = territories[t + 6]! * qx;
    const from = territories[t + 7]!;
    const to = territories[t + 8]!;
    if (lateral < from - 3 || lateral > to + 3 || territories[t + 9]! > 0 !== infra) continue;
    const dx = (qx - territories[t]!) / territories[t + 3]!;
    const dy = (qy - territories[t + 1]!) / territories[t + 4]!;
    const dz = (qz - territories[t + 2]!) / territories[t + 5]!;
    const r2 = dx * dx + dy * dy + dz * dz;
    if (r2 > 1.7) continue;
    const sd = Math.max((Math.sqrt(r2) - 1) * 26 + 2.5 * n, from - lateral + 1.5 * n, lateral - to);
    const cov = clamp01(0.5 - sd / 4);
    if (cov > territory) {
      territory = cov;
      territoryGrey = territories[t + 10]!;
      territoryWhite = territories[t + 11]!;
      loss = territories[t + 12]! * cov;
    }
  }
  // CSF, or blood in it.
  let fluid = 8 + 1.5 * n;
  let soaked = 0;
  for (let c = 0; c < cisterns.length; c += STRIDE.cistern) {
    const dx = (x - cisterns[c]!) / cisterns[c + 3]!;
    const dy = (y - cisterns[c + 1]!) / cisterns[c + 4]!;
    const dz = (z - cisterns[c + 2]!) / cisterns[c + 5]!;
    const weight = clamp01((1 - (dx * dx + dy * dy + dz * dz)) * 2.2);
    if (weight > soaked) {
      soaked = weight;
      fluid += (cisterns[c + 6]! - fluid) * weight;
    }
  }
  let label: number = LABEL.whiteMatter;
  if (infra) {
    if (stem < -0.5) {
      label = LABEL.brainstem;
      grey = 0.35;
    } else {
      label = LABEL.cerebellum;
      const folia = fieldAt(qx * 0.3 + offset, (qy - 20) * 0.75, qz * 0.9);
      const core = smooth(7, 13, dc) * smooth(4, 9, aq);
      grey = 0.85 - 0.75 * core;
      if (dc < 11) csf = Math.max(csf, 0.6 * clamp01(sulcus * 0.8) * clamp01(1.4 - Math.abs(folia) * 6) * (1 - dc / 11));
    }
  } else if (stem < 0) {
    label = LABEL.brainstem;
    grey = 0.4;
  } else {
    const reach = 19;
    let ribbon = dc;
    if (dc < reach) {
      const fall = 1 - dc / reach;
      const half = Math.max(0, (sulcus + loss * 0.7) * (1 - 0.9 * squeeze) * Math.sqrt(Math.max(0, fall)) * (0.75 + 0.35 * smooth(20, 60, z)) + 0.55 * soaked * fall);
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
  for (let b = 0; b < blobs.length; b += STRIDE.blob) {
    if (blobs[b + 15]! > 0 !== infra) continue;
    const bound = blobs[b + 17]!;
    const dx = x - blobs[b]!;
    const dy = y - blobs[b + 1]!;
    const dz = z - blobs[b + 2]!;
    if (dx > bound || dx < -bound || dy > bound || dy < -bound || dz > bound || dz < -bound) continue;
    const gx = dx / blobs[b + 3]!;
    const gy = dy / blobs[b + 4]!;
    const gz = dz / blobs[b + 5]!;
    const edge = blobs[b + 8]! * fieldAt(x * 0.45 + offset, y * 0.45, z * 0.45);
    let sd = (Math.sqrt(gx * gx + gy * gy + gz * gz) - 1) * blobs[b + 19]! + edge;
    const hemisphere = blobs[b + 16]!;
    if (hemisphere !== 0) sd = Math.max(sd, 1.2 - hemisphere * qx);
    const width = blobs[b + 12]!;
    if (width > 0 && sd < width + 4) {
      const spread = sd - width * (1 + 0.35 * n) + (grey > 0.6 ? 0.35 * width : 0);
      const cov = clamp01(0.5 - spread / 3.5);
      if (cov > 0) {
        tissue += (blobs[b + 13]! + 5 * grey - tissue) * cov;
        if (cov > 0.5 && sd > 0 && csf < 0.5) label = LABEL.oedema;
      }
    }
    const cov = clamp01(0.5 - sd / (2 * h));
    if (cov > core) {
      core = cov;
      coreLabel = blobs[b + 6]!;
      const texture = blobs[b + 9]!;
      coreHu = blobs[b + 7]! + (texture > 0 ? texture * fieldAt(x * 0.8, y * 0.8, z * 0.8 + offset) : 0);
      const rimThickness = blobs[b + 10]!;
      if (rimThickness > 0) coreHu += (blobs[b + 11]! - coreHu) * clamp01(0.5 + (sd + rimThickness) / (2 * h));
    }
  }
  if (contrast < 0.5 && label < 64 && csf < 0.5) label = LABEL.oedema;
  let value = tissue + (fluid - tissue) * csf;
  if (csf > 0.5) label = LABEL.csf;
  if (soaked > 0.5 && csf > 0.35) label = LABEL.subarachnoid;
  // Ventricles.
  const comp = squeeze > 0 ? squeeze * 1.4 : 0;
  const grow = p[S.ventricle]! - comp + (qx > 0 ? p[S.asymmetry]! : -p[S.asymmetry]!);
  const lateral = A[0]! - grow;
  const third = A[1]! - p[S.third]! + comp * 0.5;
  const fourth = A[2]! - p[S.fourth]!;
  const vent = Math.min(lateral, third, fourth);
  if (vent < h && !(aq < 0.5 && lateral < third)) {
    const cov = clamp01(0.5 - vent / (2 * h));
    let wet = 6;
    let bleed = false;
    const bleeding = lateral <= third ? (qx > 0 ? p[S.bloodLeft]! : p[S.bloodRight]!) : p[S.bloodThird]!;
    if (bleeding > 0) {
      const level = p[S.bloodLevel]!;
      const t = level <= -100 ? 1 : clamp01(0.5 + (y - level) / 3);
      wet += (p[S.bloodHu]! - wet) * t;
      bleed = t > 0.5;
    }
    if (p[S.choroid]! > 0 && lateral < -1 && qy > 30 && qy < 42 && qz > -2) {
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
