// The NIfTI-1 header (348 bytes, nifti1.h of the NIfTI data format working group): dims, type, scaling and orientation.
// Orientation is chosen as nibabel chooses it: sform if its code is above 0, else qform, else pixdim with x flipped and the
// origin at the centre. Only single files (.nii, .nii.gz) with magic "n+1" are read; NIfTI-2, Analyze and pairs are refused by name.

import { formatFault, unsupported } from './fault.ts';
import type { Affine, Vec3 } from './geometry.ts';
import { affineFromColumns, column, cross, dot, norm } from './geometry.ts';
import type { Scaling } from './stored.ts';
import type { StoredType } from './volume.ts';
import { storedBytes } from './volume.ts';

export interface NiftiHeader {
  bigEndian: boolean;
  /** dim[1..n] with trailing ones as stored. */
  shape: number[];
  dims: [number, number, number];
  /** Product of dim[4..]. */
  frames: number;
  stored: StoredType;
  scaling: Scaling;
  /** Byte offset of the voxels. */
  voxelOffset: number;
  /** Bytes of one 3D frame. */
  frameBytes: number;
  /** Voxel -> RAS millimetres. */
  ras: Affine;
  unit: string;
  warnings: string[];
}

export const niftiTypes: Record<number, StoredType> = {
  2: 'uint8', 4: 'int16', 8: 'int32', 16: 'float32', 64: 'float64', 128: 'rgb24', 256: 'int8',
  512: 'uint16', 768: 'uint32', 1024: 'int64', 1280: 'uint64', 2304: 'rgba32',
};

const refusedTypes: Record<number, string> = {
  1: 'single-bit', 32: 'complex64', 1536: 'float128', 1792: 'complex128', 2048: 'complex256',
};

/** True when bytes begin like a NIfTI or Analyze header, in either byte order. */
export function looksLikeNifti(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return [348, 540].some((size) => view.getInt32(0, true) === size || view.getInt32(0, false) === size);
}

