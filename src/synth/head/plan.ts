// Draws a case: age, size, pose, and one scenario of pathology with what usually comes with it (a fracture with an epidural
// haematoma, oedema and shift with a large bleed). Prevalences are chosen so that a small model meets every finding in about
// one case of ten, not to mirror a clinic. Shift is either absent or at least 4 mm, atrophy and hydrocephalus either absent
// or plain, so that the ground truth is never a matter of opinion. Long because every pathology is a scenario of its own here.

import type { Acuity, Finding, Side } from '../../protocol/clue.ts';
import { random, type Random } from '../random.ts';
import { LABEL } from './labels.ts';
import type { Blob, HeadModel, Planned, Sign } from './model.ts';
import { onVault } from './shape.ts';

export const sideOf = (sign: Sign): 'left' | 'right' => (sign > 0 ? 'left' : 'right');
type P3 = readonly [number, number, number];

const DEEP: readonly (readonly [string, P3])[] = [
  ['putamen', [27, -4, 4]],
  ['thalamus', [12, 8, 6]],
  ['caudate nucleus', [15, -22, 10]],
];
const LOBAR: readonly (readonly [string, P3])[] = [
  ['frontal lobe', [32, -50, 24]],
  ['parietal lobe', [36, 34, 40]],
  ['temporal lobe', [46, 0, -16]],
  ['occipital lobe', [26, 60, 12]],
];
const CONVEX: readonly (readonly [string, P3])[] = [
  ['frontal', [44, -56, 26]],
  ['temporal', [66, -8, -4]],
  ['parietal', [54, 34, 42]],
  ['occipital', [38, 72, 12]],
];

const mirror = (p: P3, s: Sign): [number, number, number] => [p[0] * s, p[1], p[2]];

/** Displacement along x that a blob's push gives at the septum, mm (same formula as render.ts). */
function pushAtSeptum(b: Blob): number {
  if (b.push <= 0) return 0;
  const r3 = b.radii[0] * b.radii[1] * b.radii[2];
  const dx = -b.centre[0];
  const dy = -8 - b.centre[1];
  const dz = 12 - b.centre[2];
  const r = Math.sqrt(dx * dx + dy * dy + dz * dz) + 1e-6;
  const inner = Math.cbrt(Math.max(r * r * r - b.push * r3, 0));
  const mean = Math.cbrt(r3);
  return ((r - inner) * dx) / r / (1 + Math.max(0, r - mean) / 30);
}

class Planner {
  readonly m: HeadModel;
  readonly r: Random;
  constructor(m: HeadModel, r: Random) {
    this.m = m;
    this.r = r;
  }

  sign(): Sign {
    return this.r.chance(0.5) ? 1 : -1;
  }

  add(finding: Finding, side: Side, place: string, extra: Partial<Planned> = {}): void {
    this.m.findings.push({ finding, side, place, ...extra });
  }

  has(finding: Finding): boolean {
    return this.m.findings.some(f => f.finding === finding);
  }

  /** Ellipsoid of about this volume in ml. */
  radii(ml: number): [number, number, number] {
    const base = Math.cbrt((ml * 1000 * 3) / (4 * Math.PI));
    const a = this.r.range(0.82, 1.2);
    const b = this.r.range(0.9, 1.35);
    const c = 1 / (a * b);
    return [base * a, base * b, base * Math.min(1.25, Math.max(0.75, c))];
  }

  shift(towards: Sign, mm: number): void {
    if (mm < 3.5 || this.has('midline-shift')) return;
    const rounded = Math.min(15, Math.max(4, Math.round(mm)));
    this.m.shiftMm = towards * rounded;
    this.add('midline-shift', sideOf(towards), 'midline', { severity: rounded });
  }

  swellingOnly(s: Sign): void {
    const [, at] = this.r.pick(CONVEX);
    this.m.fractures.push({ centre: onVault(mirror(at, s)), normal: [0, 0, 1], gap: 0, reach: 0, swelling: this.r.range(5, 10), swellingReach: this.r.range(24, 38) });
  }

