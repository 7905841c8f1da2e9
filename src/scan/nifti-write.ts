// Writes NIfTI-1 single files: sample scans, label maps, test data. Little-endian, unscaled; the sform carries the affine and,
// where the voxel axes are orthogonal, the qform the same. Hounsfield units are marked by intent_name "HU", which our reader
// knows and others ignore. Same input, same bytes (the gzip header has no time and no operating system).

import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { RoomError } from '../protocol/error.ts';
import { column, cross, dot, flipLpsRas, norm, scale, spacing, type Affine, type Vec3 } from './geometry.ts';
import { niftiTypes } from './nifti-header.ts';

export interface NiftiImage {
  data: NiftiData;
  dims: readonly [number, number, number];
  /** Voxel (i, j, k) -> LPS millimetres. */
  affine: Affine;
  unit?: string;
}

export type NiftiData =
  | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array | Float32Array | Float64Array;

const header = 352;

/** Writes a volume as .nii, or .nii.gz when `gz` (default: the path ends so). */
export async function writeNifti(path: string, image: NiftiImage, gz = path.endsWith('.gz')): Promise<void> {
  const bytes = encodeNifti(image);
  if (!gz) return writeFile(path, bytes);
  const packed = await promisify(gzip)(bytes);
  packed[9] = 255;
  await writeFile(path, packed);
}

/** Writes a label map (0..255) on the grid of its scan. */
export async function writeNiftiLabels(path: string, labels: Uint8Array, dims: readonly [number, number, number], affine: Affine): Promise<void> {
  await writeNifti(path, { data: labels, dims, affine });
}

export function encodeNifti({ data, dims, affine, unit }: NiftiImage): Uint8Array {
  if (data.length !== dims[0] * dims[1] * dims[2]) {
    throw new RoomError('invalid', `${data.length} voxels do not fill ${dims.join(' x ')}.`, 'Give one value per voxel.');
  }
  const type = data.constructor.name.replace('Array', '').replace('Big', '').toLowerCase();
  const code = Number(Object.entries(niftiTypes).find(([, name]) => name === type)?.[0]);
  const out = new Uint8Array(header + data.byteLength);
  const view = new DataView(out.buffer);
  const i16 = (at: number, value: number): void => view.setInt16(at, value, true);
  const f32 = (at: number, value: number): void => view.setFloat32(at, value, true);
  view.setInt32(0, 348, true);
  [3, ...dims, 1, 1, 1, 1].forEach((n, at) => i16(40 + 2 * at, n));
  i16(70, code);
  i16(72, data.BYTES_PER_ELEMENT * 8);
  const ras = flipLpsRas(affine);
  const sizes = spacing(affine);
  const rotation = quaternion(ras, sizes);
  f32(76, rotation?.qfac ?? 1);
  sizes.forEach((size, n) => f32(80 + 4 * n, size));
  f32(108, header);
  f32(112, 1);
  out[123] = 2; // millimetres
  i16(252, rotation ? 1 : 0);
  i16(254, 1);
  if (rotation) [...rotation.bcd, ...column(ras, 3)].forEach((v, n) => f32(256 + 4 * n, v));
  ras.slice(0, 12).forEach((v, n) => f32(280 + 4 * n, v));
  if (unit === 'HU') out.set([0x48, 0x55], 328);
  out.set([0x6e, 0x2b, 0x31], 344); // n+1
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header);
  return out;
}

/** The quaternion (b, c, d) and qfac of nifti1.h for orthogonal axes; undefined for sheared ones. */
function quaternion(ras: Affine, sizes: Vec3): { bcd: Vec3; qfac: 1 | -1 } | undefined {
  const [x, y, z] = [0, 1, 2].map((c) => scale(column(ras, c), 1 / (sizes[c] as number))) as [Vec3, Vec3, Vec3];
  if (Math.max(Math.abs(dot(x, y)), Math.abs(dot(x, z)), Math.abs(dot(y, z))) > 1e-4) return undefined;
  const qfac = dot(cross(x, y), z) < 0 ? -1 : 1;
  const r = scale(z, qfac);
  // Largest of the four components first, for a stable division (nifti_mat44_to_quatern).
  const squares: [number, number, number, number] = [
    1 + x[0] + y[1] + r[2], 1 + x[0] - y[1] - r[2], 1 - x[0] + y[1] - r[2], 1 - x[0] - y[1] + r[2],
  ];
  const largest = squares.indexOf(Math.max(...squares));
  const s = 2 * Math.sqrt(squares[largest] as number);
  const [yz, zx, xy] = [y[2] - r[1], r[0] - x[2], x[1] - y[0]];
  const all: [number, number, number, number] =
    largest === 0 ? [s / 4, yz / s, zx / s, xy / s]
      : largest === 1 ? [yz / s, s / 4, (y[0] + x[1]) / s, (r[0] + x[2]) / s]
        : largest === 2 ? [zx / s, (y[0] + x[1]) / s, s / 4, (r[1] + y[2]) / s]
          : [xy / s, (r[0] + x[2]) / s, (r[1] + y[2]) / s, s / 4];
  const sign = all[0] < 0 ? -1 : 1;
  const length = norm([all[1], all[2], all[3]]);
  const shrink = length > 1 ? 1 / length : 1;
  return { bcd: [sign * all[1] * shrink, sign * all[2] * shrink, sign * all[3] * shrink], qfac };
}
