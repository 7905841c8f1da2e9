// Splits a clinical text into sections, sentences, clauses and tokens, each with exact UTF-16 offsets into the text.
// Written for short radiology reports in English: headings on their own line or before a colon, bullets, numbered lines,
// wrapped lines, decimals and abbreviations. It knows no grammar: a clause is what stands between marks or conjunctions
// where both parts have a finite verb.

export interface Token {
  /** Lower case, "n't" and "cannot" as "not": what negation triggers are matched against. */
  lower: string;
  /** `lower` in American spelling and singular: what lexicon phrases are matched against. */
  norm: string;
  start: number;
  end: number;
  word: boolean;
}

export interface Section {
  /** Lower-case heading, '' before the first heading. */
  heading: string;
  /** Half-open offsets of the heading's words; empty when there is no heading. */
  headingSpan: readonly [number, number];
  /** Offsets of the text under the heading. */
  start: number;
  end: number;
}

export interface Sentence {
  start: number;
  end: number;
  section: Section;
  /** The first sentence of a section starts with the tokens of a heading that names a topic ("Ventricles:"). */
  tokens: Token[];
  /** How many of `tokens` are heading. */
  labelled: number;
  /** Clause number of each token, ascending from 0. */
  clause: number[];
}

/** Fragments that differ between British and American spelling; the left one is replaced by the right one. */
const SPELLING: readonly (readonly [RegExp, string])[] = [
  [/haem/g, 'hem'], [/oedem/g, 'edem'], [/ischaem/g, 'ischem'], [/tumour/g, 'tumor'], [/artefact/g, 'artifact'], [/ageing/g, 'aging'], [/grey/g, 'gray'],
  [/leuco/g, 'leuko'], [/calibre/g, 'caliber'], [/centre/g, 'center'], [/isation/g, 'ization'], [/ised$/g, 'ized'],
  [/parenchymatous/g, 'parenchymal'], [/coelom/g, 'celom'], [/anaem/g, 'anem'], [/dilation/g, 'dilatation'],
];

function singular(word: string): string {
  if (word.length < 4 || !word.endsWith('s')) return word;
  if (/(ss|us|is|os)$/.test(word)) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(sses|shes|ches|xes)$/.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}

/** American spelling and singular of one lower-case word. */
export function normalise(word: string): string {
  let out = word;
  for (const [from, to] of SPELLING) out = out.replace(from, to);
  return singular(out);
}

