// Runs: one execution of a recipe or of an evaluation. A run is a folder with config.json, log.jsonl, status.json and
// checkpoints; these are the rows and states in it. Also the row that every bench prints.

export interface RunRow {
  step: number;
  /** Seconds since the run began, over all resumptions. */
  seconds: number;
  /** Metric name -> value, e.g. { 'loss': 2.1, 'lr': 1e-3 }. */
  values: Record<string, number>;
}

export interface RunStatus {
  name: string;
  recipe: string;
  state: 'running' | 'done' | 'stopped' | 'failed';
  step: number;
  steps: number;
  secondsLeft?: number;
  /** Last or best headline metric, e.g. { name: 'findingF1', value: 0.86 }. */
  headline?: { name: string; value: number };
  message?: string;
}

export interface RunSummary extends RunStatus {
  path: string;
  modified: string;
}

export interface BenchRow {
  name: string;
  value: number;
  unit: string;
  reference: string;
  referenceValue: number;
  /** value / referenceValue. */
  ratio: number;
}
