// Phrase patterns over tokens, the language of the lexicon and trigger files. A pattern is words divided by spaces; a
// word may list alternatives with "|" and be optional with a trailing "?"; "$name" stands for a list of alternatives
// that the file defines. Example: "acute? subdural|extradural $bleed". Matching is longest first and case-blind.

import type { Token } from './text.ts';

interface Step {
  words: ReadonlySet<string>;
  optional: boolean;
}

export interface Match<V> {
  /** Token indices, half open. */
  from: number;
  to: number;
  value: V;
}

/** A set of patterns with a value each. `key` picks the form of a token that is compared. */
export class PatternSet<V> {
  readonly #byFirst = new Map<string, { steps: Step[]; value: V }[]>();
  readonly #key: (token: Token) => string;
  readonly #clean: (word: string) => string;
  readonly #lists: Readonly<Record<string, string>>;

  constructor(key: (token: Token) => string, clean: (word: string) => string, lists: Readonly<Record<string, string>> = {}) {
    this.#key = key;
    this.#clean = clean;
    this.#lists = lists;
  }

  add(pattern: string, value: V): void {
    const steps = pattern.trim().split(/\s+/).map((raw): Step => {
      const optional = raw.length > 1 && raw.endsWith('?');
      const body = (optional ? raw.slice(0, -1) : raw).replace(/\$(\w+)/g, (_, name: string) => {
        const list = this.#lists[name];
        if (list === undefined) throw new Error(`Pattern "${pattern}" names an unknown list "${name}"`);
        return list;
      });
      return { words: new Set(body.split('|').map(this.#clean)), optional };
    });
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!;
      for (const word of step.words) {
        const rest = { steps: steps.slice(i), value };
        const list = this.#byFirst.get(word);
        if (list) list.push(rest);
        else this.#byFirst.set(word, [rest]);
      }
      if (!step.optional) break;
    }
  }

  /** Every pattern's longest match that starts at token i. */
  at(tokens: readonly Token[], i: number): Match<V>[] {
    const first = tokens[i];
    if (!first) return [];
    const found: Match<V>[] = [];
    for (const { steps, value } of this.#byFirst.get(this.#key(first)) ?? []) {
      const to = this.#walk(tokens, i + 1, steps, 1);
      if (to > 0) found.push({ from: i, to, value });
    }
    return found;
  }

  /** Matches from left to right, longest first, without overlap. */
  scan(tokens: readonly Token[]): Match<V>[] {
    const found: Match<V>[] = [];
    for (let i = 0; i < tokens.length; ) {
      let best: Match<V> | undefined;
      for (const match of this.at(tokens, i)) if (!best || match.to > best.to) best = match;
      if (best) {
        found.push(best);
        i = best.to;
      } else i++;
    }
    return found;
  }

  #walk(tokens: readonly Token[], at: number, steps: readonly Step[], s: number): number {
    const step = steps[s];
    if (!step) return at;
    const token = tokens[at];
    if (token && step.words.has(this.#key(token))) {
      const to = this.#walk(tokens, at + 1, steps, s + 1);
      if (to > 0) return to;
    }
    return step.optional ? this.#walk(tokens, at, steps, s + 1) : 0;
  }
}
