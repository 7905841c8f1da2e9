// Lenses, hovers and definitions of clues in report documents. A lens jumps to the clue's region in the scan editor; the
// definition of a clue is what it was compared with in the other report.

import * as vscode from 'vscode';
import type { PlacedClue, ReportDocument, ReportDocuments } from './documents.ts';
import { REPORT_SCHEME, reportUri } from './uri.ts';
import { findingWords, MARK_WORDS, sliceWords, strengthWords } from './words.ts';

const SELECTOR: vscode.DocumentSelector = { scheme: REPORT_SCHEME };

/** The clue at a position of a report document. */
export function clueAt(report: ReportDocument, position: vscode.Position): PlacedClue | undefined {
  return report.clues.find((placed) => placed.ranges.some((range) => range.contains(position)));
}

export function registerReportProviders(documents: ReportDocuments): vscode.Disposable[] {
  const { languages } = vscode;
  return [
    languages.registerCodeLensProvider(SELECTOR, { provideCodeLenses: async ({ uri }) => lenses(await documents.get(uri)) }),
    languages.registerHoverProvider(SELECTOR, {
      provideHover: async ({ uri }, position) => {
        const report = await documents.get(uri);
        const placed = clueAt(report, position);
        const range = placed?.ranges.find((one) => one.contains(position));
        return placed && new vscode.Hover(hover(report, placed), range);
      },
    }),
    languages.registerDefinitionProvider(SELECTOR, {
      provideDefinition: async ({ uri }, position) => {
        const report = await documents.get(uri);
        const placed = clueAt(report, position);
        return placed && counterpart(documents, report, placed);
      },
    }),
  ];
}

function lenses(report: ReportDocument): vscode.CodeLens[] {
  if (report.side !== 'model') return [];
  return report.clues.flatMap((placed) => {
    const range = placed.ranges[0];
    if (!range || placed.mark === 'normal') return [];
    const title = [sliceWords(report.reading, placed), findingWords(placed.clue), strengthWords(placed)].filter(Boolean).join(' · ');
    return [new vscode.CodeLens(range, { title, tooltip: 'Show the clue in the scan', command: 'readingRoom.showClue', arguments: [report.path, placed.clue.id] })];
  });
}

/** Texts of models and files are put in as text, not as Markdown; the one link is ours. */
function hover(report: ReportDocument, placed: PlacedClue): vscode.MarkdownString {
  const { clue, compared } = placed;
  const text = new vscode.MarkdownString('', true);
  text.appendMarkdown('**').appendText(findingWords(clue)).appendMarkdown(`** (${MARK_WORDS[placed.mark]})\n\n`);
  if (compared?.why) text.appendText(compared.why).appendMarkdown('\n\n');
  const rows: [string, string | undefined][] = [
    ['Theme', clue.theme || undefined],
    ['Entity', clue.entity],
    ['Acuity', clue.acuity],
    ['Change', clue.change],
    ['Origin', clue.origin],
    ['Region', report.side === 'model' ? (sliceWords(report.reading, placed) ?? 'none') : undefined],
    ['Strength', report.side === 'model' ? strengthWords(placed) : undefined],
  ];
  for (const [name, value] of rows) {
    if (value !== undefined) text.appendMarkdown(`- ${name}: `).appendText(value).appendMarkdown('\n');
  }
  if (report.side === 'model') {
    const args = encodeURIComponent(JSON.stringify([report.path, clue.id]));
    text.isTrusted = { enabledCommands: ['readingRoom.showClue'] };
    text.appendMarkdown(`\n[Show in scan](command:readingRoom.showClue?${args})`);
  }
  return text;
}

async function counterpart(documents: ReportDocuments, report: ReportDocument, placed: PlacedClue): Promise<vscode.Location | undefined> {
  const other = report.side === 'model' ? placed.compared?.reference : placed.compared?.clue;
  if (!other) return undefined;
  const uri = reportUri(report.path, report.reading, report.side === 'model' ? 'reference' : 'model');
  const found = (await documents.get(uri)).clues.find(({ clue }) => clue.id === other.id)?.ranges[0];
  return found && new vscode.Location(uri, found);
}
