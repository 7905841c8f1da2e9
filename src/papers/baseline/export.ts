// Writes a trained baseline as a bundle: the Hugging Face layout plus `reading-room.json`. Every stage is emitted by the
// functions that the training graph was made of. Weights are stored as float16; graphs compute in float32.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FILE, IMAGE_MARK, TENSOR } from '../../bundle/conventions.ts';
import { BOS_ID, EOS_ID, PAD_ID, SPECIAL_TOKENS, type TokenizerFiles } from '../../nn/bpe.ts';
import { appendDecoderGraph, embedGraph, scorerGraph } from '../../nn/decoder.ts';
import { huggingFaceConfig } from '../../nn/lm.ts';
import { writeModel } from '../../onnx/file.ts';
import { Graph } from '../../onnx/graph.ts';
import type { Weights } from '../../onnx/training.ts';
import type { BundleManifest } from '../../protocol/bundle.ts';
import type { Vec3 } from '../../protocol/scan.ts';
import type { BaselineConfig } from './config.ts';
import { encoder, patchCounts, projector, tokenCounts } from './model.ts';

export function exportBundle(folder: string, config: BaselineConfig, weights: Weights, tokenizer: TokenizerFiles, steps: number): void {
  const { model } = config;
  const write = (file: string, g: Graph) => {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeModel(path, g, { weights, storage: 'float16', metadata: { recipe: config.recipe, steps: String(steps) } });
  };
  const vision = new Graph({ name: 'encoder' });
  vision.output(TENSOR.hidden, encoder(vision, model, vision.input(TENSOR.pixels, 'float32', [1, model.channels, ...model.image])));
  write(FILE.encoder, vision);
  const projection = new Graph({ name: 'projector' });
  const patches = patchCounts(model).reduce((a, b) => a * b, 1);
  projection.output(TENSOR.visual, projector(projection, model, projection.input(TENSOR.hidden, 'float32', [1, patches, model.width])));
  write(FILE.projector, projection);
  write(FILE.embed, embedGraph(model.lm));
  write(FILE.decoder, appendDecoderGraph(model.lm, { lastOnly: true }));
  write(FILE.scorer, scorerGraph(model.lm));
  const json = (file: string, value: unknown) => writeFileSync(join(folder, file), `${JSON.stringify(value, null, 2)}\n`);
  json(FILE.config, huggingFaceConfig(model.lm, { bos: BOS_ID, eos: EOS_ID, pad: PAD_ID }));
  json(FILE.generation, { bos_token_id: BOS_ID, eos_token_id: EOS_ID, pad_token_id: PAD_ID, do_sample: false, max_new_tokens: config.textLength + 32 });
  json(FILE.tokenizer, tokenizer['tokenizer.json']);
  json(FILE.tokenizerConfig, tokenizer['tokenizer_config.json']);
  json(FILE.manifest, manifest(config));
}

function manifest(config: BaselineConfig): BundleManifest {
  const { model, preprocess } = config;
  return {
    schema: 1,
    name: config.name,
    title: config.title,
    task: 'ct-report',
    description: 'Reads a head CT volume into a report: 3D vision transformer, average pooling with MLP projector, causal language model.',
    limits: 'Trained on synthetic head phantoms alone. It cannot diagnose patients, and what it writes about a real scan is without value.',
    preprocess,
    stages: [
      { name: 'encoder', kind: 'encoder', model: FILE.encoder, input: TENSOR.pixels, output: TENSOR.hidden },
      { name: 'projector', kind: 'projector', model: FILE.projector, input: TENSOR.hidden, output: TENSOR.visual },
      { name: 'language model', kind: 'language-model', model: FILE.decoder, layout: 'append', embed: FILE.embed, scorer: FILE.scorer },
    ],
    taps: [
      { name: 'encoder.tokens', stage: 'encoder', output: TENSOR.hidden },
      { name: 'projector.out', stage: 'projector', output: TENSOR.visual },
    ],
    visual: { stage: 'projector', tap: 'projector.out', grid: [...tokenCounts(model)].reverse() as unknown as Vec3 },
    prompt: `${SPECIAL_TOKENS[BOS_ID]}${IMAGE_MARK}`,
    probes: [],
  };
}
