// Colours inside the image wells: grey and a perceptually uniform fire map as 256-entry tables of canvas pixels, lookup
// tables for windows, and label colours. The fire map is a path through OKLCh (B. Ottosson's OKLab): black, violet, red,
// orange, pale yellow, chroma cut to the sRGB gamut, then resampled to equal OKLab steps, so equal errors look equally
// far apart. Pixels are little-endian RGBA in a Uint32.

export type Palette = Uint32Array;

const pack = (r: number, g: number, b: number, a = 255): number => ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;

type Lab = readonly [l: number, a: number, b: number];

/** OKLab to linear sRGB. */
function linearRgb([l, a, b]: Lab): [number, number, number] {
  const p = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const q = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * p - 3.3077115913 * q + 0.2309699292 * s,
    -1.2684380046 * p + 2.6097574011 * q - 0.3413193965 * s,
    -0.0041960863 * p - 0.7034186147 * q + 1.707614701 * s,
  ];
}

const encode = (v: number): number => {
  const c = Math.min(1, Math.max(0, v));
  return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
};

const inGamut = (lab: Lab): boolean => linearRgb(lab).every((v) => v >= -1e-4 && v <= 1.0001);

/** Point of the fire path, 0 <= t <= 1, inside the gamut. */
function firePath(t: number): Lab {
  const l = 0.97 * t;
  const hue = ((285 + 185 * t) * Math.PI) / 180;
  const at = (chroma: number): Lab => [l, chroma * Math.cos(hue), chroma * Math.sin(hue)];
  let [low, high] = [0, 0.26 * Math.sin(Math.PI * (0.06 + 0.88 * t)) ** 0.8 * Math.min(1, 6 * t)];
  if (inGamut(at(high))) return at(high);
  for (let n = 0; n < 30; n++) {
    const middle = (low + high) / 2;
    if (inGamut(at(middle))) low = middle;
    else high = middle;
  }
  return at(low);
}

/** 256 points of the fire map in OKLab at equal distances. */
export function fireLab(): Lab[] {
  const dense = Array.from({ length: 1025 }, (_, n) => firePath(n / 1024));
  const distance = (p: Lab, q: Lab): number => Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
  const along = [0];
  for (let n = 1; n < dense.length; n++) along.push(along[n - 1]! + distance(dense[n - 1]!, dense[n]!));
  const total = along[along.length - 1]!;
  const out: Lab[] = [];
  for (let k = 0, n = 0; k < 256; k++) {
    const want = (total * k) / 255;
    while (n < dense.length - 2 && along[n + 1]! < want) n++;
    const t = Math.min(1, (want - along[n]!) / (along[n + 1]! - along[n]! || 1));
    const [p, q] = [dense[n]!, dense[n + 1]!];
    out.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]), p[2] + t * (q[2] - p[2])]);
  }
  return out;
}

export const GREY: Palette = Uint32Array.from({ length: 256 }, (_, v) => pack(v, v, v));
export const FIRE: Palette = Uint32Array.from(fireLab(), (lab) => {
  const [r, g, b] = linearRgb(lab).map(encode) as [number, number, number];
  return pack(r, g, b);
});

/** Fire for heat over a scan: nothing below 0.15, opacity up to 30 % so that the tissue below stays readable. */
export const HEAT: Palette = Uint32Array.from(FIRE, (pixel, v) => ((pixel & 0xffffff) | (Math.round(77 * Math.max(0, (v / 255 - 0.15) / 0.85)) << 24)) >>> 0);

export const cssColour = (palette: Palette, t: number): string => {
  const p = palette[Math.min(255, Math.max(0, Math.round(255 * t)))]!;
  return `rgb(${p & 255} ${(p >> 8) & 255} ${(p >> 16) & 255})`;
};

/** Index 0..255 of a value in a window [low, high]; low maps to 0 and high to 255, linear between, clamped outside. */
export const windowIndex = (v: number, low: number, high: number): number => {
  const t = (255 * (v - low)) / (high - low);
  return t <= 0 ? 0 : t >= 255 ? 255 : (t + 0.5) | 0;
};

/** Canvas pixel of every int16 value, at index value + 32768. */
export function int16Lut(low: number, high: number, palette: Palette, reuse?: Uint32Array): Uint32Array {
  const lut = reuse ?? new Uint32Array(65536);
  const first = Math.min(65536, Math.max(0, Math.floor(low) + 32768));
  const last = Math.min(65536, Math.max(first, Math.ceil(high) + 32768));
  lut.fill(palette[0]!, 0, first);
  for (let n = first; n < last; n++) lut[n] = palette[windowIndex(n - 32768, low, high)]!;
  lut.fill(palette[255]!, last);
  return lut;
}

/** Eight hues of equal OKLab lightness (0.78) that stay apart for the common colour weaknesses when outlined. */
const LABEL_HUES = [200, 35, 320, 140, 90, 260, 0, 170];

export function labelColour(value: number, alpha = 1): string {
  const hue = (LABEL_HUES[(value - 1 + 8 * 32) % 8]! * Math.PI) / 180;
  const [r, g, b] = linearRgb([0.78, 0.12 * Math.cos(hue), 0.12 * Math.sin(hue)]).map(encode) as [number, number, number];
  return `rgb(${r} ${g} ${b} / ${alpha})`;
}

/** Fixed colours of marks drawn over pixels; wells are black in every theme. */
export const MARK = {
  text: '#c8c8c8',
  dim: '#929292',
  letter: '#e4c871',
  token: '#e8b64c',
  region: '#e6a6d3',
  cross: '#74a9d4',
  grid: 'rgb(190 200 210 / 0.17)',
  scale: '#a8a8a8',
} as const;
