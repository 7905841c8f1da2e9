// The VSIX, as a user gets it: its size, that it installs without network, and that it wakes up in VS Code.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { openRoom, type Room } from './harness.ts';
import { sampleWorkspace, vsix } from './workspace.ts';

describe('installed from the VSIX', () => {
  let room: Room;

  before(async () => {
    room = await openRoom({ folder: sampleWorkspace(), vsix });
  });

  after(() => room?.close());

  it('is at most 60 MB', () => {
    assert.ok(fs.statSync(vsix).size <= 60e6, `${fs.statSync(vsix).size} bytes`);
  });

  it('holds the native library of this platform and no other', () => {
    const installed = fs.readdirSync(path.join(room.server.dir, 'extensions')).find((name) => name.startsWith('reading-room.'));
    assert.ok(installed, 'the extension is not in the extensions folder');
    const binaries = path.join(room.server.dir, 'extensions', installed, 'dist/node_modules/onnxruntime-node/bin/napi-v6');
    assert.deepEqual(fs.readdirSync(binaries), [process.platform]);
    assert.deepEqual(fs.readdirSync(path.join(binaries, process.platform)), [process.arch]);
  });

  it('activates', async () => {
    await room.activated();
    assert.doesNotMatch(room.hostLog(), /Activating extension .*failed/);
  });

  it('changes with the colour theme', async () => {
    for (const theme of ['light', 'dark', 'high contrast', 'high contrast light'] as const) {
      await room.theme(theme);
      await room.screenshot(`e2e/workbench-${theme.replaceAll(' ', '-')}`);
    }
  });

  it('asks nothing of the network', () => {
    assert.deepEqual([...room.external], []);
  });
});
