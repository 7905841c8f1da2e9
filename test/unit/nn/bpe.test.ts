import assert from 'node:assert/strict';
import { Tokenizer } from '@huggingface/tokenizers';
import { EOS_ID, trainBpe } from '../../../src/nn/bpe.ts';

const corpus = ['No skull fracture. No midline shift.', 'Acute haemorrhage, 38 mm, left frontal lobe.\nNo mass.'];

describe('byte-pair encoding', () => {
  it('round-trips any text through the Hugging Face loader', () => {
    const files = trainBpe(corpus, 300);
    const tokenizer = new Tokenizer(files['tokenizer.json'], files['tokenizer_config.json']);
    for (const text of [...corpus, 'µm – ünïcode\n 12.5', '高密度影']) {
      const { ids } = tokenizer.encode(text, { add_special_tokens: false });
      assert.equal(tokenizer.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false }), text);
    }
    assert.equal(tokenizer.token_to_id('</s>'), EOS_ID);
  });

  it('merges the most frequent pair first and is reproducible', () => {
    const files = trainBpe(['aab aab aab ab'], 262) as { 'tokenizer.json': { model?: { merges: string[] } } };
    // 'aab' and ' aab' x 2: pairs are (a b) 4, (a a) 3, (space a) 3.
    assert.equal(files['tokenizer.json'].model?.merges[0], 'a b');
    assert.deepEqual(trainBpe(corpus, 290), trainBpe(corpus, 290));
  });

  it('shortens the corpus', () => {
    const count = (size: number) => {
      const files = trainBpe(corpus, size);
      return new Tokenizer(files['tokenizer.json'], files['tokenizer_config.json']).encode(corpus.join('')).ids.length;
    };
    assert.ok(count(320) < 0.8 * count(260));
  });
});
