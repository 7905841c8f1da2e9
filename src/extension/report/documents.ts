// Report documents: the text of a reading, or the reference it was compared with, as a virtual Markdown document, with what
// decorations, hovers and lenses need to know of each clue in it.

import * as vscode from 'vscode';
import type { Clue, ClueLink, ClueStatus, ComparedClue } from '../../protocol/clue.ts';
import type { Reading } from '../../protocol/reading.ts';
import { scanName } from '../paths.ts';
import type { Readings } from '../readings.ts';
import { layoutReport, type Layout } from './layout.ts';
import { parseReportUri, REPORT_SCHEME, reportUri, type ReportSide } from './uri.ts';

/** How a clue is shown: its status against the reference, or without one whether it is present, absent or uncertain. */
export type Mark = ClueStatus | 'present' | 'uncertain';

export interface PlacedClue {
  clue: Clue;
  mark: Mark;
  compared?: ComparedClue;
  link?: Omit<ClueLink, 'scores'>;
  ranges: vscode.Range[];
}

export interface ReportDocument {
  path: string;
  side: ReportSide;
  reading: Reading;
  content: string;
  clues: PlacedClue[];
}

export class ReportDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  #readings: Readings;
  #documents = new Map<string, Promise<ReportDocument>>();
  #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  #disposables: vscode.Disposable[];

  constructor(readings: Readings) {
    this.#readings = readings;
    this.#disposables = [
      vscode.workspace.registerTextDocumentContentProvider(REPORT_SCHEME, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#documents.delete(uri.toString())),
      this.#changed,
    ];
  }

  get(uri: vscode.Uri): Promise<ReportDocument> {
    const key = uri.toString();
    let document = this.#documents.get(key);
    if (!document) {
      document = this.#load(uri);
      this.#documents.set(key, document);
      document.catch(() => this.#documents.delete(key));
    }
    return document;
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    return (await this.get(uri)).content;
  }

  /** Opens one side of a reading as text. */
  async show(path: string, side: ReportSide, options: vscode.TextDocumentShowOptions = {}): Promise<vscode.TextEditor> {
    const uri = reportUri(path, await this.#readings.load(path), side);
    return vscode.window.showTextDocument(uri, { preview: false, ...options });
  }

  /** Model against reference in the diff editor. */
  async compare(path: string, reading: Reading): Promise<void> {
    const [left, right] = [reportUri(path, reading, 'reference'), reportUri(path, reading, 'model')];
    await vscode.commands.executeCommand('vscode.diff', left, right, `${scanName(reading.scan.path)}: reference ↔ ${reading.bundle.name}`);
  }

  async #load(uri: vscode.Uri): Promise<ReportDocument> {
    const { reading: path, side } = parseReportUri(uri);
    const reading = await this.#readings.load(path);
    const { text, clues } = side === 'model' ? reading : (reading.reference ?? { text: 'This scan has no reference report.', clues: [] });
    const layout = layoutReport(text, scanName(reading.scan.path), side === 'model' ? [...missedLines(reading), ...factLines(reading)] : []);
    const starts = lineStarts(layout.content);
    return { path, side, reading, content: layout.content, clues: clues.map((clue) => placed(reading, side, clue, layout, starts)) };
  }

  dispose(): void {
    for (const one of this.#disposables) one.dispose();
  }
}

function missedLines(reading: Reading): string[] {
  const missed = reading.reference?.compared.filter((one) => one.status === 'missed' && one.reference) ?? [];
  return missed.length === 0 ? [] : ['## In the reference only', '', ...missed.map((one) => `- ${one.reference?.text ?? ''}: ${one.why}`), ''];
}

function factLines(reading: Reading): string[] {
  const mean = reading.tokens.reduce((sum, token) => sum + token.logProb, 0) / Math.max(1, reading.tokens.length);
  return [
    '## This reading',
    '',
    `- Bundle ${reading.bundle.name}, ${reading.settings.device}, ${reading.settings.precision}, ${reading.settings.decoding}`,
    `- ${reading.tokens.length} tokens, mean log-probability ${mean.toFixed(3)}${reading.finish === 'length' ? ', cut at the token limit' : ''}`,
    ...Object.entries(reading.reference?.metrics ?? {}).map(([name, value]) => `- ${name} ${value.toFixed(3)}`),
    `- Read ${new Date(reading.created).toLocaleString()}`,
    '- Research tool, no clinical claim',
  ];
}

function placed(reading: Reading, side: ReportSide, clue: Clue, layout: Layout, starts: number[]): PlacedClue {
  const compared = reading.reference?.compared.find((one) => (side === 'model' ? one.clue : one.reference)?.id === clue.id);
  const link = side === 'model' ? reading.links.filter((one) => one.clueId === clue.id).sort((a, b) => order(a) - order(b))[0] : undefined;
  const mark: Mark = compared?.status ?? (clue.polarity === 'absent' ? 'normal' : clue.polarity);
  const ranges = layout.ranges(clue.span).map(([from, to]) => new vscode.Range(position(starts, from), position(starts, to)));
  return { clue, mark, ...(compared ? { compared } : {}), ...(link ? { link } : {}), ranges };
}

/** Occlusion tells more than attention. */
const order = (link: { method: ClueLink['method'] }): number => ['occlusion', 'label-map', 'attention'].indexOf(link.method);

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function position(starts: number[], offset: number): vscode.Position {
  let line = starts.length - 1;
  while (line > 0 && (starts[line] ?? 0) > offset) line--;
  return new vscode.Position(line, offset - (starts[line] ?? 0));
}
