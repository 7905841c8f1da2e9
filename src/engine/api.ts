// The engine: one object that implements EngineApi in the process it is made in. The child process serves it over IPC, the
// command line calls it directly. It only wires the parts together; code that runs models, trains or evaluates is loaded
// when it is first asked for, so that the process which serves slices starts fast and never holds it.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { summarise } from '../bundle/manifest.ts';
import type { EngineApi, EngineEvent } from '../protocol/engine.ts';
import type { RunStatus } from '../protocol/run.ts';
import type { Layer, SliceImage, SliceReply, SliceRequest } from '../protocol/scan.ts';
import { scanFacts } from '../scan/facts.ts';
import { writeText } from './files.ts';
import { Jobs } from './jobs.ts';
import type { ModelStore } from './models.ts';
import { listReadings, ReadingStore } from './reading-store.ts';
import { listRuns, subfolders } from './runs.ts';
import { extent, sampleLabels, sampleLinear, sampleNearest } from './sampling.ts';
import { ScanStore } from './scan-store.ts';
import { versions } from './version.ts';

export interface EngineOptions {
  /** Receives progress, tokens, run states and log lines. */
  emit: (event: EngineEvent) => void;
}

export function createEngine({ emit }: EngineOptions): EngineApi {
  const scans = new ScanStore();
  const readings = new ReadingStore();
  const jobs = new Jobs(emit);
  let models: Promise<ModelStore> | undefined;
  const modelStore = (): Promise<ModelStore> => (models ??= import('./models.ts').then(({ ModelStore: Store }) => new Store()));

  const trainJob = (id: string, config: string, out: string, resume: boolean): Promise<RunStatus> =>
    jobs.run(id, async (job) => {
      const { train } = await import('./training.ts');
      return train(job, await (await modelStore()).runtime('cpu'), config, out, resume);
    });

  return {
    hello: async () => ({ pid: process.pid, versions: versions() }),

    checkDevices: async (choice) => (await import('./devices.ts')).checkDevices(choice),

    openScan: (path, options) => scans.open(path, options),
    closeScan: (scanId) => scans.close(scanId),
    slice: (request) => slice(scans, readings, request),
    scanFacts: (path, options) => scanFacts(path, options),

    listBundles: async (folders) => {
      const candidates = new Set<string>();
      for (const folder of folders.map((name) => resolve(name))) {
        for (const candidate of [folder, ...(await subfolders(folder))]) {
          if (existsSync(join(candidate, 'reading-room.json'))) candidates.add(candidate);
        }
      }
      return [...candidates].map(summarise);
    },

    checkBundle: async (path) => (await import('./check-bundle.ts')).checkBundle(path, await (await modelStore()).runtime('cpu')),

    read: (id, request) => jobs.run(id, async (job) => (await import('./read-scan.ts')).readScan(job, request, scans, await modelStore())),

    listReadings,
    openReading: (path) => readings.open(path),
    closeReading: async (readingId) => readings.close(readingId),
    place: async (readingId, point) => readings.get(readingId).place(point),
    clueRegion: async (readingId, clueId, method) => readings.get(readingId).region(clueId, method),
    tokenErrors: async (readingId) => readings.get(readingId).tokenErrors(),

    exportHtml: async (readingPath, out) => {
      const { exportHtml } = await import('./export-html.ts');
      const { readingId, reading } = await readings.open(readingPath);
      try {
        const info = existsSync(reading.scan.path) ? await scans.open(reading.scan.path) : undefined;
        try {
          const source = info && { count: info.slices.axial, axial: (index: number, layers: Layer[]) => slice(scans, readings, { scanId: info.scanId, plane: 'axial', index, layers }) };
          writeText(resolve(out), await exportHtml(readings.get(readingId), readingId, source));
        } finally {
          if (info !== undefined) await scans.close(info.scanId);
        }
      } finally {
        readings.close(readingId);
      }
    },

    synthHead: (id, request) => jobs.run(id, async (job) => (await import('./synth.ts')).synthHead(job, request)),
    train: (id, config, out, { resume }) => trainJob(id, config, out, resume),
    probeTrain: (id, config, out, { resume }) => trainJob(id, config, out, resume),

    probeApply: (id, request) =>
      jobs.run(id, async (job) => {
        const { applyProbe } = await import('./probe-apply.ts');
        const { scanId } = await scans.open(request.scan);
        try {
          const volume = await scans.volume(scanId, job.signal);
          return await (await modelStore()).use(request.bundle, request.device, (model) => applyProbe(job, model, volume, request.out));
        } finally {
          await scans.close(scanId);
        }
      }),

    evaluate: (id, request) =>
      jobs.run(id, async (job) => {
        const { evaluate } = await import('./evaluate.ts');
        return (await modelStore()).use(request.bundle, request.device, (model) => evaluate(job, model, request));
      }),

    listRuns,
    bench: async (name) => (await import('../../bench/index.ts')).runBench(name),
    cancel: async (id) => jobs.cancel(id),
  };
}

/** All layers of one slice, each on the pixel grid of the scan's slice. */
async function slice(scans: ScanStore, readings: ReadingStore, { scanId, plane, index, layers }: SliceRequest): Promise<SliceReply> {
  const geometry = await scans.geometry(scanId, plane, index);
  const images: SliceImage[] = [];
  for (const layer of layers) {
    let data: SliceImage['data'];
    switch (layer.kind) {
      case 'scan':
        data = await scans.slice(scanId, plane, index);
        break;
      case 'labels':
        data = sampleLabels(await scans.labels(scanId), geometry);
        break;
      case 'reconstruction':
        data = sampleLinear(readings.get(layer.readingId).grid(layer), geometry);
        break;
      case 'input':
      case 'clue':
        // Nearest: the picture shows the numbers the model received and one value per token, nothing between them.
        data = sampleNearest(readings.get(layer.readingId).grid(layer), geometry);
        break;
    }
    const [min, max] = extent(data);
    images.push({ layer, data, min, max });
  }
  return { geometry, images };
}
