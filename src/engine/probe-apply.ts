// `probe apply`: what a bundle's visual tokens still hold of one scan, as a NIfTI volume on the model's input grid, with the
// scores of probe and null on this scan. The text is not generated.

import { resolve } from 'node:path';
import { floats, type BundleModel } from '../bundle/model.ts';
import { preprocess, TokenGrid } from '../bundle/preprocess.ts';
import { reconstruct } from '../bundle/reconstruct.ts';
import { RoomError } from '../protocol/error.ts';
import type { ProbeScores } from '../protocol/reading.ts';
import { writeNifti } from '../scan/nifti-write.ts';
import type { Volume } from '../scan/volume.ts';
import type { JobContext } from './jobs.ts';

export async function applyProbe(job: JobContext, model: BundleModel, volume: Volume, out: string): Promise<{ out: string; name: string; probe: ProbeScores; null: ProbeScores }> {
  const { manifest } = model.bundle;
  const [entry] = manifest.probes;
  if (entry === undefined) throw new RoomError('not-found', `${model.bundle.path} has no probe`, "Train one with 'reading-room probe train'.");
  if (!/\.nii(\.gz)?$/.test(out)) throw new RoomError('invalid', `${out} is no NIfTI file name`, 'End it with .nii or .nii.gz.');
  job.progress('preprocess', 0, 3);
  await job.breathe();
  const { input, hu, affine } = preprocess(volume, manifest.preprocess);
  job.progress('visual stages', 1, 3);
  await job.breathe();
  const visual = floats((await model.runVisual(input)).at(-1)!.output, manifest.visual.tap);
  job.progress('probe', 2, 3);
  await job.breathe();
  const { dims } = manifest.preprocess;
  const { probe, scores } = await reconstruct(model, entry, visual, hu, new TokenGrid(manifest.visual.grid, dims, affine));
  const path = resolve(out);
  await writeNifti(path, { data: Int16Array.from(probe, Math.round), dims, affine, unit: 'HU' }).catch((thrown: unknown) => {
    throw new RoomError('invalid', `${path} cannot be written: ${thrown instanceof Error ? thrown.message : String(thrown)}`, 'Choose a folder that exists and that you may write to.', { cause: thrown });
  });
  job.progress('probe', 3, 3);
  return { out: path, name: entry.name, ...scores };
}
