// The report of a case in other words. Training sees each phantom many times; with new wording each time a language model
// learns what the findings are, not one report by heart.

import { random } from '../random.ts';
import { measureDetails, type HeadFinding } from './measure.ts';
import { planCase } from './plan.ts';
import { writeReport } from './report.ts';

/**
 * @param seed the case's seed
 * @param findings the case's findings as measured, or their mirror image
 * @param wording any non-negative integer; another wording for each
 */
export function rewordReport(seed: number, findings: readonly HeadFinding[], wording: number): string {
  const model = planCase(seed);
  const sections = writeReport({ ...model, seed: wording }, measureDetails(findings, model));
  return sections.map(({ theme, text }) => `${theme}: ${text}\n`).join('');
}

/**
 * A report of the plan of `seed` without rendering it: right in vocabulary and form, but its sizes are drawn, not measured.
 * For tokenizers, which need much text and no truth.
 */
export function plannedReport(seed: number): string {
  const model = planCase(seed);
  const r = random(seed).fork(9);
  const mm = () => r.int(3, 80);
  const findings = model.findings.map(({ detail, ...planned }) => ({ ...planned, volumeMl: mm(), sizeMm: [mm(), mm(), mm()] as [number, number, number], meanHu: 0, level: 0, label: 0, ...(detail === undefined ? {} : { detail }) }));
  return writeReport(model, findings).map(({ theme, text }) => `${theme}: ${text}\n`).join('');
}
