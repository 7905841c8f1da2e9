// Writes a phantom's report by section from its measured findings: each present finding once in the section of its place
// and once in the impression, normal statements and negations elsewhere. Deterministic from the case's seed. Forms and
// vocabulary are in wording.ts; a report has about 60 to 140 words.

import type { Finding } from '../../protocol/clue.ts';
import { random, type Random } from '../random.ts';
import type { Measured } from './measure.ts';
import type { HeadModel } from './model.ts';
import { ABSENT, CLOSING, COMPRESSION, NORMAL_IMPRESSION, PRESENT, SUMMARY, THEMES, type Theme } from './wording.ts';

const DEEP = /putamen|thalamus|caudate|capsule|corona radiata|pallid/;

/** The section that a finding belongs to. */
export function themeOf(f: { finding: Finding; place: string }): Theme {
  switch (f.finding) {
    case 'skull-fracture': return 'Skull and scalp';
    case 'sinus-mucosal-thickening': return 'Sinuses';
    case 'midline-shift':
    case 'hydrocephalus':
    case 'intraventricular-haemorrhage': return 'Ventricles and midline';
    default:
      if (f.place.includes('cerebell') || f.place.includes('pons')) return 'Posterior fossa';
      return DEEP.test(f.place) ? 'Basal ganglia' : 'Convexity';
  }
}

/** Resolves [a|b|c] from the inside out. */
function choose(form: string, r: Random): string {
  const inner = /\[([^[\]]*)\]/;
  let text = form;
  for (let m = inner.exec(text); m; m = inner.exec(text)) {
    const picked = r.pick(m[1]!.split('|'));
    text = text.slice(0, m.index) + picked + text.slice(m.index + m[0].length);
  }
  return text;
}

const AMERICAN: readonly (readonly [RegExp, string])[] = [
  [/([Hh])aem/g, '$1em'],
  [/schaem/g, 'schem'],
  [/oedema/g, 'edema'],
  [/Oedema/g, 'Edema'],
  [/tumour/g, 'tumor'],
  [/\bgrey\b/g, 'gray'],
  [/\bGrey\b/g, 'Gray'],
  [/([Gg]eneral)ised/g, '$1ized'],
];

const capital = (s: string): string => s.charAt(0).toUpperCase() + s.slice(1);

interface Style {
  american: boolean;
  centimetres: boolean;
}

function millimetres(mm: number, style: Style): string {
  const n = Math.round(mm);
  return style.centimetres && n >= 10 ? `${(n / 10).toFixed(1)} cm` : `${n} mm`;
}

function sizeText(f: Measured, style: Style): string {
  const [a, b] = [Math.max(f.sizeMm[0], f.sizeMm[1]), Math.min(f.sizeMm[0], f.sizeMm[1])];
  if (style.centimetres && b >= 10) return `${(a / 10).toFixed(1)} x ${(b / 10).toFixed(1)} cm`;
  return `${a} x ${b} mm`;
}

function fill(form: string, f: Measured, model: HeadModel, style: Style, r: Random): string {
  const both = f.side === 'bilateral';
  const plural = both ? f.place.replace(/^bilateral (.*) convexity$/, '$1 convexities') : f.place;
  const the = both ? `both ${plural}` : `the ${f.place}`;
  const age = f.acuity === 'chronic' ? r.pick(['chronic', 'old']) : (f.acuity ?? 'acute');
  const thickness = Math.max(0, ...model.collections.map(c => c.thickness)) * model.scale[0];
  const values: Record<string, string> = {
    place: plural,
    'the place': the,
    'The place': capital(the),
    side: f.side,
    Side: capital(f.side),
    'on side': both ? 'on both sides' : `on the ${f.side}`,
    size: sizeText(f, style),
    thick: millimetres(thickness, style),
    shift: `${f.severity ?? 0} mm`,
    age,
    Age: capital(age),
    'an age': /^[aeiou]/.test(age) ? `an ${age}` : `a ${age}`,
    other: f.side === 'left' ? 'right' : 'left',
  };
  let text = choose(form, r).replace(/\bthe \{place\}/g, both ? 'both {place}' : 'the {place}').replace(/The \{place\}/g, both ? 'Both {place}' : 'The {place}');
  text = text.replace(/\{([^}]+)\}/g, (_, key: string) => values[key] ?? '');
  const one = !both && /^The .*? sinus (show|have) /.test(text);
  if (one) text = text.replace(' show ', ' shows ').replace(' have ', ' has ');
  if (f.finding === 'subarachnoid-haemorrhage' && /^The .*fissure (contain|show) /.test(text)) text = text.replace(' contain ', ' contains ').replace(' show ', ' shows ');
  if (both) text = text.replace(/^(Both .*?) shows /, '$1 show ').replace(/^(Both .*?) contains /, '$1 contain ');
  return tidy(text, style);
}

