// Runs a bundle's R-Probe and its null baseline on the visual tokens of one scan and measures both against the volume that
// the probe was to reconstruct: HU on the input grid, clipped to the probe's range. R2 and PSNR are over tissue voxels (above
// -300 HU), as in the scores that ship with a probe, because air is easy; SSIM is the mean of axial slices. Errors per token
// are root mean squares over the token's footprint, in HU.

import { psnr, rSquared, ssimSlices } from '../metrics/image.ts';
import type { Tensor } from '../onnx/runtime.ts';
import type { ProbeEntry } from '../protocol/bundle.ts';
import { RoomError } from '../protocol/error.ts';
import type { ProbeScores } from '../protocol/reading.ts';
import { TENSOR } from './conventions.ts';
import { fetched, floats, type BundleModel } from './model.ts';
import type { TokenGrid } from './preprocess.ts';

const TISSUE_HU = -300;

export interface Reconstruction {
  /** (D, H, W) HU. */
  probe: Float32Array;
  null: Float32Array;
  target: Float32Array;
  /** [2, N]: probe, null. */
  tokenError: Float32Array;
  scores: { probe: ProbeScores; null: ProbeScores };
}

/** @param visual [N, d]; `hu` is (D, H, W) before clipping */
export async function reconstruct(model: BundleModel, probe: ProbeEntry, visual: Float32Array, hu: ArrayLike<number>, grid: TokenGrid): Promise<Reconstruction> {
  const [low, high] = probe.range;
  const clip = (x: number): number => (x < low ? low : x > high ? high : x);
  const target = Float32Array.from(hu, clip);
  const run = async (name: string): Promise<Float32Array> => {
    const feed: Tensor = { dtype: 'float32', dims: [1, grid.count, visual.length / grid.count], data: visual };
    const session = await model.session(name);
    const out = floats(fetched(await session.run({ [TENSOR.visual]: feed }, [TENSOR.reconstruction]), TENSOR.reconstruction, name), TENSOR.reconstruction);
    if (out.length !== target.length) throw new RoomError('invalid', `${name} reconstructs ${out.length} voxels, the input has ${target.length}`, "Train the probe anew for this bundle's preprocess.dims.");
    return out.map(clip);
  };
  const own = await run(probe.model);
  const baseline = await run(probe.nullModel);
  const tokenError = new Float32Array(2 * grid.count);
  tokenError.set(tokenErrors(own, target, grid));
  tokenError.set(tokenErrors(baseline, target, grid), grid.count);
  const { dims } = model.bundle.manifest.preprocess;
  const tissue = (values: Float32Array): Float32Array => values.filter((_, voxel) => hu[voxel]! > TISSUE_HU);
  const truth = tissue(target);
  const score = (volume: Float32Array): ProbeScores => ({
    r2: truth.length === 0 ? 0 : rSquared(tissue(volume), truth),
    psnr: truth.length === 0 ? 0 : psnr(tissue(volume), truth, high - low),
    ssim: ssimSlices(volume, target, dims, high - low),
  });
  return { probe: own, null: baseline, target, tokenError, scores: { probe: score(own), null: score(baseline) } };
}

function tokenErrors(volume: Float32Array, target: Float32Array, grid: TokenGrid): Float32Array {
  return Float32Array.from({ length: grid.count }, (_, token) => {
    let sum = 0;
    let count = 0;
    grid.eachVoxel(token, (voxel) => {
      sum += (volume[voxel]! - target[voxel]!) ** 2;
      count++;
    });
    return Math.sqrt(sum / count);
  });
}