  fracture(s: Sign, bone: string, at: P3): void {
    const r = this.r;
    const p = onVault([at[0] * s + r.range(-5, 5), at[1] + r.range(-6, 6), at[2] + r.range(-6, 6)]);
    const length = Math.hypot(p[0], p[1] - 8, p[2]);
    const nx = p[0] / length;
    const ny = (p[1] - 8) / length;
    // A plane that contains the surface normal and lies about upright cuts the bone along a meridian.
    const tilt = r.range(-0.5, 0.5);
    const normal: [number, number, number] = [-ny * Math.cos(tilt), nx * Math.cos(tilt), Math.sin(tilt)];
    this.m.fractures.push({ centre: p, normal, gap: r.range(1.6, 3.2), reach: r.range(24, 42), swelling: r.chance(0.9) ? r.range(6, 12) : 0, swellingReach: r.range(24, 40) });
    this.add('skull-fracture', sideOf(s), `${sideOf(s)} ${bone} bone`);
  }

  epidural(): void {
    const r = this.r;
    const s = this.sign();
    const [region, at] = r.weighted<(typeof CONVEX)[number]>([[CONVEX[0]!, 3], [CONVEX[1]!, 5], [CONVEX[2]!, 4], [CONVEX[3]!, 1]]);
    const thickness = r.range(9, 26);
    const centre = onVault([at[0] * s, at[1] + r.range(-8, 8), at[2] + r.range(-6, 6)]);
    this.m.collections.push({ kind: 'lens', label: LABEL.epidural, side: s, centre, thickness, reach: r.range(28, 36) + thickness * 0.5, hu: r.range(60, 74), layering: 0 });
    this.add('epidural-haemorrhage', sideOf(s), `${sideOf(s)} ${region} convexity`, { acuity: 'acute' });
    if (r.chance(0.65)) this.fracture(s, region, at);
    this.shift(-s as Sign, thickness > 13 ? (thickness - 8) * r.range(0.4, 0.8) : 0);
  }

  subdural(acuity: Acuity): void {
    const r = this.r;
    const both = acuity === 'chronic' && r.chance(0.2);
    const first = this.sign();
    const thickness = both ? r.range(6, 12) : r.range(6, 18);
    const hu = acuity === 'acute' ? r.range(56, 70) : r.range(13, 26);
    const layering = acuity === 'chronic' && r.chance(0.35) ? r.range(14, 26) : 0;
    const y = r.range(-18, 14);
    for (const s of both ? ([1, -1] as const) : [first]) {
      const centre = onVault([58 * s, y, r.range(18, 34)]);
      this.m.collections.push({ kind: 'crescent', label: LABEL.subdural, side: s, centre, thickness: thickness * (both ? r.range(0.8, 1.2) : 1), reach: r.range(56, 76), hu, layering });
    }
    const side: Side = both ? 'bilateral' : sideOf(first);
    const region = y < -6 ? 'frontoparietal convexity' : y > 6 ? 'parietal convexity' : 'cerebral convexity';
    this.add('subdural-haemorrhage', side, `${side} ${region}`, { acuity, ...(layering ? { detail: 'layered' } : {}) });
    if (!both) this.shift(-first as Sign, thickness > 8 ? (thickness - 3) * r.range(0.45, 0.95) : 0);
  }

