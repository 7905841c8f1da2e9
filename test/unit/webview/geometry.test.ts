import assert from 'node:assert/strict';
import type { SliceGeometry, Vec3 } from '../../../src/protocol/scan.ts';
import { FIT, affineInverse, applyAffine, boxPlanePolygon, gridBox, placeSlice, sliceAt, toPixel, zoomAbout } from '../../../webview/shared/pane/geometry.ts';
import { scaleBarMm } from '../../../webview/shared/pane/overlay.ts';

const close = (a: readonly number[], b: readonly number[], tolerance = 1e-9): void => {
  assert.equal(a.length, b.length);
  a.forEach((v, n) => assert.ok(Math.abs(v - b[n]!) <= tolerance, `[${a.join(', ')}] is not [${b.join(', ')}]`));
};

const axial: SliceGeometry = {
  plane: 'axial', index: 3, width: 100, height: 50, origin: [-49.5, -49, 10], colStep: [1, 0, 0], rowStep: [0, 2, 0], sliceStep: [0, 0, 2.5],
  edges: { left: 'R', right: 'L', top: 'A', bottom: 'P' },
};
/** Rotated about x by 20 degrees, sheared as a tilted gantry shears it. */
const tilted: SliceGeometry = {
  ...axial, colStep: [0.5, 0, 0], rowStep: [0.1, 0.6 * Math.cos(0.35), 0.6 * Math.sin(0.35)], sliceStep: [0, -1, 3],
};

describe('slice geometry', () => {
  it('fits a slice of 100 x 100 mm with pixels of 1 x 2 mm into a square of 200 px at 2 px/mm', () => {
    const place = placeSlice(axial, FIT, 200, 200);
    assert.equal(place.pxPerMm, 2);
    close(place.toCanvas([-49.5, -49, 10]), [1, 2]);
    close(place.toCanvas([0, 0, 10]), [100, 100]);
    close(place.toWorld(100, 100), [0, 0, 10]);
  });

  it('takes points to the canvas and back within 1e-9 mm, also sheared, zoomed and panned', () => {
    for (const geometry of [axial, tilted]) {
      const place = placeSlice(geometry, { scale: 3.7, panX: 4, panY: -9 }, 311, 207);
      for (const [x, y] of [[0, 0], [311, 207], [17.3, 190.1]] as const) {
        const p = place.toWorld(x, y);
        close(place.toCanvas(p), [x, y], 1e-7);
        assert.ok(Math.abs(toPixel(geometry, p)[2] - geometry.index) < 1e-9, 'the point lies on the slice');
      }
    }
  });

  it('draws the pixel corner matrix where pixelToCanvas says', () => {
    const place = placeSlice(tilted, { scale: 2, panX: 1, panY: 2 }, 400, 300);
    const [a, b, c, d, e, f] = place.matrix;
    close([a * 7.5 + c * 3.5 + e, b * 7.5 + d * 3.5 + f], place.pixelToCanvas(7, 3));
  });

  it('keeps distances: one millimetre is pxPerMm pixels along rows and across a shear', () => {
    const place = placeSlice(tilted, FIT, 640, 480);
    const [x0, y0] = place.pixelToCanvas(0, 0);
    const [x1, y1] = place.pixelToCanvas(0, 10);
    const mm = 10 * Math.hypot(...tilted.rowStep);
    assert.ok(Math.abs(Math.hypot(x1 - x0, y1 - y0) - mm * place.pxPerMm) < 1e-9);
  });

  it('moves to another slice by the slice step and finds its index back', () => {
    const other = sliceAt(axial, 8);
    close(other.origin, [-49.5, -49, 22.5]);
    close(toPixel(axial, [0.5, 1, 22.5]), [50, 25, 8]);
  });

  it('zooms about the pointer: the point under it stays', () => {
    const before = placeSlice(axial, FIT, 200, 160);
    const p = before.toWorld(150, 40);
    const zoom = zoomAbout(FIT, 2.5, 150, 40, 200, 160, before.pxPerMm);
    close(placeSlice(axial, zoom, 200, 160).toCanvas(p), [150, 40], 1e-9);
    assert.equal(zoom.scale, 2.5);
    assert.equal(zoomAbout(FIT, 1e6, 0, 0, 200, 160, 1).scale, 40);
  });

  it('inverts an oblique affine', () => {
    const affine = [0.9, 0.1, 0, 5, -0.1, 0.8, 0.2, -7, 0.05, 0, 2.5, 11, 0, 0, 0, 1];
    close(affineInverse(affine)(applyAffine(affine, [3, -4, 9])), [3, -4, 9]);
  });
});

