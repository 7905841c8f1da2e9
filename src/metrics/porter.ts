// Porter's stemmer (1980) with the departures that NLTK's PorterStemmer has by default, because METEOR here is compared
// with NLTK's. Input is one lower-case English word.

const IRREGULAR: Readonly<Record<string, string>> = {
  sky: 'sky', skies: 'sky', dying: 'die', lying: 'lie', tying: 'tie', news: 'news', innings: 'inning', inning: 'inning', outings: 'outing', outing: 'outing',
  cannings: 'canning', canning: 'canning', howe: 'howe', proceed: 'proceed', exceed: 'exceed', succeed: 'succeed',
};

function isConsonant(word: string, i: number): boolean {
  const ch = word[i]!;
  if ('aeiou'.includes(ch)) return false;
  return ch !== 'y' || i === 0 || !isConsonant(word, i - 1);
}

/** Number of vowel-consonant sequences. */
function measure(stem: string): number {
  let count = 0;
  for (let i = 1; i < stem.length; i++) if (isConsonant(stem, i) && !isConsonant(stem, i - 1)) count++;
  return count;
}

function hasVowel(stem: string): boolean {
  for (let i = 0; i < stem.length; i++) if (!isConsonant(stem, i)) return true;
  return false;
}

function endsDouble(word: string): boolean {
  return word.length >= 2 && word.at(-1) === word.at(-2) && isConsonant(word, word.length - 1);
}

/** Consonant, vowel, consonant other than w, x, y at the end; or a two-letter word of vowel and consonant. */
function endsCvc(word: string): boolean {
  const n = word.length;
  if (n >= 3) return isConsonant(word, n - 3) && !isConsonant(word, n - 2) && isConsonant(word, n - 1) && !'wxy'.includes(word[n - 1]!);
  return n === 2 && !isConsonant(word, 0) && isConsonant(word, 1);
}

type Rule = readonly [suffix: string, replacement: string, allowed: (stem: string) => boolean];

/** The first rule whose suffix fits decides, whether or not its condition holds. */
function apply(word: string, rules: readonly Rule[]): string {
  for (const [suffix, replacement, allowed] of rules) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, word.length - suffix.length);
    return allowed(stem) ? stem + replacement : word;
  }
  return word;
}

const always = (): boolean => true;
const positive = (stem: string): boolean => measure(stem) > 0;
const above1 = (stem: string): boolean => measure(stem) > 1;

const STEP2: readonly Rule[] = [
  ['ational', 'ate', positive], ['tional', 'tion', positive], ['enci', 'ence', positive], ['anci', 'ance', positive], ['izer', 'ize', positive], ['bli', 'ble', positive],
  ['alli', 'al', positive], ['entli', 'ent', positive], ['eli', 'e', positive], ['ousli', 'ous', positive], ['ization', 'ize', positive], ['ation', 'ate', positive], ['ator', 'ate', positive],
  ['alism', 'al', positive], ['iveness', 'ive', positive], ['fulness', 'ful', positive], ['ousness', 'ous', positive], ['aliti', 'al', positive], ['iviti', 'ive', positive], ['biliti', 'ble', positive],
  ['fulli', 'ful', positive], ['logi', 'log', (stem) => positive(`${stem}l`)],
];
const STEP3: readonly Rule[] = [['icate', 'ic', positive], ['ative', '', positive], ['alize', 'al', positive], ['iciti', 'ic', positive], ['ical', 'ic', positive], ['ful', '', positive], ['ness', '', positive]];
const STEP4: readonly Rule[] = [
  ...['al', 'ance', 'ence', 'er', 'ic', 'able', 'ible', 'ant', 'ement', 'ment', 'ent'].map((suffix): Rule => [suffix, '', above1]),
  ['ion', '', (stem) => above1(stem) && /[st]$/.test(stem)],
  ...['ou', 'ism', 'ate', 'iti', 'ous', 'ive', 'ize'].map((suffix): Rule => [suffix, '', above1]),
];

function step1b(word: string): string {
  if (word.endsWith('ied')) return word.length === 4 ? `${word.slice(0, -3)}ie` : `${word.slice(0, -3)}i`;
  if (word.endsWith('eed')) return positive(word.slice(0, -3)) ? word.slice(0, -1) : word;
  for (const suffix of ['ed', 'ing']) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, word.length - suffix.length);
    if (!hasVowel(stem)) continue;
    if (/(at|bl|iz)$/.test(stem)) return `${stem}e`;
    if (endsDouble(stem)) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
    return measure(stem) === 1 && endsCvc(stem) ? `${stem}e` : stem;
  }
  return word;
}

/** Stem of a lower-case word; words of one or two letters are left as they are. */
export function porterStem(input: string): string {
  const irregular = IRREGULAR[input];
  if (irregular !== undefined) return irregular;
  if (input.length <= 2) return input;
  let word = input;
  if (word.endsWith('ies') && word.length === 4) word = `${word.slice(0, -3)}ie`;
  else word = apply(word, [['sses', 'ss', always], ['ies', 'i', always], ['ss', 'ss', always], ['s', '', always]]);
  word = step1b(word);
  word = apply(word, [['y', 'i', (stem) => stem.length > 1 && isConsonant(stem, stem.length - 1)]]);
  if (word.endsWith('alli') && positive(word.slice(0, -4))) word = apply(`${word.slice(0, -4)}al`, STEP2);
  else word = apply(word, STEP2);
  word = apply(word, STEP3);
  word = apply(word, STEP4);
  if (word.endsWith('e')) {
    const stem = word.slice(0, -1);
    if (measure(stem) > 1 || (measure(stem) === 1 && !endsCvc(stem))) word = stem;
  }
  return word.endsWith('ll') && measure(word.slice(0, -1)) > 1 ? word.slice(0, -1) : word;
}