  subarachnoid(): void {
    const r = this.r;
    const hu = r.range(50, 64);
    const s = this.sign();
    const kind = r.weighted<'cisterns' | 'sylvian' | 'sulci'>([['cisterns', 4], ['sylvian', 3], ['sulci', 3]]);
    this.m.sulcus = Math.max(this.m.sulcus, 1);
    if (kind === 'cisterns') {
      this.m.cisternBlood.push({ centre: [0, -8, -12], radii: [38, 34, 24], hu });
      this.m.cisternBlood.push({ centre: [44, -6, -2], radii: [24, 30, 18], hu }, { centre: [-44, -6, -2], radii: [24, 30, 18], hu });
      this.add('subarachnoid-haemorrhage', 'none', 'basal cisterns', { acuity: 'acute' });
    } else if (kind === 'sylvian') {
      this.m.cisternBlood.push({ centre: [48 * s, -6, -1], radii: [30, 36, 20], hu });
      this.add('subarachnoid-haemorrhage', sideOf(s), `${sideOf(s)} Sylvian fissure`, { acuity: 'acute' });
    } else {
      const [region, at] = r.pick(LOBAR.slice(0, 2));
      const adjective = region.replace(' lobe', '');
      this.m.sulcus = Math.max(this.m.sulcus, 1.3);
      this.m.cisternBlood.push({ centre: [at[0] * s * 1.25, at[1] * 1.15, at[2] + 12], radii: [30, 34, 32], hu });
      this.add('subarachnoid-haemorrhage', sideOf(s), `${sideOf(s)} ${adjective} sulci`, { acuity: 'acute' });
    }
  }

  intraventricular(s: Sign | 0): void {
    const r = this.r;
    const side: Side = s === 0 ? 'bilateral' : sideOf(s);
    this.m.ventricle += 1.2;
    this.m.ventricleBlood = { left: s >= 0, right: s <= 0, third: s === 0 && r.chance(0.5), level: r.chance(0.3) ? -100 : r.range(22, 36), hu: r.range(56, 68) };
    this.add('intraventricular-haemorrhage', side, s === 0 ? 'lateral ventricles' : `${side} lateral ventricle`, { acuity: 'acute' });
  }

  parenchymal(): void {
    const r = this.r;
    const s = this.sign();
    const deep = r.chance(0.55);
    const cerebellar = !deep && r.chance(0.15);
    const [name, at] = cerebellar ? (['cerebellum', [24, 52, -34]] as const) : deep ? r.weighted<(typeof DEEP)[number]>([[DEEP[0]!, 5], [DEEP[1]!, 4], [DEEP[2]!, 1]]) : r.pick(LOBAR);
    const ml = cerebellar ? r.range(5, 16) : name === 'thalamus' || name === 'caudate nucleus' ? r.range(4, 14) : r.range(8, 50);
    const withOedema = r.chance(0.65);
    this.m.blobs.push({
      label: LABEL.intraparenchymal, centre: mirror(at, s), radii: this.radii(ml), hu: r.range(60, 74), rough: r.range(1, 2.4), texture: r.range(1, 4),
      ...(withOedema ? { oedema: { width: r.range(6, 12), hu: r.range(14, 20) } } : {}), push: 0.75, infra: cerebellar, hemisphere: s,
    });
    const place = cerebellar ? `${sideOf(s)} cerebellar hemisphere` : `${sideOf(s)} ${name}`;
    this.add('intraparenchymal-haemorrhage', sideOf(s), place, { acuity: 'acute' });
    if (withOedema) this.add('oedema', sideOf(s), place, { detail: 'perifocal' });
    if (deep && name !== 'putamen' && r.chance(0.5)) this.intraventricular(r.chance(0.65) ? s : 0);
    if (!cerebellar && ml > 18) this.shift(-s as Sign, ml * r.range(0.14, 0.26));
  }

