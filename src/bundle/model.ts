// A bundle with a runtime: its tokenizer and its ONNX sessions, each loaded when it is first needed and let go together.
// Also the small steps that every use of a bundle shares: run the visual stages, embed the prompt around the visual tokens.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import type { Runtime, Session, Tensor } from '../onnx/runtime.ts';
import { RoomError } from '../protocol/error.ts';
import { FILE, IMAGE_MARK, TENSOR } from './conventions.ts';
import type { Bundle } from './manifest.ts';

export interface StageResult {
  name: string;
  kind: 'encoder' | 'projector';
  ms: number;
  output: Tensor;
}

export class BundleModel {
  readonly bundle: Bundle;
  readonly runtime: Runtime;
  readonly digest: string;
  readonly tokenizer: Tokenizer;
  private readonly sessions = new Map<string, Promise<Session>>();

  /** `digest` identifies the bundle's files, see `bundleDigest`. */
  constructor(bundle: Bundle, runtime: Runtime, digest: string) {
    this.bundle = bundle;
    this.runtime = runtime;
    this.digest = digest;
    this.tokenizer = loadTokenizer(bundle.path);
  }

  /** Session of an ONNX file that the manifest names. */
  session(name: string): Promise<Session> {
    let session = this.sessions.get(name);
    if (session === undefined) {
      const path = this.bundle.files.get(name);
      if (path === undefined) throw new RoomError('internal', `${name} is not a file of bundle ${this.bundle.path}`, 'Report this fault.');
      session = this.runtime.load({ path });
      this.sessions.set(name, session);
      session.catch(() => this.sessions.delete(name));
    }
    return session;
  }

  async release(): Promise<void> {
    const held = [...this.sessions.values()];
    this.sessions.clear();
    for (const session of held) await (await session).release();
  }

  /** [1, C, D, H, W] -> outputs of encoder and projector, the last being the visual tokens [1, N, d]. */
  async runVisual(input: Tensor): Promise<StageResult[]> {
    const results: StageResult[] = [];
    let value = input;
    for (const stage of this.bundle.manifest.stages) {
      if (stage.kind === 'language-model') break;
      const session = await this.session(stage.model);
      const start = performance.now();
      const outputs = await session.run({ [stage.input]: value }, [stage.output]);
      value = fetched(outputs, stage.output, stage.model);
      results.push({ name: stage.name, kind: stage.kind, ms: performance.now() - start, output: value });
    }
    const { grid } = this.bundle.manifest.visual;
    const expected = [1, grid[0] * grid[1] * grid[2], this.bundle.decoder.hidden];
    if (value.dims.length !== 3 || expected.some((size, n) => value.dims[n] !== size)) {
      throw new RoomError('invalid', `${this.bundle.path}: the visual tokens are [${value.dims.join(', ')}], but grid and config say [${expected.join(', ')}]`, "Mend 'visual.grid' in reading-room.json or 'hidden_size' in config.json.");
    }
    return results;
  }

  /** Token ids -> [T, d], row-major. */
  async embed(ids: readonly number[]): Promise<Float32Array> {
    const { embed } = this.bundle.language;
    if (ids.length === 0) return new Float32Array(0);
    const session = await this.session(embed);
    const feed: Tensor = { dtype: 'int64', dims: [1, ids.length], data: BigInt64Array.from(ids, BigInt) };
    return floats(fetched(await session.run({ [TENSOR.ids]: feed }, [TENSOR.embeds]), TENSOR.embeds, embed), TENSOR.embeds);
  }

  /** Ids of a text as it stands: no special tokens are added, those written in it are recognised. */
  encode(text: string): number[] {
    return text === '' ? [] : this.tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  /** The prompt as embeddings [P, d] with the visual tokens in the mark's place, which begins at `visualStart`. */
  async embedPrompt(visual: Float32Array): Promise<{ embeds: Float32Array; length: number; visualStart: number }> {
    const width = this.bundle.decoder.hidden;
    const [before = '', after = ''] = this.bundle.manifest.prompt.split(IMAGE_MARK);
    const head = await this.embed(this.encode(before));
    const tail = await this.embed(this.encode(after));
    const embeds = new Float32Array(head.length + visual.length + tail.length);
    embeds.set(head);
    embeds.set(visual, head.length);
    embeds.set(tail, head.length + visual.length);
    return { embeds, length: embeds.length / width, visualStart: head.length / width };
  }
}

/** The named output, which the graph must have. */
export function fetched(outputs: Record<string, Tensor>, name: string, model: string): Tensor {
  const tensor = outputs[name];
  if (tensor === undefined) throw new RoomError('invalid', `${model} has no output '${name}'`, 'Mend the name in reading-room.json, or export the model again.');
  return tensor;
}

export function floats(tensor: Tensor, name: string): Float32Array {
  if (tensor.data instanceof Float32Array) return tensor.data;
  throw new RoomError('unsupported', `Tensor '${name}' is ${tensor.dtype}`, 'Export the model with float32 inputs and outputs; weights may be stored as float16.');
}

function loadTokenizer(folder: string): Tokenizer {
  const parse = (name: string): object => {
    const file = join(folder, name);
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as object;
    } catch (thrown) {
      throw new RoomError('format', `${file} cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`, 'Export the tokenizer again.', { cause: thrown });
    }
  };
  const [json, config] = [parse(FILE.tokenizer), parse(FILE.tokenizerConfig)];
  try {
    return new Tokenizer(json, config);
  } catch (thrown) {
    throw new RoomError('format', `${join(folder, FILE.tokenizer)} is not understood: ${thrown instanceof Error ? thrown.message : String(thrown)}`, 'Export the tokenizer in the Hugging Face fast format.', { cause: thrown });
  }
}
