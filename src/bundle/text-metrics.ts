// Text overlap of generated reports with their references, by the usual names. Tokens are those of mteval-v13a, lower-cased.

import { corpusBleu, sentenceBleu, tokenise13a } from '../metrics/bleu.ts';
import { cider } from '../metrics/cider.ts';
import { meteor } from '../metrics/meteor.ts';
import { rougeL } from '../metrics/rouge.ts';

/** BLEU-4, ROUGE-L (F) and METEOR of one report, 0..1. */
export function textMetrics(text: string, reference: string): Record<string, number> {
  const [hypothesis, truth] = [tokens(text), tokens(reference)];
  return { bleu4: sentenceBleu(hypothesis, [truth]), rougeL: rougeL(hypothesis, truth).f, meteor: meteor(hypothesis, [truth]) };
}

/** Corpus BLEU-4 and CIDEr-D, and means of ROUGE-L and METEOR; empty for no pairs. */
export function corpusMetrics(pairs: readonly { text: string; reference: string }[]): Record<string, number> {
  if (pairs.length === 0) return {};
  const tokenised = pairs.map(({ text, reference }) => ({ hypothesis: tokens(text), references: [tokens(reference)] }));
  const mean = (of: (pair: (typeof tokenised)[number]) => number): number => tokenised.reduce((sum, pair) => sum + of(pair), 0) / tokenised.length;
  return {
    bleu4: corpusBleu(tokenised),
    ciderD: cider(tokenised).score,
    rougeL: mean(({ hypothesis, references }) => rougeL(hypothesis, references[0]!).f),
    meteor: mean(({ hypothesis, references }) => meteor(hypothesis, references)),
  };
}

function tokens(text: string): string[] {
  return tokenise13a(text.toLowerCase());
}
