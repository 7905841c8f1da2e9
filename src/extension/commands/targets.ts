// What a command works on: the argument of a menu or tree, else the editor in front, else what the user picks.

import * as vscode from 'vscode';
import { isNode } from '../nodes.ts';
import { parseReportUri, REPORT_SCHEME } from '../report/uri.ts';
import type { Room } from '../room.ts';
import { pickReading, pickScan } from './pick.ts';

/** The scan a command works on; undefined: the user cancelled. */
export async function scanTarget(room: Room, arg: unknown): Promise<vscode.Uri | undefined> {
  if (arg instanceof vscode.Uri && arg.scheme === 'file') return arg;
  if (isNode(arg) && arg.kind === 'scan') return arg.scan.uri;
  if (isNode(arg) && arg.kind === 'reading') return vscode.Uri.file(arg.summary.scanPath);
  return room.editors.current?.document.uri ?? pickScan(room);
}

/** Path of the reading a command works on; undefined: the user cancelled. */
export async function readingTarget(room: Room, arg: unknown): Promise<string | undefined> {
  if (typeof arg === 'string') return arg;
  if (isNode(arg) && arg.kind === 'reading') return arg.summary.path;
  if (arg instanceof vscode.Uri && arg.scheme === REPORT_SCHEME) return parseReportUri(arg).reading;
  if (arg instanceof vscode.Uri) {
    const shown = [...(room.editors.documentOf(arg)?.editors ?? [])].find((editor) => editor.reading)?.reading;
    return shown?.path ?? pickReading(room, arg);
  }
  const text = vscode.window.activeTextEditor?.document.uri;
  if (text?.scheme === REPORT_SCHEME) return parseReportUri(text).reading;
  return room.editors.current?.reading?.path ?? pickReading(room, room.editors.current?.document.uri);
}
