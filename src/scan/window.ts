// Hounsfield windows: named presets and the mapping of values to display grey. The presets are widths and levels in common
// radiological use (brain 80/40, bone 2500/480 and so on; houses differ), offered on digit keys and editable in settings.
// The mapping is the linear function of DICOM PS3.3 C.11.2.1.2.1.

export interface WindowSetting {
  /** Hounsfield units from black to white, at least 1. */
  width: number;
  /** Centre in Hounsfield units. */
  level: number;
}

export interface WindowPreset extends WindowSetting {
  id: string;
  label: string;
}

/** In the order of the digit keys 1, 2, 3 ... */
export const windowPresets: readonly WindowPreset[] = [
  { id: 'brain', label: 'Brain', width: 80, level: 40 },
  { id: 'subdural', label: 'Subdural', width: 200, level: 75 },
  { id: 'stroke', label: 'Stroke', width: 40, level: 40 },
  { id: 'bone', label: 'Bone', width: 2500, level: 480 },
  { id: 'soft-tissue', label: 'Soft tissue', width: 350, level: 50 },
  { id: 'lung', label: 'Lung', width: 1500, level: -600 },
  { id: 'abdomen', label: 'Abdomen', width: 400, level: 40 },
];

/** Grey 0..255 per value: y = ((x - (c - 0.5)) / (w - 1) + 0.5) * 255, clamped; NaN is black; `inverted` swaps black and white. */
export function applyWindow(data: Int16Array | Float32Array, { width, level }: WindowSetting, inverted = false): Uint8ClampedArray {
  const out = new Uint8ClampedArray(data.length);
  const slope = 255 / Math.max(1e-6, width - 1);
  const offset = 127.5 - (level - 0.5) * slope;
  for (let n = 0; n < data.length; n++) {
    const grey = (data[n] as number) * slope + offset;
    out[n] = inverted ? 255 - grey : grey;
  }
  return out;
}

/** A window for data of unknown units: the 1st to 99th percentile of up to 100,000 values taken at even steps. */
export function autoWindow(data: Int16Array | Float32Array): WindowSetting {
  const step = Math.max(1, Math.floor(data.length / 100_000));
  const sample: number[] = [];
  for (let n = 0; n < data.length; n += step) if (Number.isFinite(data[n])) sample.push(data[n] as number);
  if (sample.length === 0) return { width: 1, level: 0 };
  sample.sort((a, b) => a - b);
  const at = (q: number): number => sample[Math.round(q * (sample.length - 1))] as number;
  const [low, high] = [at(0.01), at(0.99)];
  return { width: Math.max(1, high - low), level: (low + high) / 2 };
}
