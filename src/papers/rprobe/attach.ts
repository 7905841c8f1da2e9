// Makes a trained probe part of its bundle: copies both graphs and enters them in `reading-room.json`.

import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILE } from '../../bundle/conventions.ts';
import type { BundleManifest, ProbeEntry } from '../../protocol/bundle.ts';

/** Replaces the bundle's probe of the same name. */
export function attachProbe(run: string, bundle: string, entry: Omit<ProbeEntry, 'model' | 'nullModel'>): void {
  for (const [from, to] of [['probe.onnx', FILE.probe], ['probe-null.onnx', FILE.probeNull]] as const) {
    for (const tail of ['_data', '']) copyFileSync(join(run, from + tail), join(bundle, to + tail));
  }
  const path = join(bundle, FILE.manifest);
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as BundleManifest;
  manifest.probes = [...manifest.probes.filter(({ name }) => name !== entry.name), { ...entry, model: FILE.probe, nullModel: FILE.probeNull }];
  writeFileSync(`${path}.tmp`, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(`${path}.tmp`, path);
}
