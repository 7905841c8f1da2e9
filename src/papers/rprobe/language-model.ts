// The language model of a bundle as trainable weights: shapes from its config.json, values of the first quarter of its
// layers from the decoder's ONNX file, by the Hugging Face names that such files carry.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILE } from '../../bundle/conventions.ts';
import type { CausalLmConfig } from '../../nn/config.ts';
import { decodeTensor, readModelFile } from '../../onnx/file.ts';
import { convertFloat } from '../../onnx/tensor.ts';
import type { Weights } from '../../onnx/training.ts';
import { RoomError } from '../../protocol/error.ts';
import { probeLayers } from './model.ts';

export function languageModel(home: string): { lm: CausalLmConfig; weights: Weights } {
  const path = join(home, FILE.config);
  const config = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const number = (name: string): number => {
    const value = config[name];
    if (typeof value !== 'number') throw new RoomError('invalid', `${path}: field '${name}' is not a number`, 'Use the config.json that was exported with the decoder.');
    return value;
  };
  if (config['model_type'] !== 'llama') throw new RoomError('unsupported', `${path}: R-Probe starts from 'llama' decoders, this is '${String(config['model_type'])}'`, 'Probe a bundle with a Llama-like decoder.');
  const lm: CausalLmConfig = {
    vocabSize: number('vocab_size'), hiddenSize: number('hidden_size'), intermediateSize: number('intermediate_size'), numLayers: number('num_hidden_layers'),
    numHeads: number('num_attention_heads'), numKeyValueHeads: number('num_key_value_heads'), maxPositions: number('max_position_embeddings'),
    ropeTheta: number('rope_theta'), rmsNormEps: number('rms_norm_eps'),
  };
  const { proto, folder } = readModelFile(join(home, FILE.decoder));
  const wanted = Array.from({ length: probeLayers(lm) }, (_, layer) => `model.layers.${layer}.`);
  const weights: Weights = new Map();
  for (const tensor of proto.graph?.initializer ?? []) {
    const name = tensor.name.replace(/_f16$/, '');
    if (!name.endsWith('.weight')) continue;
    if (name === 'model.norm.weight' || wanted.some((prefix) => name.startsWith(prefix))) weights.set(name, convertFloat(decodeTensor(tensor, folder), 'float32'));
  }
  if (weights.size === 0) throw new RoomError('unsupported', `${join(home, FILE.decoder)} holds no weights named model.layers.N`, 'Export the decoder with its parameter names kept.');
  return { lm, weights };
}
