// Marks drawn over a slice: labels, heat with its outline, token grid, footprint of the selected token, crosshair,
// orientation letters and a scale bar. Everything is placed through the slice's Placement, so marks sit where the pixels
// are at any zoom and device pixel ratio. Outlines are traced once per slice image.

import type { SliceImage } from '../../../src/protocol/scan.ts';
import { HEAT, MARK, FIRE, cssColour, labelColour } from './colour.ts';
import { contours, labelContours, type Contours } from './contour.ts';
import { affineInverse, boxPlanePolygon, gridBox, type Box, type Placement } from './geometry.ts';
import type { Raster } from './raster.ts';
import type { Scene } from './scene.ts';

/** Outlines by slice image, in pixels of the slice; they are placed on the canvas as a whole. */
const heatPaths = new WeakMap<SliceImage, { level: number; path: Path2D }>();
const labelPaths = new WeakMap<SliceImage, { value: number; path: Path2D }[]>();

function pathOf(lines: Contours): Path2D {
  const path = new Path2D();
  for (const line of lines) {
    path.moveTo(line[0]!, line[1]!);
    for (let n = 2; n < line.length; n += 2) path.lineTo(line[n]!, line[n + 1]!);
    path.closePath();
  }
  return path;
}

function heatPath(image: SliceImage, width: number, height: number, level: number): Path2D {
  const known = heatPaths.get(image);
  if (known && known.level === level) return known.path;
  const path = pathOf(contours(image.data, width, height, level));
  heatPaths.set(image, { level, path });
  return path;
}

function pathsOfLabels(image: SliceImage, width: number, height: number): { value: number; path: Path2D }[] {
  let known = labelPaths.get(image);
  if (!known) {
    known = labelContours(image.data, width, height).map(({ value, lines }) => ({ value, path: pathOf(lines) }));
    labelPaths.set(image, known);
  }
  return known;
}

/** A path in pixel centres of the slice, moved to CSS pixels, so that line widths stay those of the screen. */
function placed(path: Path2D, place: Placement): Path2D {
  const out = new Path2D();
  out.addPath(path, new DOMMatrix([...place.matrix]).translateSelf(0.5, 0.5));
  return out;
}

