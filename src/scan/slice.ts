// Cuts a volume into the 2D images that panes draw. A slice comes out in display orientation (radiological convention, see
// geometry.ts), so that the webview draws rows as they are; `origin`, `colStep` and `rowStep` place each pixel in LPS millimetres.
// `index` counts voxels along the voxel axis nearest to the plane's normal, in the file's own direction. On a sheared volume
// (gantry tilt) coronal and sagittal pixels keep their exact millimetres but are drawn as rectangles.

import { RoomError } from '../protocol/error.ts';
import type { SliceGeometry } from '../protocol/scan.ts';
import type { Affine, Plane, PlaneAxes, Vec3 } from './geometry.ts';
import { column, directionLetters, norm, planeAxes, scale, voxelToMm } from './geometry.ts';
import type { Voxels } from './volume.ts';

export type { Plane } from './geometry.ts';

/** Where the pixels of a slice are, and which voxel axes they run along. */
export interface PlacedSlice extends SliceGeometry {
  /** Slices along this plane's normal. */
  count: number;
  /** Millimetres per pixel, horizontally and vertically. */
  spacing: [number, number];
  axes: PlaneAxes;
}

export interface SliceImage extends PlacedSlice {
  /** width x height scaled values, row by row from the top. */
  data: Voxels;
}

/** Geometry of one slice; throws 'invalid' when the index is outside the scan. */
export function sliceGeometry(dims: readonly [number, number, number], affine: Affine, plane: Plane, index: number): PlacedSlice {
  const axes = planeAxes(affine, plane);
  const count = dims[axes.normal];
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new RoomError('invalid', `There is no ${plane} slice ${index}: this scan has slices 0 to ${count - 1}.`, 'Ask for a slice inside the scan.');
  }
  const width = dims[axes.x.axis];
  const height = dims[axes.y.axis];
  const corner: Vec3 = [0, 0, 0];
  corner[axes.normal] = index;
  if (axes.x.flip) corner[axes.x.axis] = width - 1;
  if (axes.y.flip) corner[axes.y.axis] = height - 1;
  const right = scale(column(affine, axes.x.axis), axes.x.flip ? -1 : 1);
  const down = scale(column(affine, axes.y.axis), axes.y.flip ? -1 : 1);
  return {
    plane, index, count, width, height,
    spacing: [norm(right), norm(down)],
    origin: voxelToMm(affine, corner),
    colStep: right,
    rowStep: down,
    sliceStep: column(affine, axes.normal),
    axes,
    edges: {
      left: directionLetters(scale(right, -1)), right: directionLetters(right),
      top: directionLetters(scale(down, -1)), bottom: directionLetters(down),
    },
  };
}

/** Copies one slice out of a volume's voxels (any array of dims i x j x k; label maps too). */
export function extractSlice<T extends Voxels | Uint8Array>(
  data: T, dims: readonly [number, number, number], affine: Affine, plane: Plane, index: number,
): PlacedSlice & { data: T } {
  const geometry = sliceGeometry(dims, affine, plane, index);
  const strides = [1, dims[0], dims[0] * dims[1]] as const;
  const { axes } = geometry;
  const out = cutPlane(data, geometry, strides[axes.normal] * index, strides[axes.x.axis], strides[axes.y.axis]);
  return { ...geometry, data: out };
}

/** Turns one k-plane (dims i x j, in file order) into the display orientation of `geometry`, whose normal must be k. */
export function orientPlane(plane: Voxels, geometry: PlacedSlice, ni: number): Voxels {
  const stride = (axis: number): number => (axis === 0 ? 1 : ni);
  return cutPlane(plane, geometry, 0, stride(geometry.axes.x.axis), stride(geometry.axes.y.axis));
}

function cutPlane<T extends Voxels | Uint8Array>(data: T, geometry: PlacedSlice, base: number, strideX: number, strideY: number): T {
  const { width, height, axes } = geometry;
  const out = (data instanceof Int16Array ? new Int16Array(width * height)
    : data instanceof Float32Array ? new Float32Array(width * height) : new Uint8Array(width * height)) as T;
  const stepX = axes.x.flip ? -strideX : strideX;
  for (let row = 0, o = 0; row < height; row++) {
    let from = base + (axes.y.flip ? height - 1 - row : row) * strideY + (axes.x.flip ? (width - 1) * strideX : 0);
    if (stepX === 1) {
      out.set(data.subarray(from, from + width), o);
      o += width;
      continue;
    }
    for (let x = 0; x < width; x++, from += stepX) out[o++] = data[from] as number;
  }
  return out;
}
