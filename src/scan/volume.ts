// What every reader yields: decoded voxels with geometry, and an open scan that can show a slice before the rest is decoded.
// Voxels are scaled values (Hounsfield units for CT), held as int16 where that is exact and as float32 otherwise. No
// patient data is kept here: `tags` holds acquisition facts only. Geometry is voxel (i, j, k) -> LPS millimetres.

import type { Affine } from './geometry.ts';
import type { Plane, SliceImage } from './slice.ts';

export type Voxels = Int16Array | Float32Array;

export type StoredType =
  | 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float32' | 'float64' | 'rgb24' | 'rgba32';

/** Bytes of one stored value (of one sample for rgb24 and rgba32: the whole voxel). */
export const storedBytes: Record<StoredType, number> = {
  int8: 1, uint8: 1, int16: 2, uint16: 2, int32: 4, uint32: 4, int64: 8, uint64: 8, float32: 4, float64: 8, rgb24: 3, rgba32: 4,
};

export type ScanFormat = 'nifti' | 'dicom';

/** Everything known about a scan before its voxels are decoded. */
export interface ScanInfo {
  format: ScanFormat;
  /** Voxel counts (i, j, k); i is fastest in memory. */
  dims: [number, number, number];
  /** Voxel (i, j, k) -> LPS millimetres, row-major 4 x 4. */
  affine: Affine;
  /** The array's shape as numpy users see it: (i, j, k), then frames where the file has more than one. */
  shape: number[];
  stored: StoredType;
  /** 'HU' for CT, '' where the file does not say. */
  unit: string;
  modality: string;
  /** Suggested by the file; the webview may prefer a preset. */
  window?: { width: number; level: number };
  /** MONOCHROME1: low values are shown bright. Values themselves are never inverted. */
  inverted: boolean;
  warnings: string[];
  /** Acquisition facts for display and for a reading's record; never names, dates or identifiers of a patient. */
  tags: Record<string, string | number>;
}

export interface Volume extends ScanInfo {
  data: Voxels;
}

/** Facts over all stored values of the file or series. */
export interface ScanSummary {
  min: number;
  max: number;
  mean: number;
  /** SHA-256 (hex) of the stored values, little-endian, file order (series: geometric order), in the stored type. */
  storedSha256: string;
}

export type Progress = (done: number, total: number) => void;

/** A scan that is open on disk. Slices come at once where the format allows; `volume` decodes everything and keeps it. */
export interface OpenScan {
  readonly info: ScanInfo;
  /** One display-oriented slice; `index` counts voxels along the plane's voxel axis (see slice.ts). */
  slice(plane: Plane, index: number, signal?: AbortSignal): Promise<SliceImage>;
  volume(signal?: AbortSignal, progress?: Progress): Promise<Volume>;
  summary(signal?: AbortSignal, progress?: Progress): Promise<ScanSummary>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Take the one file, without the other files of its series. */
  single?: boolean;
  /** SeriesInstanceUID to take from a folder; default: the series with most slices. */
  series?: string;
  /** Frame of a 4D file, from 0. */
  frame?: number;
}
