// A reading in the making, folded from the reports of the host.

import type { ErrorInfo } from '../../src/protocol/error.ts';
import type { ReadProgress } from '../../src/protocol/view.ts';

/** A reading in the making, as far as it is known. */
export interface Making {
  /** `moved` once a second report came: before that a stage gives no measure of its own progress. */
  stages: { name: string; done: number; total: number; detail: string; moved: boolean }[];
  tokens: { text: string; logProb: number }[];
  state: 'running' | 'cancelling' | 'failed' | 'cancelled';
  error?: ErrorInfo;
}

const fresh = (): Making => ({ stages: [], tokens: [], state: 'running' });

/** The state after one more report; a report after the end of a reading begins the next one. */
export function advance(before: Making | undefined, progress: Exclude<ReadProgress, { phase: 'done' }>): Making {
  const now = before && (before.state === 'running' || before.state === 'cancelling') ? before : fresh();
  switch (progress.phase) {
    case 'stage': {
      const at = now.stages.findIndex((s) => s.name === progress.stage);
      const row = { name: progress.stage, done: progress.done, total: progress.total, detail: progress.detail ?? '', moved: at >= 0 };
      if (at >= 0) now.stages[at] = row;
      else now.stages.push(row);
      return now;
    }
    case 'token':
      now.tokens.push({ text: progress.text, logProb: progress.logProb });
      return now;
    case 'failed': return { ...now, state: 'failed', error: progress.error };
    case 'cancelled': return { ...now, state: 'cancelled' };
  }
}
