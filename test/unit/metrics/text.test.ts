// Text metrics against sacreBLEU, NLTK, ROUGE-1.5.5, coco-caption and jiwer: values of test/golden/metrics.json (made by
// metrics.py beside it) and of the shared data folder beside the repository, where it is present.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { bleuCounts, bleuFromCounts, corpusBleu, ngramPrecisions, sentenceBleu, tokenise13a } from '../../../src/metrics/bleu.ts';
import { cider } from '../../../src/metrics/cider.ts';
import { characterErrorRate, wordErrorRate } from '../../../src/metrics/edit.ts';
import { meteor } from '../../../src/metrics/meteor.ts';
import { words } from '../../../src/metrics/ngrams.ts';
import { porterStem } from '../../../src/metrics/porter.ts';
import { bestOf, rougeL, rougeLCoco, rougeN, tokeniseRouge } from '../../../src/metrics/rouge.ts';
import golden from '../../golden/metrics.json' with { type: 'json' };

function close(actual: number, expected: number, tolerance = 1e-9): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
}

describe('text metrics against NLTK and sacreBLEU', () => {
  it('stems as NLTK does', () => {
    for (const [word, stem] of Object.entries(golden.stems)) assert.equal(porterStem(word), stem, word);
  });
  it('METEOR without synonyms', () => {
    for (const pair of golden.pairs) close(meteor(words(pair.hyp), [words(pair.ref)]), pair.meteor);
  });
  it('sentence BLEU', () => {
    for (const pair of golden.pairs) {
      close(sentenceBleu(words(pair.hyp), [words(pair.ref)], 1, 'none'), pair.bleu1);
      // NLTK gives about 1e-154 instead of 0 when an order has no match.
      close(sentenceBleu(words(pair.hyp), [words(pair.ref)], 2, 'none'), pair.bleu2);
      close(100 * sentenceBleu(tokenise13a(pair.hyp), [tokenise13a(pair.ref)]), pair.sacre);
    }
  });
  it('corpus BLEU, and the 13a tokeniser', () => {
    const pairs = golden.pairs.map((p) => ({ hypothesis: tokenise13a(p.hyp), references: [tokenise13a(p.ref)] }));
    close(100 * corpusBleu(pairs), golden.sacreCorpus);
    close(100 * corpusBleu(pairs.slice(2, 5), 4, 'floor'), golden.sacreFloor);
    for (const [text, tokens] of golden.tok13a) assert.deepEqual(tokenise13a(text as string), tokens);
  });
});

const shared = resolve(import.meta.dirname, '../../../../shared/data/text/metrics');
const present = existsSync(shared);

