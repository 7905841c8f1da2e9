// Names and definitions of the metrics that a reading with a reference carries.

export const METRICS: Record<string, { label: string; says: string }> = {
  f1: { label: 'Clue F1', says: 'Harmonic mean of precision and recall over clues with finding and side' },
  cluef1: { label: 'Clue F1', says: 'Harmonic mean of precision and recall over clues with finding and side' },
  precision: { label: 'P', says: 'Share of the model\u2019s clues that the reference supports' },
  recall: { label: 'R', says: 'Share of the reference\u2019s clues that the model states' },
  clueprecision: { label: 'P', says: 'Share of the model\u2019s clues that the reference supports' },
  cluerecall: { label: 'R', says: 'Share of the reference\u2019s clues that the model states' },
  bleu1: { label: 'BLEU-1', says: 'Share of words that occur in the reference, with brevity penalty' },
  bleu4: { label: 'BLEU-4', says: 'Geometric mean of 1- to 4-gram precision against the reference, with brevity penalty' },
  rougel: { label: 'ROUGE-L', says: 'F-measure of the longest common subsequence of words' },
  meteor: { label: 'METEOR', says: 'Weighted harmonic mean of word precision and recall, with a penalty for broken order' },
  cider: { label: 'CIDEr', says: 'Cosine of tf-idf weighted n-grams, times 10' },
};
