// How commands are registered. A command names what it needs; where that is missing it explains why it cannot run, with a
// button for the fix, instead of failing or doing nothing. Failures are shown with their fix and logged.

import * as vscode from 'vscode';
import { explain, report, type Fix } from '../messages.ts';
import type { Room } from '../room.ts';

/** What a command cannot do without. */
export type Need = 'trust' | 'folder' | 'scan-editor' | 'reading';

export interface CommandSpec {
  /** Without the prefix 'readingRoom.'. */
  id: string;
  /** What it does, for messages: 'Reading a scan'. */
  doing: string;
  needs?: readonly Need[];
  run(room: Room, ...args: unknown[]): unknown;
}

const MISSING: Record<Need, { ok(room: Room): boolean; why: string; fix: Fix }> = {
  trust: {
    ok: () => vscode.workspace.isTrusted,
    why: 'needs a trusted workspace, because it runs models and configurations from it. Scans and saved readings can be viewed without trust.',
    fix: { title: 'Manage Workspace Trust', command: 'workbench.trust.manage' },
  },
  folder: {
    ok: () => (vscode.workspace.workspaceFolders?.length ?? 0) > 0,
    why: 'needs an open folder to write to.',
    fix: { title: 'Open Folder', command: 'vscode.openFolder' },
  },
  'scan-editor': {
    ok: (room) => room.editors.current !== undefined,
    why: 'works on an open scan editor, and there is none.',
    fix: { title: 'Open Sample Scan', command: 'readingRoom.openSampleScan' },
  },
  reading: {
    ok: (room) => room.editors.current?.reading !== undefined,
    why: 'needs a reading, and this scan shows none yet.',
    fix: { title: 'Read Scan', command: 'readingRoom.readScan' },
  },
};

/** Why a command cannot run now, or undefined. */
export function missing(room: Room, spec: CommandSpec): { why: string; fix: Fix } | undefined {
  const need = spec.needs?.find((one) => !MISSING[one].ok(room));
  return need && { why: `${spec.doing} ${MISSING[need].why}`, fix: MISSING[need].fix };
}

export function register(room: Room, specs: readonly CommandSpec[]): vscode.Disposable[] {
  return specs.map((spec) =>
    vscode.commands.registerCommand(`readingRoom.${spec.id}`, async (...args: unknown[]): Promise<unknown> => {
      const absent = missing(room, spec);
      if (absent) {
        void explain(absent.why, absent.fix);
        return undefined;
      }
      try {
        return await spec.run(room, ...args);
      } catch (thrown) {
        void report(room.log, spec.doing, thrown);
        return undefined;
      }
    }),
  );
}
