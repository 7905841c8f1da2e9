// Turns a growing list of token ids into text piece by piece. Byte-level tokenizers may split one character over several
// tokens; such tokens give an empty piece until the character is whole. Only a short window of ids is decoded at each step,
// so the cost per token does not grow with the text.

import type { Tokenizer } from '@huggingface/tokenizers';

/** Ids before the new ones that are decoded along, so that decoders which strip a leading space see a middle of a text. */
const CONTEXT = 4;

export class TextStream {
  text = '';
  private readonly tokenizer: Tokenizer;
  private readonly ids: number[] = [];
  private done = 0;

  constructor(tokenizer: Tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** The text that `id` completes, '' for special tokens and parts of a character. White space at the very start is dropped. */
  push(id: number): string {
    this.ids.push(id);
    const from = Math.max(0, this.done - CONTEXT);
    const known = this.decode(this.ids.slice(from, this.done));
    const all = this.decode(this.ids.slice(from));
    if (all.endsWith('\ufffd') && this.ids.length - this.done < 4) return '';
    this.done = this.ids.length;
    let piece = all.slice(known.length);
    if (this.text === '') piece = piece.trimStart();
    this.text += piece;
    return piece;
  }

  private decode(ids: number[]): string {
    return ids.length === 0 ? '' : this.tokenizer.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
  }
}
