// What a slice pane is asked to show. The pane draws a scene and reports gestures; it knows nothing of readings or hosts.

import type { Affine, SliceGeometry, SliceImage, Vec3 } from '../../../src/protocol/scan.ts';
import type { RasterLayer } from './raster.ts';
import type { Box, Zoom } from './geometry.ts';

export interface CornerLine {
  text: string;
  tone?: 'dim' | 'token' | 'region';
}

export interface Scene {
  geometry: SliceGeometry;
  base: RasterLayer;
  /** Label values on the same grid, drawn as outlines. */
  labels?: SliceImage;
  /** The label under the crosshair: its area is tinted. */
  label?: number;
  /** 0..1 on the same grid; drawn as heat with an outline at `heatLevel`. */
  heat?: SliceImage;
  heatLevel: number;
  /** Whether heat is drawn as colour too, or as its outline alone. */
  heatFill: boolean;
  zoom: Zoom;
  /** Crosshair. */
  point?: Vec3;
  /** Grid of visual tokens to draw as lines. */
  grid?: { affine: Affine; size: Vec3 };
  /** Footprint of the selected token. */
  token?: Box;
  corners: { tl: CornerLine[]; tr: CornerLine[]; bl: CornerLine[]; br: CornerLine[] };
  /** Shown after the pixels per millimetre in the lower left corner, e.g. the convention. */
  scaleNote?: string;
  /** Colour scale at the right edge, with its end values. */
  scale?: { low: string; high: string };
  /** Read aloud in place of the picture. */
  spoken: string;
}

/** What a person did in a pane. Positions are points of the shown slice in LPS millimetres. */
export interface PaneGestures {
  step(slices: number): void;
  edge(which: 'first' | 'last'): void;
  /** Crosshair to a point; `settled` once the button is up. */
  pick(point: Vec3, settled: boolean): void;
  hover(point: Vec3 | undefined): void;
  /** Drag in CSS pixels: right widens the window, down raises its level. */
  window(dx: number, dy: number): void;
  zoom(zoom: Zoom): void;
  maximise(): void;
}
