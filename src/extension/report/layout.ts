// Lays a report out as a Markdown document with one sentence per line, so that two reports can be compared line by line, and
// keeps the way back: where each character range of the report's text stands in the document. Headings of the report (a line
// or the start of one that ends with a colon) become Markdown headings. No 'vscode' in here.

import type { Span } from '../../protocol/clue.ts';

interface Piece {
  /** Offset in the report's text. */
  from: number;
  length: number;
  /** Offset in the document. */
  at: number;
}

export interface Layout {
  content: string;
  /** Document ranges of a text span, one per line it stands on. */
  ranges(span: Span): Span[];
}

const HEADING = /^\s*([\p{L}][\p{L} ,/&()-]{1,60}):\s*/u;
const SENTENCE = /[^.!?]*(?:[.!?](?!\s+\p{Lu}|\s*$)[^.!?]*)*(?:[.!?]+|$)/gu;

/** `title` stands above the text, the lines of `after` below it. */
export function layoutReport(text: string, title: string, after: readonly string[] = []): Layout {
  const pieces: Piece[] = [];
  let content = `# ${title}\n`;
  const put = (from: number, part: string, before: string): void => {
    content += before;
    pieces.push({ from, length: part.length, at: content.length });
    content += part;
  };
  let start = 0;
  for (const line of text.split('\n')) {
    const heading = HEADING.exec(line);
    if (heading?.[1]) put(start + heading[0].indexOf(heading[1]), heading[1], '\n## ');
    if (heading) content += '\n\n';
    else if (pieces.length === 0) content += '\n';
    const rest = heading?.[0].length ?? 0;
    for (const { 0: sentence, index } of line.slice(rest).matchAll(SENTENCE)) {
      const trimmed = sentence.trim();
      if (trimmed === '') continue;
      put(start + rest + index + sentence.indexOf(trimmed), trimmed, '');
      content += '\n';
    }
    start += line.length + 1;
  }
  if (after.length > 0) content += `\n${after.join('\n')}\n`;
  return {
    content,
    ranges: ([from, to]) =>
      pieces.flatMap((piece): Span[] => {
        const low = Math.max(from, piece.from);
        const high = Math.min(to, piece.from + piece.length);
        return low < high ? [[piece.at + low - piece.from, piece.at + high - piece.from]] : [];
      }),
  };
}