/** Parses the first 348 bytes. Throws 'format' on a forged or short header and 'unsupported' on relatives of the format. */
export function parseNiftiHeader(head: Uint8Array, path: string): NiftiHeader {
  if (!looksLikeNifti(head)) {
    throw formatFault(path, 'does not start like a NIfTI file.', 'Check that the file is NIfTI-1 (.nii or .nii.gz).');
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const little = view.getInt32(0, true) === 348 || view.getInt32(0, true) === 540;
  if (view.getInt32(0, little) === 540) throw unsupported(path, 'is NIfTI-2, which is not read here.', 'Convert it to NIfTI-1, for example with nibabel or niimath.');
  if (head.length < 348) throw formatFault(path, `is only ${head.length} bytes long; a NIfTI header alone takes 348.`, 'The copy is incomplete: get the file again.');
  const magic = String.fromCharCode(...head.subarray(344, 347));
  if (magic !== 'n+1') {
    throw magic === 'ni1'
      ? unsupported(path, 'is half of a .hdr/.img pair.', 'Convert the pair to one .nii file.')
      : unsupported(path, 'is an Analyze header without the NIfTI mark.', 'Convert it to NIfTI-1; Analyze does not store sides reliably.');
  }
  const i16 = (at: number): number => view.getInt16(at, little);
  const f32 = (at: number): number => view.getFloat32(at, little);
  const warnings: string[] = [];

  const rank = i16(40);
  if (rank < 1 || rank > 7) throw formatFault(path, `says it has ${rank} dimensions; 1 to 7 are possible.`);
  const shape = Array.from({ length: rank }, (_, n) => i16(42 + 2 * n));
  if (shape.some((n) => n < 1)) throw formatFault(path, `has an empty or negative dimension (${shape.join(' x ')}).`);
  const dims: [number, number, number] = [shape[0] ?? 1, shape[1] ?? 1, shape[2] ?? 1];
  const frames = shape.slice(3).reduce((a, b) => a * b, 1);

  const code = i16(70);
  const stored = niftiTypes[code];
  if (stored === undefined) {
    const name = refusedTypes[code];
    throw name !== undefined
      ? unsupported(path, `holds ${name} values, which cannot be shown as a scan.`, 'Convert it to a real-valued type, for example float32 magnitude.')
      : formatFault(path, `names the unknown data type ${code}.`);
  }
  const bits = storedBytes[stored] * 8;
  if (i16(72) !== bits) warnings.push(`bitpix is ${i16(72)} where ${stored} has ${bits}; the type was believed.`);
  if (stored === 'rgb24' || stored === 'rgba32') warnings.push('Colour is shown as luminance.');
  const frameBytes = dims[0] * dims[1] * dims[2] * storedBytes[stored];
  if (!Number.isSafeInteger(frameBytes * frames)) throw formatFault(path, `claims ${shape.join(' x ')} voxels, more than any file can hold.`);

  let voxelOffset = Math.floor(f32(108));
  if (voxelOffset === 0) {
    voxelOffset = 352;
    warnings.push('vox_offset is 0; 352 was taken.');
  }
  if (!Number.isSafeInteger(voxelOffset) || voxelOffset < 348) throw formatFault(path, `places its voxels at byte ${f32(108)}, inside or before the header.`);

  const unitCode = (head[123] as number) & 7;
  const toMm = unitCode === 1 ? 1000 : unitCode === 3 ? 0.001 : 1;
  if (toMm !== 1) warnings.push(`Lengths are in ${unitCode === 1 ? 'metres' : 'micrometres'} and were converted to millimetres.`);
  const ras = chooseAffine(f32, i16, dims, warnings).map((v, n) => (n < 12 ? v * toMm : v));

  return {
    bigEndian: !little, shape, dims, frames, stored, voxelOffset, frameBytes, ras, warnings,
    scaling: scaling(f32(112), f32(116), path, warnings),
    unit: String.fromCharCode(...head.subarray(328, 344)).startsWith('HU\0') ? 'HU' : '',
  };
}

function scaling(slope: number, inter: number, path: string, warnings: string[]): Scaling {
  if (slope === 0 || !Number.isFinite(slope)) {
    if (!Number.isFinite(slope)) warnings.push(`scl_slope is ${slope}; values were left unscaled.`);
    return { slope: 1, inter: 0 };
  }
  if (!Number.isFinite(inter)) throw formatFault(path, `scl_inter is ${inter}, so that no value can be computed.`);
  return { slope, inter };
}

function chooseAffine(f32: (at: number) => number, i16: (at: number) => number, dims: Vec3, warnings: string[]): Affine {
  const valid = (affine: Affine): boolean => {
    const [a, b, c] = [column(affine, 0), column(affine, 1), column(affine, 2)];
    return affine.every(Number.isFinite) && Math.abs(dot(a, cross(b, c))) > 1e-6 * norm(a) * norm(b) * norm(c) && norm(a) * norm(b) * norm(c) > 0;
  };
  if (i16(254) > 0) {
    const sform = [...Array.from({ length: 12 }, (_, n) => f32(280 + 4 * n)), 0, 0, 0, 1];
    if (valid(sform)) return sform;
    warnings.push('The sform matrix is not usable (not finite or singular) and was passed over.');
  }
  const sizes = [1, 2, 3].map((n) => {
    const size = Math.abs(f32(76 + 4 * n));
    if (Number.isFinite(size) && size > 0) return size;
    warnings.push(`pixdim[${n}] is ${f32(76 + 4 * n)}; 1 mm was taken.`);
    return 1;
  }) as Vec3;
  if (i16(252) > 0) {
    const qform = quaternionAffine(f32, sizes, warnings);
    if (valid(qform)) return qform;
    warnings.push('The qform quaternion is not finite and was passed over.');
  } else {
    warnings.push('The file stores no orientation; sides and axes are guessed (x from right to left, as nibabel does) and may be mirrored.');
  }
  const [x, y, z] = sizes;
  return affineFromColumns([-x, 0, 0], [0, y, 0], [0, 0, z], [((dims[0] - 1) / 2) * x, (-(dims[1] - 1) / 2) * y, (-(dims[2] - 1) / 2) * z]);
}

// nifti1.h, "method 2": rotation from the unit quaternion (a, b, c, d) with a >= 0, third column times qfac.
function quaternionAffine(f32: (at: number) => number, [x, y, z]: Vec3, warnings: string[]): Affine {
  let [b, c, d] = [f32(256), f32(260), f32(264)];
  const square = b * b + c * c + d * d;
  if (square > 1) {
    if (square > 1 + 1e-5) warnings.push('The qform quaternion is longer than 1 and was normalised.');
    const length = Math.sqrt(square);
    [b, c, d] = [b / length, c / length, d / length];
  }
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
  const qfac = f32(76) < 0 ? -1 : 1;
  return affineFromColumns(
    [(a * a + b * b - c * c - d * d) * x, 2 * (b * c + a * d) * x, 2 * (b * d - a * c) * x],
    [2 * (b * c - a * d) * y, (a * a + c * c - b * b - d * d) * y, 2 * (c * d + a * b) * y],
    [2 * (b * d + a * c) * z * qfac, 2 * (c * d - a * b) * z * qfac, (a * a + d * d - b * b - c * c) * z * qfac],
    [f32(268), f32(272), f32(276)],
  );
}
