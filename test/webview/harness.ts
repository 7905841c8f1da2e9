// Page script that stands for the extension host: it answers the scan editor's calls from a made-up scan and reading and
// sets a VS Code theme. Query: theme=dark|light|hc|hc-light, state=start|reading|noprobe|making|failed|error|opening|untrusted|noslices,
// n= voxels per row, slices=, delay= milliseconds per slice. Window.harness drives the view for screenshots.

import { createBirpc } from 'birpc';
import { RoomError } from '../../src/protocol/error.ts';
import type { Layer, SliceImage } from '../../src/protocol/scan.ts';
import type { HostApi, OpenReading, ViewApi } from '../../src/protocol/view.ts';
import { toWire } from '../../webview/shared/rpc.ts';
import { fakeReading, GRID } from './fake-reading.ts';
import { cut, geometryOf, makeVolume } from './phantom.ts';
import { THEMES } from './themes.ts';

const query = new URLSearchParams(location.search);
const theme = query.get('theme') ?? 'dark';
const state = query.get('state') ?? 'reading';
for (const [name, value] of Object.entries(THEMES[theme] ?? {})) document.documentElement.style.setProperty(`--vscode-${name}`, value);
document.body.className = theme.startsWith('hc') ? 'vscode-high-contrast' : `vscode-${theme}`;

const volume = makeVolume(Number(query.get('n') ?? 200), Number(query.get('slices') ?? 48));
const reading = fakeReading(volume, { probe: state !== 'noprobe', reference: query.get('reference') !== '0' });
const open: OpenReading = { readingId: 'fake', path: '/readings/fake', reading };
const count = GRID[0] * GRID[1] * GRID[2];
const [ni, nj, nk] = volume.dims;

const tokenOf = (i: number, j: number, k: number): number =>
  Math.floor((i * GRID[0]) / ni) + GRID[0] * (Math.floor((j * GRID[1]) / nj) + GRID[1] * Math.floor((k * GRID[2]) / nk));

/** Mean of HU per 4 voxels stands for what a probe gives back. */
function derived(fill: (at: number, i: number, j: number, k: number) => number): Float32Array {
  const out = new Float32Array(ni * nj * nk);
  for (let k = 0, at = 0; k < nk; k++) for (let j = 0; j < nj; j++) for (let i = 0; i < ni; i++, at++) out[at] = fill(at, i, j, k);
  return out;
}
const clamp = (v: number): number => Math.min(120, Math.max(-20, v));
const coarse = (i: number, j: number, k: number): number => {
  const step = Math.max(2, Math.round(ni / 48));
  let sum = 0;
  for (let b = -1; b <= 1; b++) for (let a = -1; a <= 1; a++) {
    const [x, y] = [Math.min(ni - 1, Math.max(0, i + a * step)), Math.min(nj - 1, Math.max(0, j + b * step))];
    sum += clamp(volume.hu[(k * nj + y) * ni + x]!);
  }
  return sum / 9;
};
/** One value per token, as the engine samples clues: that of the token's middle voxel. */
const tokenScores = (score: (i: number, j: number, k: number) => number): Float32Array => {
  const middle = (v: number, n: number, cells: number): number => ((Math.floor((v * cells) / n) + 0.5) * n) / cells;
  return derived((_at, i, j, k) => score(middle(i, ni, GRID[0]), middle(j, nj, GRID[1]), middle(k, nk, GRID[2])));
};
let made: Record<string, Float32Array> | undefined;
function layers(): Record<string, Float32Array> {
  if (made) return made;
  const probe = derived((_at, i, j, k) => coarse(i, j, k));
  const nothing = derived((_at, i, j) => 30 * Math.max(0, 1.2 - Math.hypot((2 * i) / ni - 1, (2 * j) / nj - 1)));
  const point = (i: number, j: number, k: number): number =>
    Math.hypot(volume.origin[0] + i * volume.spacing[0] - volume.bleed[0], volume.origin[1] + j * volume.spacing[1] - volume.bleed[1], (volume.origin[2] + k * volume.spacing[2] - volume.bleed[2]) * 1.1);
  made = {
    probe,
    null: nothing,
    error: derived((at) => Math.abs(probe[at]! - clamp(volume.hu[at]!))),
    clue: tokenScores((i, j, k) => Math.max(0, 1 - point(i, j, k) / 44)),
    input0: derived((at) => Math.min(80, Math.max(0, volume.hu[at]!)) / 40 - 1),
    input1: derived((at) => Math.min(180, Math.max(-20, volume.hu[at]!)) / 100 - 0.8),
    input2: derived((at) => Math.min(1500, Math.max(-500, volume.hu[at]!)) / 1000 - 0.5),
  };
  return made;
}
const errors = Float32Array.from({ length: count }, (_, n) => 2 + 12 * Math.abs(Math.sin(n * 12.9898) * Math.cos(n * 0.37)) ** 2);

