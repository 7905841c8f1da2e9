// What the modules of this folder share with in-vscode.ts.

import { writeFileSync } from 'node:fs';

/** A value given by the bench. */
export function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

export function report(value: unknown): void {
  writeFileSync(given('READING_ROOM_BENCH_REPORT'), JSON.stringify(value));
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
