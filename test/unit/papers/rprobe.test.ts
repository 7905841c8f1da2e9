import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRuntime } from '../../../src/engine/ort.ts';
import { tensorOf } from '../../../src/onnx/tensor.ts';
import { recipe as baseline } from '../../../src/papers/baseline/recipe.ts';
import { PhantomSet } from '../../../src/papers/phantom-set.ts';
import type { ProbeConfig } from '../../../src/papers/rprobe/config.ts';
import { languageModel } from '../../../src/papers/rprobe/language-model.ts';
import { footprints, recipe } from '../../../src/papers/rprobe/recipe.ts';
import type { BundleManifest } from '../../../src/protocol/bundle.ts';
import { random } from '../../../src/synth/random.ts';
import { runRecipe, temporaryFolders, tinyBaseline } from './tiny.ts';

describe('R-Probe, volume form', function () {
  this.timeout(240_000);
  const home = temporaryFolders();
  let data: string;
  let bundle: string;
  const config = (): ProbeConfig => ({
    recipe: 'r-probe', name: 'projector', bundle, tap: 'projector.out', seed: 5,
    data: { folder: data, firstSeed: 40, source: tinyBaseline(data).data.source, cases: 4, validation: { firstSeed: 90, cases: 2 } },
    range: [-40, 120], headWidth: 24, attention: 'causal', steps: 40, batch: 2, lr: 0.003, warmup: 1, cooldown: 10, saveEvery: 15, threads: 1,
  });

  before(async () => {
    data = home();
    const out = home();
    await runRecipe(baseline, tinyBaseline(data), out);
    bundle = join(out, 'bundle');
  });

  it('starts at the variance of the normalised target, learns, resumes exactly and joins the bundle', async () => {
    const [whole, parts] = [home(), home()];
    const straight = await runRecipe(recipe, config(), whole);
    // The batch of step 0, by the recipe's own draw, and its mean square around the normalisation's zero.
    const spec = tinyBaseline(data).data;
    const set = new PhantomSet(data, { firstSeed: 40, source: spec.source, preprocess: spec.preprocess });
    const r = random(5).fork(0);
    let sum = 0;
    for (let n = 0; n < 2; n++) for (const hu of set.get(r.int(0, 3)).hu) sum += ((Math.min(120, Math.max(-40, hu)) - 40) / 40) ** 2;
    const variance = sum / (2 * 32 * 32 * 16);
    const first = straight.rows.get(1)!['probe/loss']!;
    assert.ok(Math.abs(first - variance) < 1e-5 * variance, `${first} against ${variance}`);
    assert.ok(straight.rows.get(40)!['probe/loss']! < 0.8 * first);
    assert.equal((await runRecipe(recipe, config(), parts, { stopAt: 52 })).outcome.state, 'stopped');
    const resumed = await runRecipe(recipe, config(), parts, { resume: true });
    for (const [step, values] of resumed.rows) assert.equal(values['null/loss'], straight.rows.get(step)!['null/loss'], `step ${step}`);
    const manifest = JSON.parse(readFileSync(join(bundle, 'reading-room.json'), 'utf8')) as BundleManifest;
    assert.equal(manifest.probes.length, 1);
    const session = await (await createRuntime('cpu')).load({ path: join(bundle, manifest.probes[0]!.model) });
    const out = await session.run({ visual_tokens: tensorOf('float32', [1, 32, 32]) });
    assert.deepEqual(out['reconstruction']!.dims, [1, 16, 32, 32]);
  });

  it('takes the first quarter of the language model by name', () => {
    const { lm, weights } = languageModel(bundle);
    assert.equal(lm.numLayers, 2);
    const layers = new Set([...weights.keys()].map((name) => name.split('.').slice(0, 3).join('.')));
    assert.deepEqual([...layers].sort(), ['model.layers.0', 'model.norm.weight']);
    assert.equal(weights.get('model.layers.0.mlp.up_proj.weight')?.dims.join(), '64,32');
  });

  it('lays a volume out token by token as unpatchify reads it back', () => {
    const hu = Int16Array.from({ length: 64 }, (_, n) => n);
    const out = new Float32Array(64);
    footprints(hu, { grid: [2, 1, 2], footprint: [2, 4, 2] }, [-1000, 1000], out);
    // token 1 is (gi 1, gj 0, gk 0): its first voxel is i = 2 of row 0, its last i = 3 of row 3 of slice 1
    assert.equal(Math.round(out[16]! * 500), 2);
    assert.equal(Math.round(out[31]! * 500), 31);
    assert.equal(Math.round(out[32]! * 500), 32);
  });
});
