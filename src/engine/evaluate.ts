// Evaluates a bundle on cases with known findings: each scan is read to text, the text's findings are compared with the
// truth as pairs of finding and side. The rule of counting:
// * Truth: the case's `findings`; 'bilateral' counts as left and right, 'midline' and 'none' as no side.
// * Prediction: `findingSet` of the generated text: present, in the vocabulary, not historical.
// * A finding whose volume applies (volumeMl > 0, and no fracture: a gap in bone) and is under 5 ml is left out of the truth, and a prediction of that same
//   pair is neither right nor wrong.
// * micro F1 is over all pairs of all cases; perFinding is over the pairs of one finding; macro is the mean F1 of the findings
//   that occur in a truth or a prediction.
// * A normal is a case without findings; it has a false finding when its text yields any pair.

import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { BundleModel } from '../bundle/model.ts';
import { corpusMetrics } from '../bundle/text-metrics.ts';
import { writeText as modelText } from '../bundle/write-text.ts';
import { clinicalScore } from '../metrics/clinical.ts';
import type { EvalRequest, EvalResult } from '../protocol/engine.ts';
import { errorInfo, RoomError } from '../protocol/error.ts';
import { findingSet } from '../report/compare.ts';
import { extractClues } from '../report/extract.ts';
import { openScan } from '../scan/open.ts';
import { writeText } from './files.ts';
import type { JobContext } from './jobs.ts';
import { RunWriter } from './runs.ts';

export interface EvalCase {
  id: string;
  scan: string;
  report: string;
  findings: { finding: string; side: string; volumeMl: number }[];
}

export interface CaseOutcome {
  id: string;
  truth: string[];
  ignored: string[];
  predicted: string[];
  normal: boolean;
}

const LEAST_ML = 5;

export async function evaluate(job: JobContext, model: BundleModel, request: EvalRequest): Promise<EvalResult> {
  const cases = readCases(request.cases).slice(0, request.limit);
  const config = { cases: resolve(request.cases), bundle: model.bundle.path, sha256: model.digest, device: model.runtime.device, limit: request.limit ?? null };
  const writer = RunWriter.begin(resolve(request.out), 'evaluation', config, cases.length, { resume: false, onStatus: (status) => job.emit({ type: 'run', job: job.id, status }) });
  const base = dirname(resolve(request.cases));
  try {
    const outcomes: CaseOutcome[] = [];
    const texts: { text: string; reference: string }[] = [];
    const lines: string[] = [];
    for (const [n, row] of cases.entries()) {
      await job.breathe();
      const text = await textOf(model, join(base, row.scan), job);
      const outcome = outcomeOf(row, text);
      outcomes.push(outcome);
      texts.push({ text, reference: row.report });
      lines.push(`${JSON.stringify({ ...outcome, text })}\n`);
      const { micro } = findingF1(outcomes);
      writer.log(n + 1, { 'findingF1/micro': micro });
      writer.update({ headline: { name: 'findingF1', value: micro } });
    }
    const normals = outcomes.filter((outcome) => outcome.normal);
    const result: EvalResult = {
      cases: outcomes.length,
      findingF1: findingF1(outcomes),
      normals: normals.length,
      normalsWithFalseFindings: normals.filter((outcome) => outcome.predicted.length > 0).length,
      metrics: corpusMetrics(texts),
    };
    writeText(join(writer.outDir, 'predictions.jsonl'), lines.join(''));
    writeText(join(writer.outDir, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
    writer.end({ state: 'done', message: `${result.cases} cases, finding F1 ${result.findingF1.micro.toFixed(3)}` });
    return result;
  } catch (thrown) {
    const { code, message } = errorInfo(thrown);
    writer.end({ state: code === 'cancelled' ? 'stopped' : 'failed', message });
    throw thrown;
  }
}

async function textOf(model: BundleModel, path: string, job: JobContext): Promise<string> {
  const scan = await openScan(path);
  try {
    const written = await modelText(model, await scan.volume(job.signal), model.bundle.decoder.maxNewTokens, { progress: () => undefined, token: () => undefined, breathe: job.breathe });
    return written.text;
  } finally {
    await scan.close();
  }
}

export function outcomeOf(row: EvalCase, text: string): CaseOutcome {
  const truth = new Set<string>();
  const ignored = new Set<string>();
  for (const { finding, side, volumeMl } of row.findings) {
    for (const pair of pairs(finding, side)) (volumeMl > 0 && volumeMl < LEAST_ML && finding !== 'skull-fracture' ? ignored : truth).add(pair);
  }
  for (const pair of truth) ignored.delete(pair);
  const predicted = new Set([...findingSet(extractClues(text, 'model'))].flatMap((pair) => pairs(...(pair.split('|') as [string, string]))));
  return { id: row.id, truth: [...truth].sort(), ignored: [...ignored].sort(), predicted: [...predicted].sort(), normal: row.findings.length === 0 };
}

function pairs(finding: string, side: string): string[] {
  if (side === 'bilateral') return [`${finding}|left`, `${finding}|right`];
  return [`${finding}|${side === 'left' || side === 'right' ? side : 'none'}`];
}

/** F1 over pairs, and per finding with its sides taken together. Pairs to ignore are taken out of the predictions. */
export function findingF1(outcomes: readonly CaseOutcome[]): EvalResult['findingF1'] {
  const cases = outcomes.map(({ truth, ignored, predicted }) => ({
    predicted: new Set(predicted.filter((pair) => !ignored.includes(pair))),
    reference: new Set(truth),
  }));
  const { micro, macroF1, perLabel } = clinicalScore(cases, (pair) => pair.split('|')[0]!);
  const perFinding: EvalResult['findingF1']['perFinding'] = {};
  for (const [name, { precision, recall, f1, truePositives, falseNegatives }] of Object.entries(perLabel)) {
    perFinding[name] = { precision, recall, f1, support: truePositives + falseNegatives };
  }
  return { micro: micro.f1, macro: macroF1, perFinding };
}

/** Reads cases.jsonl; throws with the line and field that is wrong. */
export function readCases(path: string): EvalCase[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new RoomError('not-found', `There is no file ${path}`, "Name a cases.jsonl, such as 'reading-room synth head' writes.", { cause: thrown });
  }
  const cases: EvalCase[] = [];
  text.split('\n').forEach((line, n) => {
    if (line.trim() === '') return;
    const wrong = (what: string): RoomError => new RoomError('format', `${path}, line ${n + 1}: ${what}`, 'Each line is {"id", "scan", "report", "findings": [{"finding", "side", "volumeMl"}]}.');
    let row: Record<string, unknown>;
    try {
      row = JSON.parse(line) as Record<string, unknown>;
    } catch (thrown) {
      throw wrong(`not JSON (${thrown instanceof Error ? thrown.message : String(thrown)})`);
    }
    const { id, scan, report, findings } = row;
    if (typeof id !== 'string' || typeof scan !== 'string' || typeof report !== 'string') throw wrong("fields 'id', 'scan' and 'report' must be text");
    if (!Array.isArray(findings)) throw wrong("field 'findings' must be a list");
    for (const finding of findings as Record<string, unknown>[]) {
      if (typeof finding['finding'] !== 'string' || typeof finding['side'] !== 'string' || typeof finding['volumeMl'] !== 'number') throw wrong("a finding must have 'finding', 'side' and 'volumeMl'");
    }
    cases.push({ id, scan, report, findings: findings as EvalCase['findings'] });
  });
  if (cases.length === 0) throw new RoomError('format', `${path} holds no cases`, 'Write at least one line.');
  return cases;
}
