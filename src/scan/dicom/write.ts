// Writes a volume as a series of CT Image Storage files (PS3.3 A.3), explicit VR little endian: sample scans and test data.
// Identifiers come from a seed (UIDs 2.25.x of a hash), so that the same scan gives the same bytes; the patient is "Phantom"
// and nothing else is said about anybody. Signed 16-bit values are stored as Hounsfield units, slope 1, intercept 0.

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RoomError } from '../../protocol/error.ts';
import { column, cross, dot, norm, scale, spacing, voxelToMm, type Affine } from '../geometry.ts';

export interface DicomImage {
  data: Int16Array;
  dims: readonly [number, number, number];
  /** Voxel (i, j, k) -> LPS millimetres; i and j must be orthogonal, k may be sheared (gantry tilt). */
  affine: Affine;
}

export interface DicomTags {
  /** Identifiers of study, series and images are derived from this. */
  seed: string;
  seriesDescription?: string;
  kernel?: string;
  kVp?: number;
  /** Millimetres; default: the distance of slices. */
  sliceThickness?: number;
  bodyPart?: string;
  window?: { width: number; level: number };
}

const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';
const EXPLICIT_LE = '1.2.840.10008.1.2.1';
const long = new Set(['OB', 'OW', 'UN', 'SQ', 'UT']);

/** Writes dims[2] files IM0001.dcm ... into `folder` (made if absent) and returns their paths. */
export async function writeDicomSeries(folder: string, image: DicomImage, tags: DicomTags): Promise<string[]> {
  const { data, dims, affine } = image;
  const [ni, nj, nk] = dims;
  if (data.length !== ni * nj * nk || ni > 65535 || nj > 65535) {
    throw new RoomError('invalid', `${data.length} voxels do not fill ${dims.join(' x ')} for DICOM.`, 'Give one value per voxel and at most 65535 rows and columns.');
  }
  const [x, y] = [column(affine, 0), column(affine, 1)];
  const sizes = spacing(affine);
  if (Math.abs(dot(x, y)) > 1e-4 * norm(x) * norm(y)) {
    throw new RoomError('invalid', 'Rows and columns are not orthogonal, which DICOM cannot say.', 'Resample the volume first.');
  }
  const normal = cross(scale(x, 1 / sizes[0]), scale(y, 1 / sizes[1]));
  const gap = Math.abs(dot(normal, column(affine, 2)));
  await mkdir(folder, { recursive: true });
  const uid = (what: string): string => seededUid(`${tags.seed}/${what}`);
  const paths: string[] = [];
  for (let k = 0; k < nk; k++) {
    const instance = uid(`image/${k}`);
    const elements: [number, string, string | number][] = [
      [0x00080005, 'CS', 'ISO_IR 192'],
      [0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'],
      [0x00080016, 'UI', CT_IMAGE],
      [0x00080018, 'UI', instance],
      [0x00080020, 'DA', ''], [0x00080030, 'TM', ''], [0x00080050, 'SH', ''],
      [0x00080060, 'CS', 'CT'],
      [0x00080070, 'LO', 'Reading Room (synthetic)'],
      [0x00080090, 'PN', ''],
      [0x0008103e, 'LO', tags.seriesDescription ?? 'Synthetic'],
      [0x00100010, 'PN', 'Phantom'], [0x00100020, 'LO', 'Phantom'], [0x00100030, 'DA', ''], [0x00100040, 'CS', ''],
      [0x00180015, 'CS', tags.bodyPart ?? 'HEAD'],
      [0x00180050, 'DS', decimal(tags.sliceThickness ?? gap)],
      [0x00180060, 'DS', tags.kVp === undefined ? '' : decimal(tags.kVp)],
      [0x00181210, 'SH', tags.kernel ?? ''],
      [0x00185100, 'CS', 'HFS'],
      [0x0020000d, 'UI', uid('study')],
      [0x0020000e, 'UI', uid('series')],
      [0x00200010, 'SH', ''], [0x00200011, 'IS', '1'], [0x00200012, 'IS', '1'],
      [0x00200013, 'IS', String(k + 1)],
      [0x00200032, 'DS', voxelToMm(affine, [0, 0, k]).map(decimal).join('\\')],
      [0x00200037, 'DS', [...scale(x, 1 / sizes[0]), ...scale(y, 1 / sizes[1])].map(decimal).join('\\')],
      [0x00200052, 'UI', uid('frame-of-reference')],
      [0x00201040, 'LO', ''],
      [0x00280002, 'US', 1],
      [0x00280004, 'CS', 'MONOCHROME2'],
      [0x00280010, 'US', nj], [0x00280011, 'US', ni],
      [0x00280030, 'DS', `${decimal(sizes[1])}\\${decimal(sizes[0])}`],
      [0x00280100, 'US', 16], [0x00280101, 'US', 16], [0x00280102, 'US', 15], [0x00280103, 'US', 1],
      [0x00281050, 'DS', decimal(tags.window?.level ?? 40)], [0x00281051, 'DS', decimal(tags.window?.width ?? 80)],
      [0x00281052, 'DS', '0'], [0x00281053, 'DS', '1'], [0x00281054, 'LO', 'HU'],
    ];
    const meta = Buffer.concat([
      element(0x00020001, 'OB', Buffer.from([0, 1])),
      ...([[0x00020002, CT_IMAGE], [0x00020003, instance], [0x00020010, EXPLICIT_LE], [0x00020012, seededUid('reading-room')]] as const)
        .map(([tag, value]) => element(tag, 'UI', text('UI', value))),
    ]);
    const pixels = Buffer.from(data.buffer, data.byteOffset + 2 * ni * nj * k, 2 * ni * nj);
    const file = Buffer.concat([
      Buffer.alloc(128), Buffer.from('DICM'),
      element(0x00020000, 'UL', uint32(meta.length)), meta,
      ...elements.map(([tag, vr, value]) => element(tag, vr, typeof value === 'number' ? uint16(value) : text(vr, value))),
      element(0x7fe00010, 'OW', pixels),
    ]);
    const path = join(folder, `IM${String(k + 1).padStart(4, '0')}.dcm`);
    await writeFile(path, file);
    paths.push(path);
  }
  return paths;
}

/** A UID 2.25.x (PS3.5 B.2) from the first 16 bytes of the seed's SHA-256. */
export function seededUid(seed: string): string {
  return `2.25.${BigInt(`0x${createHash('sha256').update(seed).digest('hex').slice(0, 32)}`)}`;
}

/** DS: at most 16 characters. */
function decimal(value: number): string {
  const plain = String(Object.is(value, -0) ? 0 : value);
  if (plain.length <= 16) return plain;
  for (let digits = 15; digits > 0; digits--) {
    const shorter = String(Number(value.toPrecision(digits)));
    if (shorter.length <= 16) return shorter;
  }
  return value.toExponential(8);
}

function text(vr: string, value: string): Buffer {
  const raw = Buffer.from(value, 'utf8');
  return raw.length % 2 === 0 ? raw : Buffer.concat([raw, Buffer.from(vr === 'UI' ? '\0' : ' ')]);
}

const uint16 = (value: number): Buffer => Buffer.from([value & 255, value >> 8]);

function uint32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
}

function element(tag: number, vr: string, value: Buffer): Buffer {
  const head = Buffer.alloc(long.has(vr) ? 12 : 8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.write(vr, 4, 'latin1');
  if (long.has(vr)) head.writeUInt32LE(value.length, 8);
  else head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}
