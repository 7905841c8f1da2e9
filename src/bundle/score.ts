// Scores a text that was generated already, with some visual tokens replaced by the mean visual token: how much less likely
// does each word become (occlusion, Zeiler and Fergus 2014, on tokens instead of pixels)? Several variants run as one batch
// through the bundle's whole-sequence scorer. The same graph gives the attention of each text token to each visual token.

import type { Session, Tensor } from '../onnx/runtime.ts';
import { TENSOR } from './conventions.ts';
import { logSumExp } from './generate.ts';
import { fetched, floats } from './model.ts';

export interface ScoredText {
  /** Prompt with visual tokens, then the text's tokens: [length, width]. */
  embeds: Float32Array;
  width: number;
  /** First row of the visual tokens, and how many there are. */
  visualStart: number;
  visualCount: number;
  /** Row of the first text token; the row before it predicts it. */
  textStart: number;
  ids: readonly number[];
  vocabulary: number;
}

/** Numbers that one batch of logits may hold: 16 M floats, 64 MB. */
const BATCH_FLOATS = 16_000_000;

export class Scorer {
  private readonly session: Session;
  private readonly text: ScoredText;
  private readonly mean: Float32Array;
  readonly batch: number;

  constructor(session: Session, text: ScoredText) {
    this.session = session;
    this.text = text;
    this.mean = meanToken(text);
    this.batch = Math.max(1, Math.min(8, Math.floor(BATCH_FLOATS / (this.rows * text.vocabulary))));
  }

  private get rows(): number {
    return this.text.embeds.length / this.text.width;
  }

  /** Log-probability of each text token [T] with nothing occluded, and its attention to the visual tokens [T, N]. */
  async base(): Promise<{ logProbs: Float32Array; attention: Float32Array | undefined }> {
    const hasAttention = this.session.outputs.includes(TENSOR.attention);
    const fetch = hasAttention ? [TENSOR.logits, TENSOR.attention] : [TENSOR.logits];
    const outputs = await this.session.run({ [TENSOR.embeds]: this.feed(this.text.embeds, 1) }, fetch);
    const logProbs = this.logProbs(floats(fetched(outputs, TENSOR.logits, 'The scorer'), TENSOR.logits), 0);
    return { logProbs, attention: hasAttention ? this.attention(floats(fetched(outputs, TENSOR.attention, 'The scorer'), TENSOR.attention)) : undefined };
  }

  /** Log-probabilities [T] of the text for each set of occluded visual tokens; at most `batch` sets. */
  async occluded(sets: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const { embeds, width, visualStart } = this.text;
    const all = new Float32Array(sets.length * embeds.length);
    sets.forEach((tokens, n) => {
      const base = n * embeds.length;
      all.set(embeds, base);
      for (const token of tokens) all.set(this.mean, base + (visualStart + token) * width);
    });
    const outputs = await this.session.run({ [TENSOR.embeds]: this.feed(all, sets.length) }, [TENSOR.logits]);
    const logits = floats(fetched(outputs, TENSOR.logits, 'The scorer'), TENSOR.logits);
    return sets.map((_, n) => this.logProbs(logits, n));
  }

  private feed(data: Float32Array, count: number): Tensor {
    return { dtype: 'float32', dims: [count, this.rows, this.text.width], data };
  }

  private logProbs(logits: Float32Array, variant: number): Float32Array {
    const { textStart, ids, vocabulary } = this.text;
    return Float32Array.from(ids, (id, t) => {
      const row = (variant * this.rows + textStart + t - 1) * vocabulary;
      return logits[row + id]! - logSumExp(logits, row, vocabulary);
    });
  }

  /** Rows of [T, T] attention that predict text tokens, columns of visual tokens. */
  private attention(full: Float32Array): Float32Array {
    const { textStart, ids, visualStart, visualCount } = this.text;
    const out = new Float32Array(ids.length * visualCount);
    ids.forEach((_, t) => {
      const row = (textStart + t - 1) * this.rows + visualStart;
      out.set(full.subarray(row, row + visualCount), t * visualCount);
    });
    return out;
  }
}

function meanToken({ embeds, width, visualStart, visualCount }: ScoredText): Float32Array {
  const mean = new Float32Array(width);
  for (let d = 0; d < width; d++) {
    let sum = 0;
    for (let n = 0; n < visualCount; n++) sum += embeds[(visualStart + n) * width + d]!;
    mean[d] = sum / visualCount;
  }
  return mean;
}