/** Traces the cut of a box with the slice; false where they do not meet. */
function boxPath(context: CanvasRenderingContext2D, place: Placement, box: Box): boolean {
  const polygon = boxPlanePolygon(box, place.geometry);
  if (!polygon) return false;
  context.beginPath();
  polygon.forEach((p, n) => {
    const [x, y] = place.toCanvas(p);
    if (n === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  context.closePath();
  return true;
}

/** Lines where the faces between tokens meet the slice, clipped to the grid. */
function drawGrid(context: CanvasRenderingContext2D, place: Placement, grid: NonNullable<Scene['grid']>, width: number, height: number): void {
  context.save();
  if (boxPath(context, place, gridBox(grid.affine, [0, 0, 0], grid.size))) {
    context.clip();
    context.strokeStyle = MARK.grid;
    context.lineWidth = 1;
    const inverse = affineInverse(grid.affine);
    // Token coordinates are linear over the canvas: value at the origin and gradient per CSS pixel.
    const at = [place.toWorld(0, 0), place.toWorld(1, 0), place.toWorld(0, 1)].map(inverse);
    const reach = Math.hypot(width, height);
    context.beginPath();
    for (let axis = 0; axis < 3; axis++) {
      const t0 = at[0]![axis]!;
      const gx = at[1]![axis]! - t0;
      const gy = at[2]![axis]! - t0;
      const g2 = gx * gx + gy * gy;
      if (g2 < 1e-8) continue;
      for (let m = 0; m <= grid.size[axis]!; m++) {
        const d = (m - 0.5 - t0) / g2;
        const [x, y] = [gx * d, gy * d];
        const n = Math.sqrt(g2);
        // Slide along the line to the point nearest the canvas centre.
        const s = ((width / 2 - x) * -gy + (height / 2 - y) * gx) / n;
        const [cx, cy] = [x - (gy / n) * s, y + (gx / n) * s];
        context.moveTo(cx - (gy / n) * reach, cy + (gx / n) * reach);
        context.lineTo(cx + (gy / n) * reach, cy - (gx / n) * reach);
      }
    }
    context.stroke();
    context.strokeStyle = 'rgb(190 200 210 / 0.3)';
    boxPath(context, place, gridBox(grid.affine, [0, 0, 0], grid.size));
    context.stroke();
  }
  context.restore();
}

/** Longest of 1, 2, 5 x 10^n millimetres that fits into `limit` CSS pixels. */
export function scaleBarMm(pxPerMm: number, limit: number): number {
  const most = limit / pxPerMm;
  const power = 10 ** Math.floor(Math.log10(most));
  const lead = most / power;
  return (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * power;
}

/** Text that stays readable over bright pixels. */
function haloText(context: CanvasRenderingContext2D, text: string, x: number, y: number): void {
  context.strokeStyle = 'rgb(0 0 0 / 0.75)';
  context.lineWidth = 3;
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

function drawScaleBar(context: CanvasRenderingContext2D, place: Placement, width: number, height: number): void {
  const mm = scaleBarMm(place.pxPerMm, height * 0.3);
  const long = mm * place.pxPerMm;
  const [x, top] = [Math.round(width - 12) + 0.5, Math.round((height - long) / 2)];
  context.strokeStyle = MARK.scale;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, top + long);
  for (let n = 0; n <= 5; n++) {
    const y = Math.round(top + (long * n) / 5) + 0.5;
    context.moveTo(x, y);
    context.lineTo(x - (n % 5 === 0 ? 8 : 4), y);
  }
  context.stroke();
  context.fillStyle = MARK.dim;
  context.font = '10px system-ui, sans-serif';
  context.textAlign = 'right';
  context.textBaseline = 'bottom';
  haloText(context, mm >= 10 ? `${mm / 10} cm` : `${mm} mm`, x + 4, top - 4);
}

function drawColourScale(context: CanvasRenderingContext2D, scale: { low: string; high: string }, width: number): void {
  const [x, top, w, h] = [width - 22, 44, 10, 90];
  const gradient = context.createLinearGradient(0, top + h, 0, top);
  for (let n = 0; n <= 8; n++) gradient.addColorStop(n / 8, cssColour(FIRE, n / 8));
  context.fillStyle = gradient;
  context.fillRect(x, top, w, h);
  context.strokeStyle = MARK.dim;
  context.lineWidth = 1;
  context.strokeRect(x - 0.5, top - 0.5, w + 1, h + 1);
  context.fillStyle = MARK.text;
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  haloText(context, scale.high, x - 5, top + 5);
  haloText(context, scale.low, x - 5, top + h - 4);
}

/** Small panes leave the scale bar out: the large one beside them has it. */
const hasBar = (width: number, height: number): boolean => width >= 300 && height >= 200;

function drawLetters(context: CanvasRenderingContext2D, scene: Scene, width: number, height: number): void {
  const { left, right, top, bottom } = scene.geometry.edges;
  context.fillStyle = MARK.letter;
  context.font = '600 12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  haloText(context, top, width / 2, 13);
  haloText(context, bottom, width / 2, height - 12);
  haloText(context, left, 14, height / 2);
  haloText(context, right, width - (hasBar(width, height) && !scene.scale ? 34 : 14), height / 2);
}

function drawCross(context: CanvasRenderingContext2D, place: Placement, scene: Scene, width: number, height: number): void {
  if (!scene.point) return;
  const [px, py] = place.toCanvas(scene.point);
  const [x, y] = [Math.round(px - 0.5) + 0.5, Math.round(py - 0.5) + 0.5];
  const gap = 5;
  context.strokeStyle = MARK.cross;
  context.globalAlpha = 0.75;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(x - gap, y);
  context.moveTo(x + gap, y);
  context.lineTo(width, y);
  context.moveTo(x, 0);
  context.lineTo(x, y - gap);
  context.moveTo(x, y + gap);
  context.lineTo(x, height);
  context.stroke();
  context.globalAlpha = 1;
}

/** Draws all marks of a scene; `ratio` is device pixels per CSS pixel, sizes are CSS pixels. */
export function drawOverlay(context: CanvasRenderingContext2D, place: Placement, scene: Scene, heat: Raster, ratio: number, width: number, height: number): void {
  const geometry = scene.geometry;
  if (scene.heat && scene.heatFill) heat.draw(context, place, { image: scene.heat, palette: HEAT, low: 0, high: 1, smooth: true, ...(geometry.width >= 256 && { thin: 'half' }) }, ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.lineJoin = 'round';
  if (scene.labels) {
    for (const { value, path } of pathsOfLabels(scene.labels, geometry.width, geometry.height)) {
      const outline = placed(path, place);
      if (value === scene.label) {
        context.fillStyle = labelColour(value, 0.3);
        context.fill(outline, 'evenodd');
      }
      context.strokeStyle = labelColour(value, value === scene.label ? 1 : 0.7);
      context.lineWidth = value === scene.label ? 1.5 : 1;
      context.stroke(outline);
    }
  }
  if (scene.grid) drawGrid(context, place, scene.grid, width, height);
  if (scene.heat) {
    const outline = placed(heatPath(scene.heat, geometry.width, geometry.height, scene.heatLevel), place);
    context.strokeStyle = 'rgb(0 0 0 / 0.55)';
    context.lineWidth = 3;
    context.stroke(outline);
    context.strokeStyle = MARK.region;
    context.lineWidth = 1.5;
    context.stroke(outline);
  }
  drawCross(context, place, scene, width, height);
  if (scene.token && boxPath(context, place, scene.token)) {
    context.fillStyle = 'rgb(232 182 76 / 0.18)';
    context.fill();
    context.strokeStyle = MARK.token;
    context.lineWidth = 1.5;
    context.stroke();
  }
  drawLetters(context, scene, width, height);
  if (scene.scale) drawColourScale(context, scene.scale, width);
  else if (hasBar(width, height)) drawScaleBar(context, place, width, height);
  context.setTransform(1, 0, 0, 1, 0, 0);
}
