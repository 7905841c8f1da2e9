// A measured comparison, as `reading-room bench <name> --json` prints it.

export interface BenchRow {
  name: string;
  value: number;
  unit: string;
  /** What `referenceValue` measures, in the same run and unit. */
  reference: string;
  referenceValue: number;
  /** value / referenceValue. */
  ratio: number;
}
