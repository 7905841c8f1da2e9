import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createRuntime } from '../../../src/engine/ort.ts';
import type { Tensor } from '../../../src/onnx/runtime.ts';
import { tensorOf } from '../../../src/onnx/tensor.ts';
import { recipe } from '../../../src/papers/baseline/recipe.ts';
import { headTargets, mirroredFindings, PATCH_LABELS, patchTargets, reverseRows } from '../../../src/papers/baseline/targets.ts';
import { encodeReport, loadTokenizer } from '../../../src/papers/baseline/text.ts';
import { trainBpe } from '../../../src/nn/bpe.ts';
import { FINDINGS } from '../../../src/protocol/clue.ts';
import { runRecipe, temporaryFolders, tinyBaseline } from './tiny.ts';

describe('baseline recipe', function () {
  this.timeout(240_000);
  const home = temporaryFolders();

  it('stops anywhere, resumes to the same curve and writes a bundle whose stages fit together', async () => {
    const data = home();
    const [whole, parts] = [home(), home()];
    const straight = await runRecipe(recipe, tinyBaseline(data), whole);
    assert.equal(straight.outcome.state, 'done');
    const first = await runRecipe(recipe, tinyBaseline(data), parts, { stopAt: 4 });
    assert.equal(first.outcome.state, 'stopped');
    const second = await runRecipe(recipe, tinyBaseline(data), parts, { resume: true });
    for (const [step, values] of straight.rows) {
      const other = second.rows.get(step) ?? first.rows.get(step);
      assert.equal(other?.['loss'], values['loss'], `loss at step ${step}`);
    }
    const bundle = join(whole, 'bundle');
    for (const file of ['reading-room.json', 'config.json', 'tokenizer.json', 'onnx']) assert.ok(readdirSync(bundle).includes(file), file);
    const runtime = await createRuntime('cpu');
    const run = async (file: string, feeds: Record<string, Tensor>) => (await runtime.load({ path: join(bundle, 'onnx', file) })).run(feeds);
    const { last_hidden_state } = await run('encoder.onnx', { pixel_values: tensorOf('float32', [1, 2, 16, 32, 32]) });
    assert.deepEqual(last_hidden_state!.dims, [1, 64, 24]);
    const { visual_tokens } = await run('projector.onnx', { last_hidden_state: last_hidden_state! });
    assert.deepEqual(visual_tokens!.dims, [1, 32, 32]);
    // The scorer and the decoder are the same model: equal last logits.
    const scored = await run('scorer.onnx', { inputs_embeds: visual_tokens! });
    assert.deepEqual(scored['attention']!.dims, [1, 32, 32]);
    const empty = Object.fromEntries([0, 1].flatMap((n) => ['key', 'value'].map((kind) => [`past_key_values.${n}.${kind}`, tensorOf('float32', [2, 1, 16])])));
    const decoded = await run('decoder.onnx', { inputs_embeds: visual_tokens!, position_ids: tensorOf('int64', [1, 32], Array.from({ length: 32 }, (_, n) => n)), ...empty });
    const [a, b] = [decoded['logits']!.data as Float32Array, (scored['logits']!.data as Float32Array).subarray(31 * 400)];
    a.forEach((value, n) => assert.ok(Math.abs(value - b[n]!) < 1e-4, `${value} against ${b[n]}`));
    const rows = scored['attention']!.data as Float32Array;
    for (let t = 0; t < 32; t++) assert.ok(Math.abs(rows.subarray(32 * t, 32 * t + 32).reduce((x, y) => x + y) - 1) < 1e-5);
  });

  it('says what each patch holds: anatomy by share, lesions from 1.5 % on', () => {
    const labels = new Uint8Array(8 * 8 * 4);
    labels.fill(5, 0, 32); // white matter: half of slice 0
    labels[8 * 8 * 3] = 65; // one voxel of subdural blood
    const out = patchTargets(labels, [8, 8, 4], [8, 8, 4]);
    assert.equal(out[PATCH_LABELS.indexOf(5)], Math.fround(32 / 256));
    assert.ok(Math.abs(out[PATCH_LABELS.indexOf(65)]! - 1 / 3.84) < 1e-6);
    assert.equal(out.reduce((a, b) => a + (b > 0 ? 1 : 0), 0), 2);
  });

  it('mirrors voxels and sides together', () => {
    const finding = { finding: 'infarct', side: 'left', place: 'left middle cerebral artery territory', volumeMl: 9, sizeMm: [1, 1, 1], meanHu: 20, level: 1, label: 70 } as const;
    assert.deepEqual([...reverseRows(new Int16Array([1, 2, 3, 4]), 2)], [2, 1, 4, 3]);
    const seen = mirroredFindings([{ ...finding, sizeMm: [1, 1, 1] }]);
    assert.equal(seen[0]!.side, 'right');
    assert.equal(seen[0]!.place, 'right middle cerebral artery territory');
    assert.equal(headTargets(seen)[FINDINGS.indexOf('infarct') * 3 + 1], 1);
  });

  it('weighs sentences that state a finding and marks where the text ends', () => {
    const text = 'Convexity: No mass. Acute infarct in the left frontal lobe.\n';
    const tokenizer = loadTokenizer(trainBpe([text], 300));
    const row = encodeReport(tokenizer, text, 80);
    const from = row.ids.indexOf(2) < 0 ? [...row.labels].indexOf(2) : -1;
    assert.ok(from > 0, 'labels end with </s>');
    const weightOf = (word: string) => {
      const before = tokenizer.encode(text.slice(0, text.indexOf(word)), { add_special_tokens: false }).ids.length;
      return row.weights[before + 1];
    };
    assert.equal(weightOf('mass'), 1);
    assert.equal(weightOf('infarct'), 3);
    assert.equal(encodeReport(tokenizer, text, 10).cut, true);
  });
});
