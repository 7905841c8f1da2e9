// Restricted Mode: in a workspace that is not trusted, scans open, models do not run, and every place says why.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { writeNifti } from '../../src/scan/nifti-write.ts';
import { openRoom, type Room } from './harness.ts';
import { pictureOfFailures, vsix } from './workspace.ts';

describe('in Restricted Mode', () => {
  let room: Room;
  pictureOfFailures(() => room);

  before(async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reading-room-restricted-'));
    const dims = [24, 24, 8] as const;
    const data = Int16Array.from({ length: dims[0] * dims[1] * dims[2] }, (_, n) => (n * 7) % 90);
    await writeNifti(path.join(folder, 'ct.nii'), { data, dims, affine: [8, 0, 0, -92, 0, 8, 0, -92, 0, 0, 16, -56, 0, 0, 0, 1], unit: 'HU' });
    fs.mkdirSync(path.join(folder, 'bundle'));
    fs.writeFileSync(path.join(folder, 'bundle', 'reading-room.json'), '{"schema": 1}');
    const settings = { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' };
    room = await openRoom({ folder, vsix, settings });
    await room.activated();
  });

  after(() => room?.close());

  it('opens a scan and says in the view why it cannot be read', async () => {
    await room.openFile('ct.nii');
    const frame = await room.frame('rr-scan-app');
    await frame.getByText('Restricted Mode: scans and saved readings can be viewed').waitFor();
    assert.equal(await frame.locator('[data-testid=read-button]').getAttribute('disabled'), '');
  });

  it('explains Read Scan with a way to trust the workspace', async () => {
    await room.command('Reading Room: Read Scan');
    const toast = room.notification('needs a trusted workspace');
    await toast.waitFor();
    await toast.getByText('Manage Workspace Trust').waitFor();
  });

  it('does not list bundles of the workspace', async () => {
    await room.command('View: Show Reading Room');
    await room.page.getByText('bundles of this workspace are not listed').waitFor();
    assert.equal(await room.page.locator('.tree-explorer-viewlet-tree-view', { hasText: 'does not load' }).count(), 0);
    await room.screenshot('e2e/restricted');
  });
});
