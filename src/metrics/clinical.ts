// Clinical efficacy: precision, recall and F1 of label sets (findings of a report against those of the reference), micro
// and macro, with a percentile bootstrap over cases. In 0..1, higher is better. Macro is the mean F1 over labels that
// occur in a prediction or a reference; a label that nobody names has no F1.

export interface LabelCase {
  predicted: ReadonlySet<string>;
  reference: ReadonlySet<string>;
}

export interface LabelScore {
  precision: number;
  recall: number;
  f1: number;
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
}

export interface ClinicalScore {
  micro: LabelScore;
  macroF1: number;
  perLabel: Record<string, LabelScore>;
}

type Counts = [truePositives: number, falsePositives: number, falseNegatives: number];

/** F1 = 2 TP / (2 TP + FP + FN); 1 where nothing is to be found and nothing is named. Precision and recall alike. */
function score([tp, fp, fn]: Counts): LabelScore {
  const ratio = (a: number, b: number): number => (b === 0 ? 1 : a / b);
  return { precision: ratio(tp, tp + fp), recall: ratio(tp, tp + fn), f1: ratio(2 * tp, 2 * tp + fp + fn), truePositives: tp, falsePositives: fp, falseNegatives: fn };
}

function tally(cases: readonly LabelCase[]): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  const add = (label: string, at: 0 | 1 | 2): void => {
    let entry = counts.get(label);
    if (!entry) counts.set(label, (entry = [0, 0, 0]));
    entry[at]++;
  };
  for (const { predicted, reference } of cases) {
    for (const label of predicted) add(label, reference.has(label) ? 0 : 1);
    for (const label of reference) if (!predicted.has(label)) add(label, 2);
  }
  return counts;
}

/** Scores of cases with multi-label predictions. `group` merges labels before the per-label and macro scores, e.g. from
 *  "infarct|left" to "infarct"; micro stays over the labels themselves. */
export function clinicalScore(cases: readonly LabelCase[], group: (label: string) => string = (label) => label): ClinicalScore {
  const total: Counts = [0, 0, 0];
  const groups = new Map<string, Counts>();
  for (const [label, counts] of tally(cases)) {
    const name = group(label);
    let entry = groups.get(name);
    if (!entry) groups.set(name, (entry = [0, 0, 0]));
    for (const at of [0, 1, 2] as const) {
      total[at] += counts[at];
      entry[at] += counts[at];
    }
  }
  const perLabel: Record<string, LabelScore> = {};
  for (const name of [...groups.keys()].sort()) perLabel[name] = score(groups.get(name)!);
  const f1s = Object.values(perLabel).map((label) => label.f1);
  return { micro: score(total), macroF1: f1s.length > 0 ? f1s.reduce((a, b) => a + b, 0) / f1s.length : 1, perLabel };
}

/** Seeded generator of numbers in [0, 1) (mulberry32). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Percentile bootstrap interval of a statistic over cases, resampled with replacement. Same seed, same interval. */
export function bootstrapInterval<T>(
  cases: readonly T[],
  statistic: (sample: readonly T[]) => number,
  options: { resamples?: number; level?: number; seed?: number } = {},
): readonly [low: number, high: number] {
  const { resamples = 1000, level = 0.95, seed = 1 } = options;
  if (cases.length === 0) throw new RangeError('a bootstrap needs at least one case');
  const next = random(seed);
  const values: number[] = [];
  for (let r = 0; r < resamples; r++) {
    values.push(statistic(Array.from({ length: cases.length }, () => cases[Math.floor(next() * cases.length)]!)));
  }
  values.sort((a, b) => a - b);
  const at = (q: number): number => {
    const x = q * (values.length - 1);
    const low = values[Math.floor(x)]!;
    return low + (values[Math.ceil(x)]! - low) * (x - Math.floor(x));
  };
  return [at((1 - level) / 2), at((1 + level) / 2)];
}
