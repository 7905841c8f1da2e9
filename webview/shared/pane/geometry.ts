// Geometry of a slice pane: patient millimetres (LPS) to CSS pixels of a canvas and back, and the cut of an oriented box
// with a slice. Pixel (c, r) of a slice is centred at origin + c * colStep + r * rowStep; steps may have unequal lengths
// and need not be perpendicular (gantry tilt), pixels are then drawn as the parallelograms they are. Positive pan moves
// the picture to the right and down.

import type { Affine, SliceGeometry, Vec3 } from '../../../src/protocol/scan.ts';

export type Point2 = readonly [x: number, y: number];

/** scale 1 = the whole slice fits; pan in millimetres of the slice plane. */
export interface Zoom {
  scale: number;
  panX: number;
  panY: number;
}

export const FIT: Zoom = { scale: 1, panX: 0, panY: 0 };

export const add = (a: Vec3, b: Vec3, s = 1): Vec3 => [a[0] + s * b[0], a[1] + s * b[1], a[2] + s * b[2]];
export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const length = (a: Vec3): number => Math.sqrt(dot(a, a));

/** Inverse of the matrix with columns a, b, c, as rows. Columns must be independent. */
export function inverseRows(a: Vec3, b: Vec3, c: Vec3): readonly [Vec3, Vec3, Vec3] {
  const cross = (u: Vec3, v: Vec3): Vec3 => [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const bc = cross(b, c);
  const det = dot(a, bc);
  const scaled = (u: Vec3): Vec3 => [u[0] / det, u[1] / det, u[2] / det];
  return [scaled(bc), scaled(cross(c, a)), scaled(cross(a, b))];
}

export function applyAffine(m: Affine, p: Vec3): Vec3 {
  const row = (r: number): number => m[r * 4]! * p[0] + m[r * 4 + 1]! * p[1] + m[r * 4 + 2]! * p[2] + m[r * 4 + 3]!;
  return [row(0), row(1), row(2)];
}

export const affineColumn = (m: Affine, j: number): Vec3 => [m[j]!, m[4 + j]!, m[8 + j]!];

/** Inverse of a 4 x 4 affine as a function from millimetres to indices. */
export function affineInverse(m: Affine): (p: Vec3) => Vec3 {
  const rows = inverseRows(affineColumn(m, 0), affineColumn(m, 1), affineColumn(m, 2));
  const origin = affineColumn(m, 3);
  return (p) => {
    const d = add(p, origin, -1);
    return [dot(rows[0], d), dot(rows[1], d), dot(rows[2], d)];
  };
}

/** Geometry of another slice of the same plane. */
export function sliceAt(geometry: SliceGeometry, index: number): SliceGeometry {
  return { ...geometry, index, origin: add(geometry.origin, geometry.sliceStep, index - geometry.index) };
}

/** Column, row and slice index (fractional, slice in display order) of a point. */
export function toPixel(geometry: SliceGeometry, p: Vec3): Vec3 {
  const rows = inverseRows(geometry.colStep, geometry.rowStep, geometry.sliceStep);
  const d = add(p, geometry.origin, -1);
  return [dot(rows[0], d), dot(rows[1], d), geometry.index + dot(rows[2], d)];
}

/** Where a slice lies on a canvas. */
export interface Placement {
  geometry: SliceGeometry;
  /** CSS pixels per millimetre. */
  pxPerMm: number;
  /** Canvas setTransform arguments that take pixel corners (0..width, 0..height) to CSS pixels. */
  matrix: readonly [a: number, b: number, c: number, d: number, e: number, f: number];
  /** Projects along the slice step where the point lies off the slice. */
  toCanvas(p: Vec3): Point2;
  /** Pixel (column, row), centres at whole numbers, to CSS pixels. */
  pixelToCanvas(column: number, row: number): Point2;
  canvasToPixel(x: number, y: number): Point2;
  /** Point of the slice under a canvas position. */
  toWorld(x: number, y: number): Vec3;
}

/** Places a slice on a canvas of `width` x `height` CSS pixels with true pixel aspect. */
export function placeSlice(geometry: SliceGeometry, zoom: Zoom, width: number, height: number): Placement {
  const { colStep, rowStep, origin } = geometry;
  const col = length(colStep);
  const shear = dot(colStep, rowStep) / col;
  const row = Math.sqrt(Math.max(1e-12, dot(rowStep, rowStep) - shear * shear));
  const mmWide = geometry.width * col + Math.abs(geometry.height * shear);
  const mmHigh = geometry.height * row;
  const s = Math.min(width / mmWide, height / mmHigh) * zoom.scale;
  const [a, c, d] = [s * col, s * shear, s * row];
  // Centre of the slice at the canvas centre, moved by the pan.
  const e = width / 2 + s * zoom.panX - (a * geometry.width + c * geometry.height) / 2;
  const f = height / 2 + s * zoom.panY - (d * geometry.height) / 2;
  const rows = inverseRows(colStep, rowStep, geometry.sliceStep);
  const pixelToCanvas = (x: number, y: number): Point2 => [e + a * (x + 0.5) + c * (y + 0.5), f + d * (y + 0.5)];
  const canvasToPixel = (x: number, y: number): Point2 => {
    const v = (y - f) / d;
    return [(x - e - c * v) / a - 0.5, v - 0.5];
  };
  return {
    geometry,
    pxPerMm: s,
    matrix: [a, 0, c, d, e, f],
    pixelToCanvas,
    canvasToPixel,
    toCanvas: (p) => {
      const q = add(p, origin, -1);
      return pixelToCanvas(dot(rows[0], q), dot(rows[1], q));
    },
    toWorld: (x, y) => {
      const [u, v] = canvasToPixel(x, y);
      return add(add(origin, colStep, u), rowStep, v);
    },
  };
}

/** The zoom that keeps the picture under (x, y) in place while the scale is multiplied by `factor`, 0.2 <= scale <= 40. */
export function zoomAbout(zoom: Zoom, factor: number, x: number, y: number, width: number, height: number, fitPxPerMm: number): Zoom {
  const scale = Math.min(40, Math.max(0.2, zoom.scale * factor));
  const before = fitPxPerMm * zoom.scale;
  const after = fitPxPerMm * scale;
  const [dx, dy] = [x - width / 2, y - height / 2];
  return { scale, panX: zoom.panX + dx / after - dx / before, panY: zoom.panY + dy / after - dy / before };
}

/** A box by its corner and its three edge vectors, in millimetres. */
export interface Box {
  corner: Vec3;
  edges: readonly [Vec3, Vec3, Vec3];
}

/** The box of cell (i, j, k) of a grid whose affine gives cell centres. `size` > 1 spans several cells. */
export function gridBox(affine: Affine, at: Vec3, size: Vec3 = [1, 1, 1]): Box {
  const scaled = (j: number): Vec3 => {
    const c = affineColumn(affine, j);
    return [c[0] * size[j]!, c[1] * size[j]!, c[2] * size[j]!];
  };
  return {
    corner: applyAffine(affine, [at[0] - 0.5, at[1] - 0.5, at[2] - 0.5]),
    edges: [scaled(0), scaled(1), scaled(2)],
  };
}

/**
 * Cut of a box with the plane of a slice: a convex polygon of 3 to 6 points in millimetres, in order around it, or
 * undefined where they do not meet. A box that touches the plane with a face exactly is cut half a micrometre inside.
 */
export function boxPlanePolygon(box: Box, geometry: SliceGeometry): Vec3[] | undefined {
  const rows = inverseRows(geometry.colStep, geometry.rowStep, geometry.sliceStep);
  const tiny = 5e-7 / length(geometry.sliceStep);
  const corners: Vec3[] = [];
  const heights: number[] = [];
  for (let n = 0; n < 8; n++) {
    let p = box.corner;
    for (let b = 0; b < 3; b++) if ((n >> b) & 1) p = add(p, box.edges[b]!);
    corners.push(p);
    const h = dot(rows[2], add(p, geometry.origin, -1));
    heights.push(Math.abs(h) < tiny ? -tiny : h);
  }
  const points: Vec3[] = [];
  for (let n = 0; n < 8; n++) {
    for (let b = 0; b < 3; b++) {
      const m = n | (1 << b);
      if (m === n || heights[n]! < 0 === heights[m]! < 0) continue;
      const t = heights[n]! / (heights[n]! - heights[m]!);
      const d = add(corners[m]!, corners[n]!, -1);
      points.push(add(corners[n]!, d, t));
    }
  }
  if (points.length < 3) return undefined;
  const flat = points.map((p): Point2 => {
    const q = add(p, geometry.origin, -1);
    return [dot(rows[0], q), dot(rows[1], q)];
  });
  const cx = flat.reduce((sum, p) => sum + p[0], 0) / flat.length;
  const cy = flat.reduce((sum, p) => sum + p[1], 0) / flat.length;
  const order = flat.map((p, n) => ({ n, angle: Math.atan2(p[1] - cy, p[0] - cx) })).sort((p, q) => p.angle - q.angle);
  return order.map(({ n }) => points[n]!);
}
