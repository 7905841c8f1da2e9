// Trains a byte-level byte-pair encoding (Sennrich et al. 2016; the byte alphabet of GPT-2) and writes it as a Hugging Face
// `tokenizer.json`, which @huggingface/tokenizers and transformers load. Made for vocabularies of a few thousand pieces on
// a few megabytes of text: merges are counted over distinct words. Ties are broken by the pair's text, so that the same
// corpus gives the same file.

export interface TokenizerFiles {
  'tokenizer.json': object;
  'tokenizer_config.json': object;
}

export const SPECIAL_TOKENS = ['<pad>', '<s>', '</s>', '<image>'] as const;
export const PAD_ID = 0;
export const BOS_ID = 1;
export const EOS_ID = 2;

/** Words with their leading space, numbers digit by digit, punctuation, other white space. */
const WORD = / ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s+/gu;

/** Printable stand-ins for the 256 bytes: visible ASCII and Latin-1 as themselves, the others from U+0100 on. */
function byteAlphabet(): string[] {
  const letters: string[] = [];
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
    letters.push(String.fromCodePoint(visible ? byte : next++));
  }
  return letters;
}

/**
 * @param texts training corpus
 * @param size size of the vocabulary, specials and the 256 bytes included; fewer if the corpus has no more pairs
 */
export function trainBpe(texts: Iterable<string>, size: number): TokenizerFiles {
  const alphabet = byteAlphabet();
  const encoder = new TextEncoder();
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of text.matchAll(WORD)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].map(([word, count]) => ({
    count,
    pieces: Array.from(encoder.encode(word), (byte) => alphabet[byte] as string),
  }));
  const vocabulary = new Map<string, number>();
  for (const token of [...SPECIAL_TOKENS, ...alphabet]) vocabulary.set(token, vocabulary.size);
  const merges: string[] = [];
  while (vocabulary.size < size) {
    const best = mostFrequentPair(words);
    if (best === undefined) break;
    const [left, right] = best.split(' ') as [string, string];
    merges.push(best);
    if (!vocabulary.has(left + right)) vocabulary.set(left + right, vocabulary.size);
    for (const word of words) mergePair(word.pieces, left, right);
  }
  return {
    'tokenizer.json': {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: SPECIAL_TOKENS.map((content, id) => ({
        id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true,
      })),
      normalizer: null,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: WORD.source }, behavior: 'Isolated', invert: false },
          { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
        ],
      },
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      model: {
        type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null,
        fuse_unk: false, byte_fallback: false, ignore_merges: false,
        vocab: Object.fromEntries(vocabulary),
        merges,
      },
    },
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      pad_token: SPECIAL_TOKENS[PAD_ID],
      bos_token: SPECIAL_TOKENS[BOS_ID],
      eos_token: SPECIAL_TOKENS[EOS_ID],
      clean_up_tokenization_spaces: false,
      model_max_length: 1024,
    },
  };
}

function mostFrequentPair(words: { count: number; pieces: string[] }[]): string | undefined {
  const pairs = new Map<string, number>();
  for (const { count, pieces } of words) {
    for (let at = 1; at < pieces.length; at++) {
      const pair = `${pieces[at - 1]} ${pieces[at]}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + count);
    }
  }
  let best: string | undefined;
  let bestCount = 1;
  for (const [pair, count] of pairs) {
    if (count > bestCount || (count === bestCount && best !== undefined && pair < best)) {
      best = pair;
      bestCount = count;
    }
  }
  return best;
}

function mergePair(pieces: string[], left: string, right: string): void {
  for (let at = 0; at + 1 < pieces.length; at++) {
    if (pieces[at] === left && pieces[at + 1] === right) pieces.splice(at, 2, left + right);
  }
}