const TOKEN = /[\p{L}]+(?:['’][\p{L}]+)*|\d+(?:[.,]\d+)*|[^\s\p{L}\d]/gu;
const LETTER = /[\p{L}\d]/u;

/** Words, numbers and marks of text[start, end). A hyphen inside a word separates words and is no token. */
export function tokenise(text: string, start = 0, end = text.length): Token[] {
  const tokens: Token[] = [];
  const part = text.slice(start, end);
  for (const match of part.matchAll(TOKEN)) {
    const raw = match[0];
    const at = match.index;
    if (/^[-‐‑–]$/.test(raw) && LETTER.test(part[at - 1] ?? '') && LETTER.test(part[at + 1] ?? '')) continue;
    const word = LETTER.test(raw);
    let lower = raw.toLowerCase().replace(/’/g, "'");
    if (lower === 'cannot' || lower.endsWith("n't")) lower = 'not';
    else lower = lower.replace(/'s$/, '');
    tokens.push({ lower, norm: word ? normalise(lower) : lower, start: start + at, end: start + at + raw.length, word });
  }
  return tokens;
}

const BULLET = /^[ \t]*(?:[>*•·–-]+|\(?\d{1,2}[.)])?[ \t]*/;
const HEADING = /^(?:\*\*|__)?([A-Z][A-Za-z0-9 ,/&()'-]{1,58}?)(?:\*\*|__)?[ \t]*:(?:\*\*|__)?(?=\s|$)/;
const BARE_HEADING =
  /^(?:#+[ \t]*|\*\*)?((?:clinical )?(?:history|findings?|impressions?|conclusions?|opinion|summary|technique|comparison|indication|information))(?:\*\*)?[ \t]*$/i;
const INLINE_HEADING =
  /(?<=[.;!?)\]][ \t]+|[ \t]{2,})(?:[A-Z][A-Z]+(?:[ /&()-]+[A-Z()]+)*|[A-Z][a-z]+(?:[ /-][A-Za-z]+){0,3})[ \t]*:(?=\s|$)/g;

/** Sections of a text, in order; text before the first heading has heading ''. A heading is at most seven words that
 *  start with a capital, before a colon at the start of a line, or capitals before a colon after a sentence. */
export function splitSections(text: string): Section[] {
  const marks: { from: number; to: number; words: readonly [number, number] }[] = [];
  let at = 0;
  for (const line of text.split('\n')) {
    const lead = BULLET.exec(line)?.[0].length ?? 0;
    const rest = line.slice(lead);
    const found = HEADING.exec(rest) ?? BARE_HEADING.exec(rest);
    const name = found?.[1];
    if (found && name !== undefined && name.split(/\s+/).length <= 7 && !/[.;]/.test(name)) {
      const from = at + lead + found[0].indexOf(name);
      marks.push({ from: at + lead, to: at + lead + found[0].length, words: [from, from + name.trimEnd().length] });
    }
    for (const inline of line.matchAll(INLINE_HEADING)) {
      const from = at + inline.index;
      const name2 = inline[0].replace(/[ \t]*:$/, '');
      if (marks.every((mark) => mark.from !== from)) {
        marks.push({ from, to: from + inline[0].length, words: [from, from + name2.length] });
      }
    }
    at += line.length + 1;
  }
  marks.sort((a, b) => a.from - b.from);
  const sections: Section[] = [];
  const first = marks[0]?.from ?? text.length;
  if (first > 0) sections.push({ heading: '', headingSpan: [0, 0], start: 0, end: first });
  marks.forEach((mark, i) => {
    const heading = text.slice(mark.words[0], mark.words[1]).toLowerCase().replace(/\s+/g, ' ');
    sections.push({ heading, headingSpan: mark.words, start: mark.to, end: marks[i + 1]?.from ?? text.length });
  });
  return sections;
}

const ABBREVIATION =
  /(?:^|[\s(])(?:dr|mr|mrs|ms|prof|st|vs|e\.g|i\.e|eg|ie|cf|approx|ca|al|fig|resp|incl|max|min|diam|lt|rt|hx|pt|st\.p)$/i;

function sentenceEnds(text: string, start: number, end: number): number[] {
  const ends: number[] = [];
  for (let i = start; i < end; i++) {
    const ch = text[i] ?? '';
    if (ch === '\n') {
      const before = text.slice(start, i).trimEnd();
      const after = text.slice(i + 1, end);
      const lead = BULLET.exec(after)?.[0] ?? '';
      const next = after.slice(lead.length)[0] ?? '';
      const wrapped = /^[a-z(]/.test(next) && lead.trim() === '' && !/[.!?:]$/.test(before);
      if (!wrapped) ends.push(i);
    } else if (ch === '!' || ch === '?') {
      if (/\s|^$/.test(text[i + 1] ?? '')) ends.push(i + 1);
    } else if (ch === '.') {
      const next = text[i + 1] ?? '';
      if (next !== '' && !/[\s"')\]]/.test(next)) continue;
      if (ABBREVIATION.test(text.slice(Math.max(start, i - 8), i))) continue;
      const line = text.slice(text.lastIndexOf('\n', i - 1) + 1, i);
      if (/^\s*\(?\d{1,2}$/.test(line)) continue;
      const rest = text.slice(i + 1, end);
      if (/^\s+[a-z]/.test(rest) && /\b(?:no|mm|cm|ml|cc)$/i.test(text.slice(Math.max(start, i - 3), i))) continue;
      ends.push(i + 1);
    } else if (ch === ')' && /\s{2,}\d{1,2}$/.test(text.slice(Math.max(start, i - 6), i))) {
      let from = i;
      while (/\d/.test(text[from - 1] ?? '')) from--;
      ends.push(from);
    }
  }
  ends.push(end);
  return ends;
}

const FINITE = new Set(
  'is are was were has have had does do did shows show showed demonstrates demonstrate demonstrated reveals revealed remains remain appears appear measures measure measured extends contains causes caused exerts overlies involves suggests compresses effaces displaces indicates represents denies denied complains admits lies follows occupies'.split(' '),
);
const BREAK_ALWAYS = new Set(['but', 'however', 'although', 'though', 'whereas', 'while', 'yet', ';']);
const BREAK_MAYBE = new Set([',', 'and']);

export function isFinite(token: Token): boolean {
  return FINITE.has(token.lower);
}

/** Clause number of each token: a new clause begins after a mark or conjunction that divides two parts which both have
 *  a finite verb, and always at but, however, although, though, whereas, while, yet and a semicolon. */
function clauses(tokens: readonly Token[]): number[] {
  const out: number[] = [];
  let clause = 0;
  let verb = false;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (BREAK_ALWAYS.has(token.lower)) {
      clause++;
      verb = false;
    } else if (BREAK_MAYBE.has(token.lower) && verb) {
      let own = false;
      for (let k = i + 1; k < tokens.length; k++) {
        const next = tokens[k]!;
        if (BREAK_MAYBE.has(next.lower) && k === i + 1) continue;
        if (BREAK_MAYBE.has(next.lower) || BREAK_ALWAYS.has(next.lower)) break;
        if (isFinite(next)) own = true;
      }
      if (own) {
        clause++;
        verb = false;
      }
    } else if (isFinite(token)) verb = true;
    out.push(clause);
  }
  return out;
}

const CONTAINER =
  /^(?:|.*\b(?:findings?|impressions?|conclusions?|opinion|summary|report|comment|diagnosis|history|information|indication|technique|comparison|examination|procedure|reason|data)\b.*)$/;

/** A sentence of more tokens is cut: text that long without a full stop is a table or noise, and costs stay linear. */
const LONGEST = 250;

/** Sentences of a text in order. Offsets leave out surrounding white space and list marks. */
export function splitSentences(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  for (const section of splitSections(text)) {
    let from = section.start;
    let label = CONTAINER.test(section.heading) ? [] : tokenise(text, section.headingSpan[0], section.start);
    for (const to of sentenceEnds(text, section.start, section.end)) {
      let start = from;
      from = Math.max(from, to);
      start += BULLET.exec(text.slice(start, to))?.[0].length ?? 0;
      start += /^\s*/.exec(text.slice(start, to))?.[0].length ?? 0;
      start += BULLET.exec(text.slice(start, to))?.[0].length ?? 0;
      const end = start + text.slice(start, to).trimEnd().length;
      if (end <= start) continue;
      const tokens = [...label, ...tokenise(text, start, end)];
      if (!tokens.slice(label.length).some((token) => token.word)) continue;
      for (let at = 0; at < tokens.length; at += LONGEST) {
        const piece = tokens.slice(at, at + LONGEST);
        const last = at + LONGEST >= tokens.length ? end : piece.at(-1)!.end;
        sentences.push({ start: piece[0]!.start, end: last, section, tokens: piece, labelled: at === 0 ? label.length : 0, clause: clauses(piece) });
      }
      label = [];
    }
  }
  return sentences;
}
