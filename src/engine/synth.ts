// `synth head`: writes head phantoms as a user's scans would lie on disk. Per case a NIfTI file or a folder with a DICOM
// series, beside it `<name>-labels.nii.gz` with `<name>-labels.json` (value -> name) and the report `<name>.txt`; and one
// `cases.jsonl` for evaluation with {id, scan, labels, report, findings}, paths relative to it.

import { join, resolve } from 'node:path';
import type { SynthRequest } from '../protocol/engine.ts';
import { RoomError } from '../protocol/error.ts';
import { writeDicomSeries } from '../scan/dicom/write.ts';
import { writeNifti, writeNiftiLabels } from '../scan/nifti-write.ts';
import { HEAD_LABELS, headCase, type HeadGrid } from '../synth/head/index.ts';
import { emptyFolder, writeText } from './files.ts';
import type { JobContext } from './jobs.ts';

/** In-plane field of view, and slices from the skull base to above the vertex. */
const FIELD_MM = 217.6;
const SLICES = 32;
const SLICE_MM = 5;

/** Cases have the seeds `seed`, `seed + 1` ...; the same request writes the same bytes. */
export async function synthHead(job: JobContext, request: SynthRequest): Promise<{ cases: number; out: string }> {
  const { count, seed, format } = request;
  if (!Number.isSafeInteger(count) || count < 1) throw new RoomError('invalid', `${count} is no number of cases`, 'Ask for at least one case.');
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RoomError('invalid', `${seed} is no seed`, 'Give a whole number from 0.');
  const matrix = request.matrix ?? 256;
  if (!Number.isSafeInteger(matrix) || matrix < 64 || matrix > 1024) throw new RoomError('invalid', `A matrix of ${matrix} x ${matrix} is not made`, 'Ask for 64 to 1024.');
  const grid: HeadGrid = { dims: [matrix, matrix, SLICES], spacing: [FIELD_MM / matrix, FIELD_MM / matrix, SLICE_MM] };
  const out = resolve(request.out);
  emptyFolder(out);
  const names = `${JSON.stringify(Object.fromEntries(HEAD_LABELS.map(({ value, name }) => [value, name])), null, 1)}\n`;
  const rows: string[] = [];
  for (let n = 0; n < count; n++) {
    job.progress('synth', n, count);
    await job.breathe();
    const made = headCase(seed + n, { grid });
    const { dims } = made.grid;
    const id = `head-${String(made.seed).padStart(5, '0')}`;
    const scan = format === 'dicom' ? id : `${id}.nii.gz`;
    if (format === 'dicom') await writeDicomSeries(join(out, id), { data: made.hu, dims, affine: made.affine }, { seed: `head/${made.seed}`, seriesDescription: 'Head phantom' });
    else await writeNifti(join(out, scan), { data: made.hu, dims, affine: made.affine, unit: 'HU' });
    await writeNiftiLabels(join(out, `${id}-labels.nii.gz`), made.labels, dims, made.affine);
    writeText(join(out, `${id}-labels.json`), names);
    writeText(join(out, `${id}.txt`), made.report);
    rows.push(`${JSON.stringify({ id, scan, labels: `${id}-labels.nii.gz`, report: made.report, findings: made.findings, meta: made.meta })}\n`);
  }
  writeText(join(out, 'cases.jsonl'), rows.join(''));
  job.progress('synth', count, count);
  return { cases: count, out };
}