function image(layer: Layer, plane: 'axial' | 'coronal' | 'sagittal', index: number): SliceImage {
  const data = layer.kind === 'scan' ? cut(volume, volume.hu, plane, index)
    : layer.kind === 'labels' ? cut(volume, volume.labels, plane, index)
    : cut(volume, layers()[layer.kind === 'clue' ? 'clue' : layer.kind === 'input' ? `input${layer.channel}` : layer.variant]!, plane, index);
  let [min, max] = [Infinity, -Infinity];
  for (const v of data) { if (v < min) min = v; if (v > max) max = v; }
  return { layer, data, min, max };
}

const delay = Number(query.get('delay') ?? 0);
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const marks: Record<string, number> = {};
const saved: unknown[] = [];

const host: HostApi = {
  async ready() {
    if (state === 'opening') await later(1e9);
    const base = { presets: [
      { name: 'Brain', key: '1', width: 80, level: 40 }, { name: 'Subdural', key: '2', width: 200, level: 75 },
      { name: 'Stroke', key: '3', width: 40, level: 40 }, { name: 'Bone', key: '4', width: 2800, level: 600 }],
      state: {}, canRead: state === 'untrusted' ? { ok: false as const, why: 'This workspace is not trusted: scans can be viewed, models do not run.' } : { ok: true as const },
      readings: [
        { id: 'a', path: '/readings/fake', scanPath: '', bundle: 'brain-ct', created: '2026-01-02T14:02:00Z', headline: 'Acute right basal ganglia haemorrhage with mild mass effect.', findings: [] },
        { id: 'b', path: '/readings/broken', scanPath: '', bundle: 'brain-ct', created: '2026-01-03T09:12:00Z', headline: 'No acute intracranial abnormality.', findings: [] }] };
    if (state === 'error') return { ...base, error: { code: 'format', message: 'phantom-0147.nii.gz ends after 181 of 212 slices.', fix: 'Copy the file again; its length should be 43 MB.' } };
    const corner = volume.origin;
    return { ...base,
      scan: { scanId: 's', path: '/scans/phantom-0147.nii.gz', format: 'NIfTI-1', dims: volume.dims, spacing: volume.spacing, affine: reading.scan.affine, axcodes: 'LPS', dtype: 'int16', unit: 'HU',
        slices: { axial: nk, coronal: nj, sagittal: ni }, bounds: [corner, [corner[0] + (ni - 1) * volume.spacing[0], corner[1] + (nj - 1) * volume.spacing[1], corner[2] + (nk - 1) * volume.spacing[2]]],
        warnings: [], facts: { Modality: 'CT' }, labels: { path: 'phantom-0147-labels.nii.gz', names: volume.names } },
      ...((state === 'reading' || state === 'noprobe') && { reading: open }) };
  },
  async slice({ plane, index, layers: wanted }) {
    if (state === 'noslices') throw new RoomError('engine-lost', 'The engine stopped while it decoded slice 12.', 'It starts again by itself; try again in a moment.');
    if (delay) await later(delay);
    return { geometry: geometryOf(volume, plane, index), images: wanted.map((layer) => image(layer, plane, index)) };
  },
  async place(_id, point) {
    const [i, j, k] = point.map((p, a) => Math.round((p - volume.origin[a]!) / volume.spacing[a]!)) as [number, number, number];
    if (i < 0 || j < 0 || k < 0 || i >= ni || j >= nj || k >= nk) return undefined;
    const token = tokenOf(i, j, k);
    const word = (text: string, strength: number) => ({ text, span: [reading.text.indexOf(text), reading.text.indexOf(text) + text.length] as const, strength });
    return { token, at: [token % GRID[0], Math.floor(token / GRID[0]) % GRID[1], Math.floor(token / (GRID[0] * GRID[1]))], footprint: [[0, 0, 0], [0, 0, 0]],
      rmse: errors[token]!, nullRmse: 15.3, percentile: (100 * errors.filter((e) => e < errors[token]!).length) / count,
      words: i % 2 ? [] : [word('haemorrhage in', 1.84), word('putamen', 0.92), word('oedema', 0.31)], nullStrength: 0.05 };
  },
  async clueRegion(_id, clueId, method) {
    await later(10);
    if (clueId === 'basal ganglia.3') return undefined;
    return { centre: volume.bleed, box: [volume.bleed.map((v) => v - 20) as [number, number, number], volume.bleed.map((v) => v + 20) as [number, number, number]], tokens: [1, 2, 3, 4, 5, 6, 7], method, strength: method === 'occlusion' ? 2.31 : 0.21, nullStrength: method === 'occlusion' ? 0.08 : 0.04 };
  },
  async tokenErrors() { return { probe: errors, null: errors.map((e, n) => 6 + 0.8 * e + 4 * Math.abs(Math.sin(n))) }; },
  async openReading(path) {
    if (path.includes('broken')) throw new Error('The reading at /readings/broken has no tensors.safetensors.');
    return open;
  },
  async command() { void making(); },
  async cancelRead() { cancelled = true; },
  async status() {},
  async saveState(s) { saved.push(s); },
  async mark(name, ms) { marks[name] = ms; },
  async copy() {},
};

