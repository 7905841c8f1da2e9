// Addresses of report documents: scheme `reading-room-report`, a path that gives the tab its title, and which text of which
// reading in the query.

import path from 'node:path';
import * as vscode from 'vscode';
import { RoomError } from '../../protocol/error.ts';
import type { Reading } from '../../protocol/reading.ts';
import { scanName } from '../paths.ts';

export const REPORT_SCHEME = 'reading-room-report';

export type ReportSide = 'model' | 'reference';

export function reportUri(reading: string, { scan, bundle }: Pick<Reading, 'scan' | 'bundle'>, side: ReportSide): vscode.Uri {
  const title = `${scanName(scan.path)} ${side === 'model' ? bundle.name : 'reference'}`;
  return vscode.Uri.from({ scheme: REPORT_SCHEME, path: `/${path.basename(reading)}/${title.replaceAll('/', '-')}.md`, query: JSON.stringify({ reading, side }) });
}

export function parseReportUri(uri: vscode.Uri): { reading: string; side: ReportSide } {
  try {
    const parsed: unknown = JSON.parse(uri.query);
    if (typeof parsed === 'object' && parsed !== null && 'reading' in parsed && 'side' in parsed && typeof parsed.reading === 'string') {
      return { reading: parsed.reading, side: parsed.side === 'reference' ? 'reference' : 'model' };
    }
  } catch {
    // told below
  }
  throw new RoomError('invalid', `${uri.toString()} is not the address of a report`, 'Open reports with "Reading Room: Open Report as Text".');
}