describe('text metrics against published values', () => {
  before(function () {
    if (present) return;
    assert.ok(process.env['CI'] !== 'true', `${shared} is missing`);
    console.log(`    skipped: ${shared} is not here`);
    this.skip();
  });
  const load = <T>(name: string): T => JSON.parse(readFileSync(`${shared}/${name}.json`, 'utf8')) as T;

  it('sacreBLEU test cases', () => {
    interface Case { hyps: string[]; refs: string[][]; options?: { tokenize?: string }; score?: number; order?: number; score_2dp?: string }
    const data = load<{ corpus: Case[]; max_order: Case[]; sentence_effective_order: { hyp: string; ref: string; smooth: 'exp' | 'none' | 'floor'; score: number }[] }>('bleu_sacrebleu');
    const pairsOf = (c: Case, split: (t: string) => string[]) => c.hyps.map((h, i) => ({ hypothesis: split(h), references: c.refs.map((stream) => split(stream[i]!)) }));
    for (const c of data.corpus) close(100 * corpusBleu(pairsOf(c, c.options?.tokenize === 'none' ? words : tokenise13a)), c.score!, 1e-6);
    for (const c of data.max_order) assert.equal((100 * corpusBleu(pairsOf(c, tokenise13a), c.order)).toFixed(2), c.score_2dp);
    for (const c of data.sentence_effective_order) {
      const pair = [{ hypothesis: tokenise13a(c.hyp), references: [tokenise13a(c.ref)] }];
      close(100 * bleuFromCounts(bleuCounts(pair), c.smooth, true), c.score, 1e-3);
    }
  });

  it('NLTK doctest cases', () => {
    interface Case { hyp: string; refs: string[]; value: number; n?: number }
    const data = load<{ sentence_bleu4: Case[]; modified_precision: Case[]; meteor_nltk: Case[] }>('bleu_meteor_nltk');
    for (const c of data.sentence_bleu4) close(sentenceBleu(words(c.hyp), c.refs.map(words), 4, 'none'), c.value, 1e-4);
    for (const c of data.modified_precision) close(ngramPrecisions([{ hypothesis: words(c.hyp), references: c.refs.map(words) }], c.n)[c.n! - 1]!, c.value, 1e-8);
    for (const c of data.meteor_nltk) close(meteor(words(c.hyp), c.refs.map(words)), c.value, 5e-5);
  });

  it('ROUGE-1.5.5 values and multiple references', () => {
    const data = load<{ cases: { type: string; target: string; prediction: string; p: number; r: number; f: number }[] }>('rouge_rouge155');
    for (const c of data.cases) {
      const [h, r] = [tokeniseRouge(c.prediction), tokeniseRouge(c.target)];
      const got = c.type === 'rougeL' ? rougeL(h, r) : rougeN(h, r, c.type === 'rouge1' ? 1 : 2);
      close(got.precision, c.p, 1e-5);
      close(got.recall, c.r, 1e-5);
      close(got.f, c.f, 1e-5);
    }
    const many = load<{ rouge1_multi_ref: { preds: string[]; refs: string[][]; expected: { rouge1_each: number[] } } }>('huggingface_rouge_bleu').rouge1_multi_ref;
    many.preds.forEach((pred, i) => {
      close(bestOf(many.refs[i]!.map((ref) => rougeN(tokeniseRouge(pred), tokeniseRouge(ref), 1))).f, many.expected.rouge1_each[i]!);
    });
  });

  for (const name of ['report_pairs_cocoeval', 'cider_abstract50s']) {
    it(`coco-caption values: ${name}`, () => {
      interface Each { hyp_tokens: string; ref_tokens: string[]; ROUGE_L: number; CIDEr: number; Bleu_4: number }
      const data = load<{ corpus: Record<'Bleu_1' | 'Bleu_2' | 'Bleu_3' | 'Bleu_4' | 'ROUGE_L' | 'CIDEr', number>; each: Each[] }>(name);
      const pairs = data.each.map((e) => ({ hypothesis: words(e.hyp_tokens), references: e.ref_tokens.map(words) }));
      for (const n of [1, 2, 3, 4] as const) close(corpusBleu(pairs, n, 'coco'), data.corpus[`Bleu_${n}`], 1e-6);
      const scores = cider(pairs);
      close(scores.score, data.corpus.CIDEr, 1e-6);
      let rouge = 0;
      pairs.forEach((pair, i) => {
        close(scores.each[i]!, data.each[i]!.CIDEr, 1e-6);
        close(sentenceBleu(pair.hypothesis, pair.references, 4, 'coco'), data.each[i]!.Bleu_4, 1e-6);
        const l = rougeLCoco(pair.hypothesis, pair.references);
        close(l, data.each[i]!.ROUGE_L, 1e-6);
        rouge += l / pairs.length;
      });
      close(rouge, data.corpus.ROUGE_L, 1e-6);
    });
  }

  it('nlg-eval values', () => {
    const data = load<{ hyps: string[]; refs_per_hyp: string[][]; expected: Record<string, number> }>('caption_metrics_nlgeval');
    const pairs = data.hyps.map((hyp, i) => ({ hypothesis: words(hyp), references: data.refs_per_hyp[i]!.map(words) }));
    for (const n of [1, 2, 3, 4]) close(corpusBleu(pairs, n, 'coco'), data.expected[`Bleu_${n}`]!, 1e-5);
    close(cider(pairs).score, data.expected['CIDEr']!, 1e-5);
    close(pairs.reduce((sum, p) => sum + rougeLCoco(p.hypothesis, p.references), 0) / 2, data.expected['ROUGE_L']!, 1e-5);
  });

  it('CER and WER', () => {
    interface One { ref: string; hyp: string; v: number }
    interface Many { refs: string[]; hyps: string[]; v: number }
    const data = load<{ cer: One[]; wer: One[]; cer_corpus: Many[]; wer_corpus: Many[] }>('cer_wer');
    for (const c of data.cer) close(characterErrorRate([{ hypothesis: c.hyp, reference: c.ref }]), c.v);
    for (const c of data.wer) close(wordErrorRate([{ hypothesis: c.hyp, reference: c.ref }]), c.v);
    const pairs = (m: Many) => m.refs.map((reference, i) => ({ reference, hypothesis: m.hyps[i]! }));
    for (const c of data.cer_corpus) close(characterErrorRate(pairs(c)), c.v);
    for (const c of data.wer_corpus) close(wordErrorRate(pairs(c)), c.v);
  });
});

describe('CIDEr', () => {
  it('is the plain cosine without clipping and length penalty', () => {
    // Two one-reference cases; the idf of shared words is log(2/2) = 0, of own words log 2. For "a b b" against "a b",
    // unigrams point the same way (cosine 1), bigrams are {ab, bb} against {ab}: 1/sqrt 2, higher orders are empty.
    const pairs = [
      { hypothesis: ['a', 'b', 'b'], references: [['a', 'b']] },
      { hypothesis: ['a', 'c'], references: [['a', 'c']] },
    ];
    close(cider(pairs, 'cider').each[0]!, (10 / 4) * (1 + Math.SQRT1_2));
  });
});
