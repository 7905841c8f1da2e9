// Loads a bundle's folder: `reading-room.json` against its JSON Schema, the cross-references inside it, the Hugging Face
// files beside it, and every ONNX file's external data, before anything is given to ONNX Runtime. Errors name the file, the
// field and what was expected. The digest over manifest, configs and model files identifies the bundle in readings.

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import schema from '../../media/reading-room.schema.json' with { type: 'json' };
import type { BundleManifest, BundleSummary, Stage } from '../protocol/bundle.ts';
import { errorInfo, RoomError } from '../protocol/error.ts';
import { FILE, IMAGE_MARK } from './conventions.ts';
import { checkOnnxFile, insideFolder } from './onnx-files.ts';
import { checkSchema } from './schema.ts';

export interface DecoderShape {
  layers: number;
  /** Heads of keys and values. */
  heads: number;
  headDim: number;
  hidden: number;
  vocabulary: number;
  /** Positions that the model was made for, where the config says so. */
  positions?: number;
  /** Length of text that generation_config.json asks for, else 512. */
  maxNewTokens: number;
  eos: readonly number[];
}

export interface Bundle {
  /** Absolute folder. */
  path: string;
  manifest: BundleManifest;
  decoder: DecoderShape;
  /** Absolute paths of ONNX files by the relative path the manifest has. */
  files: ReadonlyMap<string, string>;
  megabytes: number;
  language: Extract<Stage, { kind: 'language-model' }>;
}

/** Loads and checks a bundle; throws RoomError. Reads the .onnx files, but not their external data. */
export function loadBundle(folder: string): Bundle {
  const path = resolve(folder);
  const file = join(path, FILE.manifest);
  const manifest = readJson(file, 'A bundle is a folder with reading-room.json in it.');
  checkSchema(schema, manifest, file);
  const checked = manifest as BundleManifest;
  const language = checkReferences(checked, file);
  const files = new Map<string, string>();
  let bytes = 0;
  for (const [field, name] of modelFiles(checked)) {
    if (files.has(name)) continue;
    const absolute = insideFolder(path, name, `${file}: field '${field}'`);
    bytes += checkOnnxFile(path, absolute).bytes;
    files.set(name, absolute);
  }
  for (const name of [FILE.tokenizer, FILE.tokenizerConfig]) {
    if (!existsSync(join(path, name))) throw new RoomError('not-found', `${join(path, name)} is missing`, 'Export the tokenizer in the Hugging Face format beside the models.');
    insideFolder(path, name, file);
  }
  return { path, manifest: checked, decoder: decoderShape(path), files, megabytes: Math.round(bytes / 1e5) / 10, language };
}

/** Summary for lists; a bundle that does not load keeps its place, with the problem. */
export function summarise(folder: string): BundleSummary {
  try {
    const { path, manifest, decoder, megabytes } = loadBundle(folder);
    const { name, title, task, description, limits, preprocess, visual } = manifest;
    return {
      path, name, title, task, description, limits, megabytes,
      stages: [
        { name: 'preprocess', kind: 'preprocess', detail: `${preprocess.dims.join(' x ')} voxels of ${preprocess.spacing.join(' x ')} mm, ${preprocess.channels.length} channel(s)` },
        ...manifest.stages.map((stage) => ({
          name: stage.name,
          kind: stage.kind,
          detail:
            stage.kind === 'language-model' ? `${decoder.layers} layers, width ${decoder.hidden}, ${decoder.vocabulary} words`
            : stage.name === visual.stage ? `${visual.grid.join(' x ')} visual tokens` : stage.model,
        })),
      ],
      probes: manifest.probes.map((probe) => ({ name: probe.name, tap: probe.tap, r2: probe.scores.r2 })),
    };
  } catch (thrown) {
    const { message, fix } = errorInfo(thrown);
    return { path: resolve(folder), name: '', title: '', task: '', description: '', limits: '', stages: [], probes: [], megabytes: 0, problem: { message, fix } };
  }
}

/** SHA-256 over manifest, configs, tokenizer and models with their data, in a fixed order. */
export async function bundleDigest(bundle: Bundle): Promise<string> {
  const files = new Set([FILE.manifest, FILE.config, FILE.generation, FILE.tokenizer, FILE.tokenizerConfig].map((name) => join(bundle.path, name)));
  for (const file of [...bundle.files.values()].sort()) {
    files.add(file);
    for (const data of checkOnnxFile(bundle.path, file).external.sort()) files.add(data);
  }
  const hash = createHash('sha256');
  for (const file of files) {
    if (!existsSync(file)) continue;
    hash.update(`${statSync(file).size}\n`);
    for await (const part of createReadStream(file)) hash.update(part as Buffer);
  }
  return hash.digest('hex');
}

