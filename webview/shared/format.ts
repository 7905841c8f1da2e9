// Numbers as the views print them: fixed decimals, a true minus sign, and never "-0".

import type { Vec3 } from '../../src/protocol/scan.ts';

export const capital = (s: string): string => s.slice(0, 1).toUpperCase() + s.slice(1);

export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return 'n/a';
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `\u2212${text}` : text;
}

export const signed = (value: number, digits: number): string => (Number(value.toFixed(digits)) > 0 ? `+${fixed(value, digits)}` : fixed(value, digits));

export const whole = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, '\u2009');

export const times = (values: readonly number[], digits?: number): string => values.map((v) => (digits === undefined ? String(v) : fixed(v, digits))).join(' \u00d7 ');

export const duration = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : ms < 60000 ? `${fixed(ms / 1000, 1)} s` : `${Math.floor(ms / 60000)} min ${Math.round((ms % 60000) / 1000)} s`);

/** A point in words: patient left or right, behind or before, above or below the origin of the scanner's millimetres. */
export const spoken = (p: Vec3): string =>
  `${fixed(Math.abs(p[0]), 0)} ${p[0] < 0 ? 'right' : 'left'}, ${fixed(Math.abs(p[1]), 0)} ${p[1] < 0 ? 'front' : 'back'}, ${fixed(Math.abs(p[2]), 0)} ${p[2] < 0 ? 'down' : 'up'} mm`;

const ROUND = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** Smallest of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 x 10^n that is at least `value`: ends of scales that divide into five. */
export function niceCeil(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const lead = value / power;
  return ROUND.find((r) => lead <= r * (1 + 1e-9))! * power;
}
