import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listRuns, readRows, RunWriter } from '../../../src/engine/runs.ts';
import { findingF1, outcomeOf } from '../../../src/engine/evaluate.ts';
import type { RoomError } from '../../../src/protocol/error.ts';
import type { RunStatus } from '../../../src/protocol/run.ts';

describe('run folders', () => {
  const home = mkdtempSync(join(tmpdir(), 'runs-'));
  const out = join(home, 'a');
  after(() => rmSync(home, { recursive: true, force: true }));

  it('keep config, rows and status, and end with the outcome', async () => {
    const seen: RunStatus[] = [];
    const writer = RunWriter.begin(out, 'baseline', { recipe: 'baseline', steps: 4 }, 4, { resume: false, onStatus: (status) => seen.push(status) });
    writer.log(1, { loss: 3 });
    writer.log(2, { loss: 2.5 });
    writer.end({ state: 'stopped', step: 2 });
    assert.deepEqual(readRows(join(out, 'log.jsonl')).map((row) => [row.step, row.values['loss']]), [[1, 3], [2, 2.5]]);
    const [run] = await listRuns([home]);
    assert.equal(run?.state, 'stopped');
    assert.equal(run?.path, out);
    assert.equal(seen.at(-1)?.state, 'stopped');
  });

  it('resume only with the same config, drop rows after the checkpoint and a row cut by a kill', () => {
    appendFileSync(join(out, 'log.jsonl'), '{"step":3,"seconds":9,"val');
    const options = { onStatus: () => undefined };
    assert.throws(() => RunWriter.begin(out, 'baseline', { recipe: 'baseline', steps: 4 }, 4, { resume: false, ...options }), (error: RoomError) => error.code === 'invalid' && error.fix.includes('--resume'));
    assert.throws(() => RunWriter.begin(out, 'baseline', { recipe: 'baseline', steps: 5 }, 5, { resume: true, ...options }), (error: RoomError) => error.message.includes('another config'));
    const writer = RunWriter.begin(out, 'baseline', { recipe: 'baseline', steps: 4 }, 4, { resume: true, ...options });
    writer.resumedAt(1);
    writer.log(2, { loss: 2.4 });
    writer.end({ state: 'done', step: 2 });
    const rows = readRows(join(out, 'log.jsonl'));
    assert.deepEqual(rows.map((row) => row.values['loss']), [3, 2.4]);
    assert.ok(rows[1]!.seconds >= rows[0]!.seconds);
    assert.equal((JSON.parse(readFileSync(join(out, 'status.json'), 'utf8')) as RunStatus).state, 'done');
  });

  it('start over where no checkpoint was found', () => {
    const writer = RunWriter.begin(out, 'baseline', { recipe: 'baseline', steps: 4 }, 4, { resume: true, onStatus: () => undefined });
    writer.log(1, { loss: 7 });
    assert.deepEqual(readRows(join(out, 'log.jsonl')).map((row) => row.values['loss']), [7]);
  });
});

describe('finding F1', () => {
  const row = (findings: { finding: string; side: string; volumeMl: number }[]) => ({ id: 'x', scan: '', report: '', findings });

  it('counts pairs of finding and side; bilateral is both; small ones are neither right nor wrong', () => {
    const outcome = outcomeOf(row([
      { finding: 'subdural-haemorrhage', side: 'bilateral', volumeMl: 30 },
      { finding: 'infarct', side: 'left', volumeMl: 3 },
      { finding: 'midline-shift', side: 'left', volumeMl: 0 },
    ]), 'Left subdural haemorrhage. Left infarct. Hydrocephalus.');
    assert.deepEqual(outcome.truth, ['midline-shift|left', 'subdural-haemorrhage|left', 'subdural-haemorrhage|right']);
    assert.deepEqual(outcome.ignored, ['infarct|left']);
    assert.deepEqual(outcome.predicted, ['hydrocephalus|none', 'infarct|left', 'subdural-haemorrhage|left']);
    const { micro, perFinding } = findingF1([outcome]);
    // 1 hit, 1 false (hydrocephalus), 2 missed: 2 / (2 + 1 + 2).
    assert.ok(Math.abs(micro - 2 / 5) < 1e-12);
    assert.equal(perFinding['subdural-haemorrhage']?.support, 2);
    assert.equal(perFinding['infarct'], undefined);
  });

  it('is 1 for a normal that is read as normal', () => {
    const outcome = outcomeOf(row([]), 'No acute intracranial haemorrhage. No midline shift.');
    assert.deepEqual([outcome.predicted, outcome.normal, findingF1([outcome]).micro], [[], true, 1]);
  });
});
