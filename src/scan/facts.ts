// Facts of a scan for scripts and tests (`reading-room scan`). Geometry is printed as nibabel has it: the affine maps voxels
// to RAS millimetres (for DICOM too, so that the field has one meaning), axcodes name where each voxel axis points. Shape is
// (i, j, k), for DICOM (columns, rows, slices). Statistics are over scaled values of all stored frames.

import type { ScanFacts } from '../protocol/engine.ts';
import { axcodes, flipLpsRas, spacing } from './geometry.ts';
import { openScan } from './open.ts';
import type { Progress } from './volume.ts';

/** Reads the whole scan once, in bounded memory. Throws RoomError as `openScan` does. */
export async function scanFacts(path: string, options: { single?: boolean } = {}, signal?: AbortSignal, progress?: Progress): Promise<ScanFacts> {
  const scan = await openScan(path, options, signal);
  try {
    const summary = await scan.summary(signal, progress);
    const { format, shape, affine, stored, warnings } = scan.info;
    const ras = flipLpsRas(affine);
    return {
      format, shape,
      spacing: spacing(affine),
      affine: [0, 4, 8, 12].map((row) => ras.slice(row, row + 4)),
      axcodes: axcodes(affine),
      dtype: stored,
      ...summary,
      warnings,
    };
  } finally {
    await scan.close();
  }
}
