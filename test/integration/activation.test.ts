// The manifest and the code agree, as VS Code itself sees them.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

interface Contributions {
  readonly contributes?: { readonly commands?: readonly { readonly command: string }[] };
}

describe('extension host', () => {
  const extension = vscode.extensions.getExtension<unknown>('reading-room.reading-room');

  it('activates Reading Room', async () => {
    assert.ok(extension, 'the extension is not there');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('has code behind every command of the manifest', async () => {
    const manifest = extension?.packageJSON as Contributions;
    const known = new Set(await vscode.commands.getCommands(true));
    const missing = (manifest.contributes?.commands ?? []).filter(({ command }) => !known.has(command));
    assert.deepEqual(missing, []);
  });
});