let receive: (message: unknown) => void = () => undefined;
Object.assign(window, { acquireVsCodeApi: () => ({ postMessage: (message: unknown) => queueMicrotask(() => receive(message)) }) });
const rpc = createBirpc<{ [K in keyof ViewApi]: (...args: Parameters<ViewApi[K]>) => Promise<unknown> }>(toWire(host, Object.keys(host) as (keyof HostApi)[]), {
  post: (message) => window.dispatchEvent(new MessageEvent('message', { data: message })),
  on: (listen) => { receive = listen; },
  timeout: -1,
});

let cancelled = false;
async function making(upTo = Infinity): Promise<void> {
  cancelled = false;
  const stages = ['Preprocess', 'Encoder', 'Projector', 'Language model'];
  for (const stage of stages) {
    for (let done = 0; done <= 4; done++) {
      if (cancelled) return void rpc.readProgress({ phase: 'cancelled' });
      const total = stage === 'Language model' ? 256 : 4;
      await rpc.readProgress({ phase: 'stage', stage, done: stage === 'Language model' ? 0 : done, total });
      await later(15);
      if (stage === 'Language model') break;
    }
  }
  for (const [n, t] of reading.tokens.entries()) {
    if (cancelled) return void rpc.readProgress({ phase: 'cancelled' });
    if (n >= upTo) return;
    await rpc.readProgress({ phase: 'token', text: t.text, logProb: t.logProb });
    await rpc.readProgress({ phase: 'stage', stage: 'Language model', done: n + 1, total: 256 });
    await later(4);
  }
  await rpc.readProgress({ phase: 'done', open });
}

if (state === 'making') setTimeout(() => void making(60), 300);
if (state === 'failed') setTimeout(() => void rpc.readProgress({ phase: 'failed', error: { code: 'limit', message: 'The language model needs 3.1 GB and 1.2 GB are free.', fix: 'Close other readings or choose the device cpu.' } }), 300);

Object.assign(window, { harness: { rpc, marks, saved, making } });