  contusion(): void {
    const r = this.r;
    const first = this.sign();
    const both = r.chance(0.3);
    const lobe = r.chance(0.6) ? 'frontal lobe' : 'temporal lobe';
    const at: P3 = lobe === 'frontal lobe' ? [20, -64, 2] : [44, -16, -24];
    for (const s of both ? ([1, -1] as const) : [first]) {
      const count = r.int(3, 5);
      for (let n = 0; n < count; n++) {
        const size = r.range(4, 9);
        this.m.blobs.push({
          label: LABEL.contusion, centre: [(at[0] + r.range(-9, 10)) * s, at[1] + r.range(-8, 9), at[2] + r.range(-8, 10)], radii: [size, size * r.range(0.8, 1.4), size * r.range(0.8, 1.3)],
          hu: r.range(48, 66), rough: 2.4, texture: 9, oedema: { width: r.range(4, 8), hu: r.range(15, 21) }, push: 0.25, infra: false, hemisphere: s,
        });
      }
    }
    const side: Side = both ? 'bilateral' : sideOf(first);
    this.add('contusion', side, both ? `${lobe}s` : `${side} ${lobe}`, { acuity: 'acute' });
    this.add('oedema', side, both ? `${lobe}s` : `${side} ${lobe}`, { detail: 'perifocal' });
    if (r.chance(0.25)) this.swellingOnly(first);
  }

  infarct(): void {
    const r = this.r;
    const s = this.sign();
    const side = sideOf(s);
    const acuity = r.weighted<Acuity>([['acute', 5], ['subacute', 3], ['chronic', 4]]);
    const hu = acuity === 'acute' ? r.range(21, 25) : acuity === 'subacute' ? r.range(16, 20) : r.range(9, 13);
    const loss = acuity === 'chronic' ? r.range(0.8, 1.8) : -1;
    const base = { side: s, greyHu: hu + 1.5, whiteHu: hu - 1, loss };
    const kind = r.weighted<'MCA' | 'ACA' | 'PCA' | 'PICA'>([['MCA', 7], ['ACA', 2], ['PCA', 4], ['PICA', 2]]);
    let place = '';
    if (kind === 'MCA') {
      const part = r.weighted<'full' | 'anterior' | 'posterior'>([['full', 4], ['anterior', 3], ['posterior', 3]]);
      const y = part === 'anterior' ? -30 : part === 'posterior' ? 28 : -2;
      const ry = part === 'full' ? 44 : 25;
      this.m.territories.push({ ...base, centre: [54 * s, y, 16], radii: [30, ry, r.range(28, 36)], from: r.range(24, 30), to: 80, infra: false });
      place = `${side} middle cerebral artery territory`;
      if (part === 'full' && acuity !== 'chronic') this.shift(-s as Sign, r.chance(0.5) ? r.range(4, 8) : 0);
    } else if (kind === 'ACA') {
      this.m.territories.push({ ...base, centre: [8 * s, -38, 34], radii: [17, 46, 34], from: 0, to: 22, infra: false });
      place = `${side} anterior cerebral artery territory`;
    } else if (kind === 'PCA') {
      this.m.territories.push({ ...base, centre: [20 * s, 62, 6], radii: [26, 34, 24], from: 0, to: 40, infra: false });
      place = `${side} posterior cerebral artery territory`;
    } else {
      this.m.territories.push({ ...base, centre: [26 * s, 50, -38], radii: [24, 28, 18], from: 2, to: 70, infra: true });
      place = `${side} cerebellar hemisphere`;
    }
    this.add('infarct', side, place, { acuity });
  }

  lacune(): void {
    const r = this.r;
    const s = this.sign();
    const [name, at] = r.pick<readonly [string, P3]>([
      ['putamen', [27, -3, 4]],
      ['thalamus', [11, 8, 6]],
      ['corona radiata', [24, -2, 27]],
      ['internal capsule', [19, 6, 8]],
    ]);
    const radius = r.range(4, 7);
    const acuity: Acuity = r.chance(0.65) ? 'chronic' : 'subacute';
    this.m.blobs.push({
      label: LABEL.lacune, centre: mirror([at[0] + r.range(-1.5, 1.5), at[1] + r.range(-4, 4), at[2] + r.range(-2, 2)], s), radii: [radius, radius * r.range(0.9, 1.4), radius * r.range(0.9, 1.3)],
      hu: acuity === 'chronic' ? r.range(6, 11) : r.range(13, 17), rough: 0.5, texture: 0, push: 0, infra: false, hemisphere: s,
    });
    this.add('lacunar-infarct', sideOf(s), `${sideOf(s)} ${name}`, { acuity });
  }

