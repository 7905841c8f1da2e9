// Scans and slices as they cross borders. A slice is one 2D cut in display orientation (row 0 at the top of the screen,
// column 0 at its left, radiological convention), with the map from its pixels to patient millimetres (LPS).

export type Plane = 'axial' | 'coronal' | 'sagittal';
export type Vec3 = readonly [number, number, number];

/** 16 numbers, row-major; maps voxel (i, j, k) to patient millimetres, LPS. */
export type Affine = readonly number[];

export interface ScanInfo {
  /** Handle of this open scan in the engine. */
  scanId: string;
  path: string;
  format: string;
  dims: Vec3;
  spacing: Vec3;
  affine: Affine;
  axcodes: string;
  dtype: string;
  unit: 'HU' | 'unknown';
  /** Number of slices per plane, in display order. */
  slices: Record<Plane, number>;
  /** Stretch of the volume in LPS millimetres: [min, max] corners of its voxel centres. */
  bounds: readonly [Vec3, Vec3];
  warnings: string[];
  /** Non-identifying facts to show: modality, kernel, thickness, manufacturer ... */
  facts: Record<string, string>;
  /** Label map found beside the scan (`<name>-labels.nii.gz`), if any. */
  labels?: { path: string; names: Record<number, string> };
  /** Reference report found beside the scan (`<name>.txt`), if any. */
  reportPath?: string;
}

/** Geometry of a slice image: LPS = origin + col * colStep + row * rowStep (pixel centres). */
export interface SliceGeometry {
  plane: Plane;
  index: number;
  width: number;
  height: number;
  origin: Vec3;
  colStep: Vec3;
  rowStep: Vec3;
  /** Step to the next slice of this plane. */
  sliceStep: Vec3;
  /** Orientation letters at the left, right, top and bottom edge, e.g. R L A P. */
  edges: { left: string; right: string; top: string; bottom: string };
}

/** What can be drawn on the grid of a scan's slice. */
export type Layer =
  | { kind: 'scan' }
  /** Label values of the scan's label map. */
  | { kind: 'labels' }
  /** Probe, null baseline (HU) or absolute error (HU) of a saved reading. */
  | { kind: 'reconstruction'; readingId: string; variant: 'probe' | 'null' | 'error' }
  /** One channel of the exact input tensor, in the units the model received. */
  | { kind: 'input'; readingId: string; channel: number }
  /** Score of each visual token for one clue, normalised to 0..1 by the largest score. */
  | { kind: 'clue'; readingId: string; clueId: string; method: 'occlusion' | 'attention' };

export interface SliceRequest {
  scanId: string;
  plane: Plane;
  index: number;
  /** All layers wanted for this slice in one request, in order. */
  layers: Layer[];
}

export interface SliceImage {
  layer: Layer;
  /** height * width, row-major in display order. */
  data: Int16Array | Float32Array | Uint8Array;
  /** NaN (float) marks pixels outside the layer's extent. */
  min: number;
  max: number;
}

export interface SliceReply {
  geometry: SliceGeometry;
  images: SliceImage[];
}

export interface WindowPreset {
  name: string;
  key: string;
  width: number;
  level: number;
}
