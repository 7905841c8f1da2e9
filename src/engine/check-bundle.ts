// `bundle check`: loads every part of a bundle and runs it once on zeros of the right shape, so that whoever exports a model
// learns at once which file or field does not fit. Stops at the first part that the later ones depend on.

import { bundleDigest, loadBundle } from '../bundle/manifest.ts';
import { BundleModel } from '../bundle/model.ts';
import { createDecoder } from '../bundle/generate.ts';
import { TokenGrid } from '../bundle/preprocess.ts';
import { reconstruct } from '../bundle/reconstruct.ts';
import { Scorer } from '../bundle/score.ts';
import { floats } from '../bundle/model.ts';
import type { Runtime } from '../onnx/runtime.ts';
import { errorInfo, RoomError } from '../protocol/error.ts';

interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

export async function checkBundle(path: string, runtime: Runtime): Promise<{ ok: boolean; checks: Check[] }> {
  const checks: Check[] = [];
  const step = async <T>(name: string, body: () => Promise<[T, string]> | [T, string]): Promise<T | undefined> => {
    try {
      const [value, detail] = await body();
      checks.push({ name, ok: true, detail });
      return value;
    } catch (thrown) {
      const { message, fix } = errorInfo(thrown);
      checks.push({ name, ok: false, detail: `${message.replace(/\.$/, '')}. ${fix}` });
      return undefined;
    }
  };
  const result = (): { ok: boolean; checks: Check[] } => ({ ok: checks.every((check) => check.ok), checks });

  const bundle = await step('manifest and files', () => {
    const loaded = loadBundle(path);
    return [loaded, `${loaded.manifest.title}, ${loaded.files.size} ONNX files, ${loaded.megabytes} MB`];
  });
  if (bundle === undefined) return result();
  const { manifest, decoder: shape, language } = bundle;
  const model = await step('tokenizer', async () => {
    const made = new BundleModel(bundle, runtime, await bundleDigest(bundle));
    const text = 'No acute intracranial haemorrhage. 12 mm.';
    const back = made.tokenizer.decode(made.encode(text), { skip_special_tokens: true, clean_up_tokenization_spaces: false });
    if (back.trim() !== text) throw new RoomError('invalid', `'${text}' comes back as '${back}'`, 'Export the tokenizer that the model was trained with.');
    return [made, `round trip of a sentence in ${made.encode(text).length} tokens`];
  });
  if (model === undefined) return result();
  try {
    const { dims, channels } = manifest.preprocess;
    const voxels = dims[0] * dims[1] * dims[2];
    const visual = await step('visual stages', async () => {
      const outputs = await model.runVisual({ dtype: 'float32', dims: [1, channels.length, dims[2], dims[1], dims[0]], data: new Float32Array(channels.length * voxels) });
      return [floats(outputs.at(-1)!.output, manifest.visual.tap), outputs.map(({ name, output }) => `${name} [${output.dims.join(', ')}]`).join(', ')];
    });
    if (visual === undefined) return result();
    const prompt = await step('prompt', async () => {
      const made = await model.embedPrompt(visual);
      return [made, `${made.length} rows, visual tokens from row ${made.visualStart}`];
    });
    if (prompt === undefined) return result();
    await step('language model', async () => {
      const decoder = createDecoder(await model.session(language.model), shape, language.layout, prompt.length + 2);
      const first = await decoder.step(prompt.embeds);
      if (first.length !== shape.vocabulary || !first.every(Number.isFinite)) throw new RoomError('invalid', 'The logits are not finite', 'Export the decoder again.');
      await decoder.step(await model.embed([shape.eos[0]!]));
      return [undefined, `layout '${language.layout}', ${shape.layers} layers, vocabulary ${shape.vocabulary}`];
    });
    const { scorer } = language;
    if (scorer !== undefined) {
      await step('scorer agrees with the decoder', async () => {
        const ids = model.encode('No acute haemorrhage.').slice(0, 4);
        const text = await model.embed(ids.slice(0, -1));
        const embeds = new Float32Array(prompt.embeds.length + text.length);
        embeds.set(prompt.embeds);
        embeds.set(text, prompt.embeds.length);
        const made = new Scorer(await model.session(scorer), { embeds, width: shape.hidden, visualStart: prompt.visualStart, visualCount: visual.length / shape.hidden, textStart: prompt.length, ids, vocabulary: shape.vocabulary });
        const { logProbs, attention } = await made.base();
        const worst = await largestDifference(model, prompt.embeds, ids, logProbs);
        if (!(worst < 1e-2)) throw new RoomError('invalid', `Log-probabilities differ by ${worst.toExponential(1)}`, 'Export decoder and scorer from the same weights.');
        return [undefined, `largest difference ${worst.toExponential(1)} nats, ${attention === undefined ? 'no attention output' : 'with attention'}`];
      });
    }
    const grid = new TokenGrid(manifest.visual.grid, dims, [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
    for (const probe of manifest.probes) {
      await step(`probe ${probe.name}`, async () => {
        const { probe: volume } = await reconstruct(model, probe, visual, new Float32Array(voxels), grid);
        return [undefined, `${volume.length} voxels from ${probe.range[0]} to ${probe.range[1]} HU`];
      });
    }
  } finally {
    await model.release();
  }
  return result();
}

async function largestDifference(model: BundleModel, prompt: Float32Array, ids: readonly number[], logProbs: Float32Array): Promise<number> {
  const { logSumExp } = await import('../bundle/generate.ts');
  const { decoder: shape, language } = model.bundle;
  const decoder = createDecoder(await model.session(language.model), shape, language.layout, prompt.length / shape.hidden + ids.length);
  let logits = await decoder.step(prompt);
  let worst = 0;
  for (const [t, id] of ids.entries()) {
    worst = Math.max(worst, Math.abs(logits[id]! - logSumExp(logits, 0, logits.length) - logProbs[t]!));
    if (t + 1 < ids.length) logits = await decoder.step(await model.embed([id]));
  }
  return worst;
}
