// What integration tests see of the extension; returned by activate() only where READING_ROOM_TEST=1 is set.

import type * as vscode from 'vscode';
import { allCommands } from './commands/all.ts';
import { missing } from './commands/registry.ts';
import type { Fix } from './messages.ts';
import type { Room } from './room.ts';
import type { StatusItem } from './status/item.ts';
import type { Trees } from './trees/register.ts';

export interface TestApi {
  room: Room;
  trees: Trees;
  status: ReadonlyMap<string, StatusItem>;
  commandIds: string[];
  /** Why a command cannot run now. */
  missing(id: string): { why: string; fix: Fix } | undefined;
  onDidChangeEditor: vscode.Event<unknown>;
}

export function testApi(room: Room, trees: Trees, status: ReadonlyMap<string, StatusItem>): TestApi {
  return {
    room,
    trees,
    status,
    commandIds: allCommands.map(({ id }) => `readingRoom.${id}`),
    missing: (id) => {
      const spec = allCommands.find((one) => `readingRoom.${one.id}` === id);
      if (!spec) throw new Error(`no command ${id}`);
      return missing(room, spec);
    },
    onDidChangeEditor: room.editors.onDidChange,
  };
}