function tidy(text: string, style: Style): string {
  let out = capital(text.replace(/ {2,}/g, ' ').replace(/ ([,.])/g, '$1').trim());
  if (style.american) for (const [from, to] of AMERICAN) out = out.replace(from, to);
  return out;
}

function forms(table: Record<string, readonly string[]>, f: Measured): readonly string[] {
  const infra = f.place.includes('cerebell') ? 'infra' : undefined;
  for (const key of [infra, f.detail, f.acuity]) {
    const found = key === undefined ? undefined : table[`${f.finding}:${key}`];
    if (found) return found;
  }
  return table[f.finding]!;
}

/** Sections in order; every theme has text. */
export function writeReport(model: HeadModel, findings: readonly Measured[]): { theme: Theme; text: string }[] {
  const r = random(model.seed).fork(4);
  const style: Style = { american: r.chance(0.5), centimetres: r.chance(0.35) };
  const present = new Set(findings.map(f => f.finding));
  const absent = (theme: Theme, most: number): string[] => {
    const usable = ABSENT.filter(n => n.theme === theme && !n.unless.some(f => present.has(f)));
    const out: string[] = [];
    const count = Math.min(usable.length, most);
    for (let n = 0; n < count; n++) {
      const pick = r.weighted(usable.map(u => [u, u.weight] as const));
      usable.splice(usable.indexOf(pick), 1);
      const text = tidy(choose(r.pick(pick.forms), r), style);
      if (!out.includes(text)) out.push(text);
    }
    return out;
  };
  const sections: { theme: Theme; text: string }[] = [];
  for (const theme of THEMES) {
    if (theme === 'Impression') break;
    const here = findings.filter(f => themeOf(f) === theme);
    const sentences: string[] = [];
    for (const f of here) {
      sentences.push(fill(r.pick(forms(PRESENT, f)), f, model, style, r));
      if (f.finding === 'midline-shift' && r.chance(0.5)) sentences.push(fill(r.pick(COMPRESSION), f, model, style, r));
    }
    if (here.length === 0) sentences.push(...absent(theme, theme === 'Convexity' || theme === 'Ventricles and midline' ? 2 : 1));
    else if (theme !== 'Posterior fossa' && r.chance(0.7)) sentences.push(...absent(theme, 1));
    if (sentences.length === 0) sentences.push('No further abnormality.');
    sections.push({ theme, text: sentences.join(' ') });
  }
  const summary: string[] = [];
  for (const f of findings) summary.push(fill(r.pick(forms(SUMMARY, f)), f, model, style, r));
  if (summary.length === 0) summary.push(tidy(choose(r.pick(NORMAL_IMPRESSION), r), style));
  else if (r.chance(0.4)) {
    const usable = CLOSING.filter(c => !c.unless.some(f => present.has(f)));
    if (usable.length > 0) summary.push(tidy(choose(r.pick(r.pick(usable).forms), r), style));
  }
  sections.push({ theme: 'Impression', text: summary.join(' ') });
  return sections;
}