  mass(): void {
    const r = this.r;
    const s = this.sign();
    const kind = r.weighted<'ring' | 'dural' | 'metastasis' | 'hypodense' | 'cerebellar'>([['ring', 4], ['dural', 3], ['metastasis', 3], ['hypodense', 1], ['cerebellar', 2]]);
    const [name, at] = r.pick(LOBAR);
    const ml = kind === 'metastasis' ? r.range(3, 9) : kind === 'cerebellar' ? r.range(5, 14) : r.range(10, 45);
    let centre = mirror(at, s);
    if (kind === 'cerebellar') centre = [24 * s, 52, -34];
    const radii = this.radii(ml);
    if (kind === 'dural') {
      const edge = onVault(mirror(r.pick(CONVEX)[1], s));
      const inset = 1 - (radii[0] * 0.8) / Math.hypot(edge[0], edge[1] - 8, edge[2]);
      centre = [edge[0] * inset, 8 + (edge[1] - 8) * inset, edge[2] * inset];
    }
    const width = kind === 'dural' ? (r.chance(0.5) ? r.range(6, 10) : 0) : kind === 'hypodense' ? 0 : kind === 'metastasis' ? r.range(11, 18) : r.range(7, 14);
    const hu = kind === 'ring' ? r.range(14, 20) : kind === 'dural' ? r.range(48, 58) : kind === 'hypodense' ? r.range(19, 23) : r.range(42, 50);
    this.m.blobs.push({
      label: LABEL.mass, centre, radii, hu, rough: kind === 'ring' ? 2 : 0.9, texture: kind === 'ring' ? 3 : 1.5,
      ...(kind === 'ring' ? { rim: { thickness: r.range(3.5, 6), hu: r.range(44, 52) } } : {}),
      ...(width ? { oedema: { width, hu: r.range(15, 20) } } : {}), push: kind === 'hypodense' ? 0.5 : 0.7, infra: kind === 'cerebellar', hemisphere: s,
    });
    const place = kind === 'dural' ? `${sideOf(s)} ${centre[1] < -20 ? 'frontal' : centre[2] < 4 && centre[1] < 20 ? 'temporal' : centre[1] > 56 ? 'occipital' : 'parietal'} convexity` : kind === 'cerebellar' ? `${sideOf(s)} cerebellar hemisphere` : `${sideOf(s)} ${name}`;
    this.add('mass', sideOf(s), place, { detail: kind });
    if (width) this.add('oedema', sideOf(s), kind === 'dural' ? `${place.replace(' convexity', ' lobe')}` : place, { detail: 'perifocal' });
    if (kind !== 'cerebellar' && ml > 16) this.shift(-s as Sign, (ml + width * 1.5) * r.range(0.12, 0.22));
  }

  hydrocephalus(): void {
    this.m.ventricle += this.r.range(5.5, 9);
    this.m.thirdVentricle += this.r.range(2, 4);
    this.m.fourthVentricle += this.r.chance(0.5) ? this.r.range(1, 2.5) : -0.5;
    this.m.sulcus = Math.min(this.m.sulcus, 0.35);
    this.m.rim = Math.min(this.m.rim, 0.8);
    this.add('hydrocephalus', 'none', 'ventricles', { severity: Math.round(this.m.ventricle) });
  }

  atrophy(): void {
    this.m.age = Math.max(this.m.age, this.r.int(62, 92));
    this.m.sulcus = this.r.range(2.2, 3.2);
    this.m.rim = this.r.range(3, 5);
    this.m.ventricle = Math.max(this.m.ventricle, this.r.range(2, 3.6));
    this.m.thirdVentricle += this.r.range(0.8, 2);
    this.add('atrophy', 'none', 'brain', { severity: Math.round(this.m.sulcus * 2) });
  }