describe('cut of a box with a slice', () => {
  const cubeAt = (corner: Vec3, size: number) => ({ corner, edges: [[size, 0, 0], [0, size, 0], [0, 0, size]] as const });
  const plane = (normal: Vec3, through: Vec3): SliceGeometry => {
    const u: Vec3 = Math.abs(normal[0]) < 0.9 ? [0, normal[2], -normal[1]] : [normal[2], 0, -normal[0]];
    const v: Vec3 = [normal[1] * u[2] - normal[2] * u[1], normal[2] * u[0] - normal[0] * u[2], normal[0] * u[1] - normal[1] * u[0]];
    return { ...axial, origin: through, colStep: u, rowStep: v, sliceStep: normal };
  };
  const polygonArea = (points: readonly Vec3[]): number => {
    let sum: [number, number, number] = [0, 0, 0];
    for (let n = 0; n < points.length; n++) {
      const [p, q] = [points[n]!, points[(n + 1) % points.length]!];
      sum = [sum[0] + p[1] * q[2] - p[2] * q[1], sum[1] + p[2] * q[0] - p[0] * q[2], sum[2] + p[0] * q[1] - p[1] * q[0]];
    }
    return Math.hypot(...sum) / 2;
  };

  it('is a square of the same side for an aligned plane', () => {
    const cut = boxPlanePolygon(cubeAt([-2, -2, -2], 4), plane([0, 0, 1], [0, 0, 0.3]))!;
    assert.equal(cut.length, 4);
    assert.ok(Math.abs(polygonArea(cut) - 16) < 1e-9);
  });

  it('is the regular hexagon of area 3 sqrt(3)/4 s^2 for the plane across the diagonal', () => {
    const cut = boxPlanePolygon(cubeAt([-1, -1, -1], 2), plane([1, 1, 1], [0, 0, 0]))!;
    assert.equal(cut.length, 6);
    assert.ok(Math.abs(polygonArea(cut) - 3 * Math.sqrt(3)) < 1e-9);
  });

  it('is a triangle near a corner and nothing beyond it', () => {
    const cut = boxPlanePolygon(cubeAt([0, 0, 0], 2), plane([1, 1, 1], [0.3, 0.3, 0.3]))!;
    assert.equal(cut.length, 3);
    assert.equal(boxPlanePolygon(cubeAt([0, 0, 0], 2), plane([1, 1, 1], [-0.1, -0.1, -0.1])), undefined);
  });

  it('cuts every slice through exactly one of two touching cells', () => {
    const affine = [4, 0, 0, 2, 0, 4, 0, 2, 0, 0, 4, 2, 0, 0, 0, 1];
    const on = { ...axial, origin: [0, 0, 4] as Vec3 };
    const hits = [0, 1].filter((k) => boxPlanePolygon(gridBox(affine, [0, 0, k]), on));
    assert.equal(hits.length, 1);
  });
});

describe('scale bar', () => {
  it('is the longest of 1, 2, 5 x 10^n mm that fits', () => {
    assert.equal(scaleBarMm(2, 150), 50);
    assert.equal(scaleBarMm(0.5, 150), 200);
    assert.equal(scaleBarMm(30, 100), 2);
  });
});
