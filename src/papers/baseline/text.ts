// Reports as training sequences: token ids, the token that follows each position, and how much each counts. Words of a
// sentence that states a finding count more than normal statements, which are frequent, alike and learnt at once.

import { Tokenizer } from '@huggingface/tokenizers';
import { BOS_ID, EOS_ID, PAD_ID, type TokenizerFiles } from '../../nn/bpe.ts';
import { extractClues } from '../../report/extract.ts';

export interface TextRow {
  /** <s>, text, </s>, padding. */
  ids: Int32Array;
  /** Token after each position; -100 after the end. */
  labels: Int32Array;
  weights: Float32Array;
  /** Tokens of the text did not fit and were cut. */
  cut: boolean;
}

const FINDING_WEIGHT = 3;

export function loadTokenizer(files: TokenizerFiles): Tokenizer {
  return new Tokenizer(files['tokenizer.json'], files['tokenizer_config.json']);
}

export function encodeReport(tokenizer: Tokenizer, text: string, length: number): TextRow {
  const { ids: all, tokens } = tokenizer.encode(text, { add_special_tokens: false });
  const kept = all.slice(0, length - 1);
  const important = importance(text);
  const ids = new Int32Array(length).fill(PAD_ID);
  const labels = new Int32Array(length).fill(-100);
  const weights = new Float32Array(length);
  ids[0] = BOS_ID;
  // Byte-level tokens are one character per byte; reports are ASCII, so bytes are characters.
  let at = 0;
  kept.forEach((id, n) => {
    ids[n + 1] = id;
    labels[n] = id;
    const end = at + tokens[n]!.length;
    weights[n] = important.some(([from, to]) => at < to && end > from) ? FINDING_WEIGHT : 1;
    at = end;
  });
  const cut = kept.length < all.length;
  if (!cut) {
    labels[kept.length] = EOS_ID;
    weights[kept.length] = 1;
  }
  return { ids, labels, weights, cut };
}

function importance(text: string): (readonly [number, number])[] {
  return extractClues(text, 'reference').filter(({ polarity }) => polarity === 'present').map(({ sentence }) => sentence);
}