  swelling(): void {
    this.m.sulcus = 0.05;
    this.m.rim = 0.3;
    this.m.ventricle = -1.8;
    this.m.thirdVentricle = -0.8;
    this.m.contrast = 0.25;
    this.add('oedema', 'none', 'brain', { detail: 'diffuse' });
  }

  sinus(): void {
    const r = this.r;
    const sinus = r.weighted<'maxillary' | 'sphenoid' | 'ethmoid' | 'frontal'>([['maxillary', 6], ['sphenoid', 2], ['ethmoid', 2], ['frontal', 2]]);
    const s = r.weighted<Sign | 0>([[1, 1], [-1, 1], [0, 1]]);
    this.m.sinus = Math.max(this.m.sinus, 0.6);
    this.m.linings.push({ sinus, left: s >= 0, right: s <= 0, thickness: r.range(4.5, 9) });
    const side: Side = s === 0 ? 'bilateral' : sideOf(s);
    this.add('sinus-mucosal-thickening', side, s === 0 ? `${sinus} sinuses` : `${side} ${sinus} sinus`);
  }

  calcification(): void {
    const r = this.r;
    const s = this.sign();
    const kind = r.weighted<'pallidus' | 'lobe' | 'cerebellum'>([['pallidus', 5], ['lobe', 4], ['cerebellum', 1]]);
    const both = kind === 'pallidus' && r.chance(0.55);
    const [name, at] = kind === 'pallidus' ? (['globus pallidus', [20.5, -2, 1]] as const) : kind === 'cerebellum' ? (['cerebellar hemisphere', [20, 44, -36]] as const) : r.pick(LOBAR.slice(0, 2));
    const size = r.range(3.4, 6);
    for (const q of both ? ([1, -1] as const) : [s]) {
      this.m.blobs.push({
        label: LABEL.calcification, centre: mirror(at, q), radii: [size * 0.8, size * 1.1, size], hu: r.range(130, 420), rough: 1, texture: 30, push: 0, infra: kind === 'cerebellum', hemisphere: q,
      });
    }
    const side: Side = both ? 'bilateral' : sideOf(s);
    this.add('calcification', side, both ? 'globi pallidi' : `${side} ${name}`);
  }
}

const SCENARIOS: readonly (readonly [Finding | 'normal', number])[] = [
  ['normal', 25],
  ['epidural-haemorrhage', 7],
  ['subdural-haemorrhage', 9],
  ['subarachnoid-haemorrhage', 7],
  ['intraparenchymal-haemorrhage', 8],
  ['intraventricular-haemorrhage', 4],
  ['contusion', 5],
  ['infarct', 7],
  ['lacunar-infarct', 4],
  ['mass', 7],
  ['oedema', 1.5],
  ['hydrocephalus', 5],
  ['atrophy', 4],
  ['sinus-mucosal-thickening', 2.5],
  ['calcification', 3],
  ['skull-fracture', 3],
];

function enact(p: Planner, finding: Finding): void {
  const r = p.r;
  switch (finding) {
    case 'epidural-haemorrhage': return p.epidural();
    case 'subdural-haemorrhage': return p.subdural(r.chance(0.6) ? 'acute' : 'chronic');
    case 'subarachnoid-haemorrhage': return p.subarachnoid();
    case 'intraparenchymal-haemorrhage': return p.parenchymal();
    case 'intraventricular-haemorrhage': return p.intraventricular(r.weighted<Sign | 0>([[1, 1], [-1, 1], [0, 1]]));
    case 'contusion': return p.contusion();
    case 'infarct': return p.infarct();
    case 'lacunar-infarct': return p.lacune();
    case 'mass': return p.mass();
    case 'oedema': return p.swelling();
    case 'hydrocephalus': return p.hydrocephalus();
    case 'atrophy': return p.atrophy();
    case 'sinus-mucosal-thickening': return p.sinus();
    case 'calcification': return p.calcification();
    case 'skull-fracture': {
      const [bone, at] = r.pick(CONVEX);
      return p.fracture(p.sign(), bone, at);
    }
    case 'midline-shift': {
      // Shift needs a cause: a subdural haematoma thick enough, or a large bleed.
      const before = p.m.collections.length;
      p.subdural('acute');
      const c = p.m.collections[before]!;
      c.thickness = Math.max(c.thickness, 11);
      return p.shift(-c.side as Sign, Math.max(5, c.thickness * 0.6));
    }
  }
}

