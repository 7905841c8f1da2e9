// Messages to the user. Every one that reports a failure says what is wrong and carries the fix; details go to the log.

import * as vscode from 'vscode';
import { errorInfo, RoomError, type ErrorInfo } from '../protocol/error.ts';
import type { Result } from '../protocol/engine.ts';

/** A button that runs a command. */
export interface Fix {
  title: string;
  command: string;
  args?: unknown[];
}

export async function explain(why: string, fix?: Fix): Promise<void> {
  const picked = await vscode.window.showInformationMessage(why, ...(fix ? [fix.title] : []));
  if (fix && picked === fix.title) await vscode.commands.executeCommand(fix.command, ...(fix.args ?? []));
}

/** Shows a failure and logs it. Cancelling is no failure. */
export async function report(log: vscode.LogOutputChannel, what: string, thrown: unknown): Promise<void> {
  const info = errorInfo(thrown);
  if (info.code === 'cancelled') return;
  log.error(`${what}: ${info.message}`);
  if (info.code === 'internal' && thrown instanceof Error) log.error(thrown);
  const text = `${what}: ${info.message}${/[.!?]$/.test(info.message) ? '' : '.'} ${info.fix}`;
  const picked = await vscode.window.showErrorMessage(text, 'Show Log');
  if (picked) log.show(true);
}

export function cancelled(): RoomError {
  return new RoomError('cancelled', 'Cancelled.', 'Start it again when you want.');
}

export async function toResult<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (thrown) {
    return { ok: false, error: errorInfo(thrown) };
  }
}

export function fromInfo(info: ErrorInfo): RoomError {
  return new RoomError(info.code, info.message, info.fix);
}