/** Field and path of every ONNX file the manifest names. */
function modelFiles(manifest: BundleManifest): [field: string, path: string][] {
  const files: [string, string][] = [];
  manifest.stages.forEach((stage, n) => {
    files.push([`stages.${n}.model`, stage.model]);
    if (stage.kind !== 'language-model') return;
    files.push([`stages.${n}.embed`, stage.embed]);
    if (stage.scorer !== undefined) files.push([`stages.${n}.scorer`, stage.scorer]);
  });
  manifest.probes.forEach((probe, n) => files.push([`probes.${n}.model`, probe.model], [`probes.${n}.nullModel`, probe.nullModel]));
  return files;
}

function checkReferences(manifest: BundleManifest, file: string): Bundle['language'] {
  const wrong = (field: string, what: string): RoomError => new RoomError('invalid', `${file}: field '${field}' ${what}`, 'Mend the field; see the JSON Schema for what it means.');
  const names = manifest.stages.map((stage) => stage.name);
  const language = manifest.stages.at(-1);
  manifest.stages.forEach((stage, n) => {
    if (names.indexOf(stage.name) !== n) throw wrong(`stages.${n}.name`, `repeats '${stage.name}'`);
    if ((stage.kind === 'language-model') !== (n === names.length - 1)) throw wrong(`stages.${n}.kind`, 'is out of place: the last stage, and only it, is the language model');
  });
  if (language?.kind !== 'language-model') throw wrong('stages', 'has no language model at its end');
  if (manifest.visual.stage !== names.at(-2)) throw wrong('visual.stage', `must be '${names.at(-2)}', the stage before the language model`);
  const { dims, channels } = manifest.preprocess;
  const taps = new Set(manifest.taps.map((tap) => tap.name));
  manifest.taps.forEach((tap, n) => {
    if (!names.includes(tap.stage)) throw wrong(`taps.${n}.stage`, `names no stage; stages are ${names.join(', ')}`);
  });
  if (!taps.has(manifest.visual.tap)) throw wrong('visual.tap', `names no tap; taps are ${[...taps].join(', ')}`);
  manifest.probes.forEach((probe, n) => {
    if (dims[0] < 11 || dims[1] < 11) throw wrong('preprocess.dims', 'must be at least 11 x 11 in plane for a probe, whose SSIM has a window of that size');
    if (probe.tap !== manifest.visual.tap) throw wrong(`probes.${n}.tap`, `must be '${manifest.visual.tap}', the tap of the visual tokens`);
    if (!(probe.range[0] < probe.range[1])) throw wrong(`probes.${n}.range`, 'must rise');
  });
  for (const axis of [0, 1, 2] as const) {
    if (dims[axis] % manifest.visual.grid[axis] !== 0) throw wrong(`visual.grid.${axis}`, `must divide preprocess.dims.${axis} = ${dims[axis]}`);
  }
  channels.forEach((channel, n) => {
    if (!(channel.low < channel.high)) throw wrong(`preprocess.channels.${n}.high`, 'must be greater than low');
  });
  if (manifest.prompt.split(IMAGE_MARK).length !== 2) throw wrong('prompt', `must hold ${IMAGE_MARK} exactly once`);
  return language;
}

function decoderShape(folder: string): DecoderShape {
  const file = join(folder, FILE.config);
  const config = readJson(file, "Write the language model's config.json in the Hugging Face format.") as Record<string, unknown>;
  const text = isRecord(config['text_config']) ? config['text_config'] : config;
  const whole = (name: string, fallback?: number): number => {
    const value = text[name] ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
    throw new RoomError('invalid', `${file}: field '${name}' must be a positive whole number`, 'Take the value from the model that was exported.');
  };
  const hidden = whole('hidden_size');
  const attentionHeads = whole('num_attention_heads');
  const generation = existsSync(join(folder, FILE.generation)) ? (readJson(join(folder, FILE.generation), '') as Record<string, unknown>) : {};
  const eos = [generation['eos_token_id'] ?? text['eos_token_id']].flat().filter((id): id is number => typeof id === 'number' && Number.isInteger(id));
  if (eos.length === 0) throw new RoomError('invalid', `${file}: field 'eos_token_id' is missing`, 'Name the token that ends a text in generation_config.json.');
  const longest = generation['max_new_tokens'];
  return {
    layers: whole('num_hidden_layers'),
    heads: whole('num_key_value_heads', attentionHeads),
    headDim: whole('head_dim', Math.floor(hidden / attentionHeads)),
    hidden,
    vocabulary: whole('vocab_size'),
    ...(typeof text['max_position_embeddings'] === 'number' ? { positions: whole('max_position_embeddings') } : {}),
    eos,
    maxNewTokens: typeof longest === 'number' && Number.isInteger(longest) && longest > 0 ? longest : 512,
  };
}

export function readJson(file: string, fix: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new RoomError('not-found', `${file} is missing or cannot be read`, fix, { cause: thrown });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch (thrown) {
    throw new RoomError('format', `${file} is not JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`, 'Mend the syntax.', { cause: thrown });
  }
  throw new RoomError('format', `${file} must hold a JSON object`, 'See media/reading-room.schema.json.');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