/** Incidental findings that go with anything; each is skipped where the case has it or where it would contradict. */
function incidental(p: Planner): void {
  const r = p.r;
  const swollen = p.m.findings.some(f => f.detail === 'diffuse');
  const large = p.m.shiftMm !== 0 || p.has('hydrocephalus') || swollen;
  if (!large && !p.has('atrophy') && r.chance(0.06)) p.atrophy();
  if (!p.has('sinus-mucosal-thickening') && r.chance(0.1)) p.sinus();
  if (!swollen && !p.has('calcification') && r.chance(0.07)) p.calcification();
  if (!large && !p.has('lacunar-infarct') && !p.has('intraparenchymal-haemorrhage') && r.chance(0.05)) p.lacune();
}

/** Draws the case of a seed. `normal` forces no findings; `only` forces that finding and suppresses incidental ones. */
export function planCase(seed: number, options: { normal?: boolean; only?: Finding } = {}): HeadModel {
  const root = random(seed);
  const a = root.fork(1);
  const age = a.int(18, 88);
  const old = Math.max(0, (age - 40) / 48);
  const size = a.range(0.95, 1.04);
  const model: HeadModel = {
    seed,
    age,
    sex: a.chance(0.5) ? 'F' : 'M',
    scale: [size * a.range(0.96, 1.04), size * a.range(0.96, 1.03), size * a.range(0.96, 1.03)],
    rotation: [a.normal() * 0.045, a.normal() * 0.035, a.normal() * 0.05],
    shift: [a.normal() * 2.5, a.normal() * 2.5, a.normal() * 2.5],
    sulcus: 0.6 + 0.7 * old * a.range(0.6, 1.1) + a.range(0, 0.25),
    rim: 0.9 + 1 * old * a.range(0.5, 1.1),
    ventricle: -0.4 + 1.1 * old * a.range(0.4, 1.1) + a.normal() * 0.25,
    thirdVentricle: 0.1 + 0.6 * old,
    fourthVentricle: 0,
    asymmetry: a.normal() * 0.35,
    skull: a.range(4.6, 7.2),
    scalp: a.range(4.5, 7.5),
    contrast: a.range(0.9, 1.1),
    choroid: a.chance(0.25 + 0.5 * old),
    noise: a.range(2, 4),
    cupping: a.range(1, 4),
    streaks: a.chance(0.35) ? a.range(1, 4) : 0,
    headrest: a.chance(0.6),
    shiftMm: 0,
    extraShift: 0,
    sinus: a.range(0.2, 1),
    blobs: [],
    collections: [],
    territories: [],
    cisternBlood: [],
    fractures: [],
    linings: [],
    findings: [],
  };
  const p = new Planner(model, root.fork(2));
  if (!options.normal) {
    const scenario = options.only ?? p.r.weighted(SCENARIOS);
    if (scenario !== 'normal') enact(p, scenario);
    if (scenario !== 'normal' && options.only === undefined) incidental(p);
  }
  let pushed = 0;
  for (const b of model.blobs) pushed += pushAtSeptum(b);
  // Without a listed shift the septum stays within 1.5 mm of the middle.
  model.extraShift = model.shiftMm !== 0 ? model.shiftMm - pushed : Math.max(-1.5, Math.min(1.5, pushed)) - pushed;
  return model;
}
