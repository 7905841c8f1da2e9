// Writes PNG montages of head phantoms for looking at, and prints how long a case takes.
// Usage: npx tsx scripts/montage.mjs --seeds 1,2,3 [--grid small|fine] [--window brain|subdural|bone|label] [--only finding,finding]
//        [--normal] [--columns 8] [--every 1] --out file.png
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { pngDataUri } from '../src/engine/png.ts';
import { headCase } from '../src/synth/head/index.ts';

const { values: args } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    grid: { type: 'string', default: 'small' },
    window: { type: 'string', default: 'brain' },
    only: { type: 'string' },
    normal: { type: 'boolean', default: false },
    columns: { type: 'string', default: '8' },
    every: { type: 'string', default: '1' },
    slices: { type: 'string' },
    plane: { type: 'string', default: 'axial' },
    out: { type: 'string', default: 'montage.png' },
  },
});
const GRIDS = {
  small: { dims: [128, 128, 32], spacing: [1.65, 1.65, 5] },
  fine: { dims: [512, 512, 30], spacing: [0.45, 0.45, 5] },
  medium: { dims: [256, 256, 60], spacing: [0.9, 0.9, 2.5] },
};
const WINDOWS = { brain: [80, 40], subdural: [200, 75], bone: [2500, 480], stroke: [40, 40] };

const colour = v => (v === 0 ? [0, 0, 0] : [(v * 97) % 200 + 55, (v * 57) % 200 + 55, (v * 149) % 200 + 55]);

const tiles = [];
const wanted = args.seeds.split(',').flatMap(seed => (args.only ? args.only.split(',') : [undefined]).map(only => ({ seed: Number(seed), only })));
for (const { seed, only } of wanted) {
  const started = performance.now();
  const c = headCase(seed, { grid: GRIDS[args.grid], normal: args.normal, ...(only ? { only } : {}) });
  console.log(`seed ${seed}: ${(performance.now() - started).toFixed(0)} ms`);
  console.log(c.findings.map(f => `  ${f.finding} | ${f.side} | ${f.place} | ${f.acuity ?? ''} | ${f.volumeMl} ml | ${f.sizeMm.join('x')} | ${f.meanHu} HU | k ${f.level} | ${f.severity ?? ''}`).join('\n'));
  console.log(c.report);
  const [nx, ny, nz] = c.grid.dims;
  const [sx, sy, sz] = c.grid.spacing;
  const chosen = args.slices ? args.slices.split(',').map(Number) : Array.from({ length: nz }, (_, k) => k).filter(k => k % Number(args.every) === 0);
  const read = o => {
    if (args.window === 'label') return colour(c.labels[o]);
    const [w, l] = WINDOWS[args.window];
    const g = Math.max(0, Math.min(255, Math.round(((c.hu[o] - l) / w + 0.5) * 255)));
    return [g, g, g];
  };
  if (args.plane === 'axial') for (const k of chosen) tiles.push({ w: nx, h: ny, at: (x, y) => read(k * nx * ny + y * nx + x) });
  else {
    const rows = Math.round((nz * sz) / sx);
    const coronal = args.plane === 'coronal';
    for (const p of chosen) tiles.push({ w: coronal ? nx : ny, h: rows, at: (x, y) => read(Math.max(0, nz - 1 - Math.floor((y * sx) / sz)) * nx * ny + (coronal ? p * nx + x : x * nx + p)) });
    void sy;
  }
}
const columns = Math.min(Number(args.columns), tiles.length);
const tw = tiles[0].w;
const th = tiles[0].h;
const rows = Math.ceil(tiles.length / columns);
const image = Buffer.alloc(columns * tw * rows * th * 3);
tiles.forEach((t, n) => {
  const ox = (n % columns) * tw;
  const oy = Math.floor(n / columns) * th;
  for (let y = 0; y < th; y++) for (let x = 0; x < tw; x++) image.set(t.at(x, y), ((oy + y) * columns * tw + ox + x) * 3);
});
writeFileSync(args.out, Buffer.from(pngDataUri(image, columns * tw, rows * th).split(',')[1], 'base64'));
