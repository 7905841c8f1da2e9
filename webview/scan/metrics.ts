// Names and definitions of the metrics shown under a report that has a reference.

import type { Reading } from '../../src/protocol/reading.ts';
import { clueScores } from './clues.ts';

const TEXT: Record<string, { label: string; says: string }> = {
  bleu4: { label: 'BLEU-4', says: 'Geometric mean of the precision of 1- to 4-grams against the reference, with brevity penalty' },
  rougeL: { label: 'ROUGE-L', says: 'F-measure of the longest common subsequence of words' },
  meteor: { label: 'METEOR', says: 'Weighted harmonic mean of word precision and recall, with a penalty for broken order' },
};

export interface MetricRow {
  label: string;
  says: string;
  value: number;
}

/** Clue scores first, then the text metrics that the reading carries. */
export function metricRows(reference: NonNullable<Reading['reference']>): MetricRow[] {
  const scores = clueScores(reference.compared);
  const clues: MetricRow[] = scores
    ? [
        { label: 'Clue F1', says: 'Harmonic mean of precision and recall of clues, by mention, over this report', value: scores.f1 },
        { label: 'P', says: 'Share of the model\u2019s present clues that the reference supports', value: scores.precision },
        { label: 'R', says: 'Share of the reference\u2019s clues that the model states', value: scores.recall },
      ]
    : [];
  return [...clues, ...Object.entries(reference.metrics).map(([name, value]) => ({ label: TEXT[name]?.label ?? name, says: TEXT[name]?.says ?? '', value }))];
}
