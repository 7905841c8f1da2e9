// The scan editor of the installed extension, as a person uses it before any model runs: opening each format, slices,
// wheel, window presets, Hounsfield units, themes, and what a damaged file looks like.
import assert from 'node:assert/strict';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { openRoom, type Room } from './harness.ts';
import { DICOM, NIFTI, pictureOfFailures, sampleWorkspace, SHORT, vsix } from './workspace.ts';

describe('scan editor', () => {
  let room: Room;
  let frame: Frame;

  before(async () => {
    room = await openRoom({ folder: sampleWorkspace(), vsix });
    await room.activated();
  });

  after(() => room?.close());
  pictureOfFailures(() => room);

  const close = (): Promise<void> => room.command('View: Close All Editors');

  async function openScan(file: string): Promise<void> {
    await room.openFile(file);
    frame = await room.frame('[data-testid=slice-axial]');
    for (const plane of ['axial', 'coronal', 'sagittal']) await room.picture(frame, `slice-${plane}`);
  }

  const statusBar = async (): Promise<string> =>
    (await room.page.locator('.statusbar-item').allTextContents()).map((text) => text.trim()).join(' | ');

  async function statusShows(pattern: RegExp): Promise<string> {
    const end = Date.now() + 10_000;
    for (;;) {
      const text = await statusBar();
      if (pattern.test(text)) return text;
      assert.ok(Date.now() < end, `the status bar shows "${text}", not ${pattern}`);
      await room.page.waitForTimeout(100);
    }
  }

  it('shows three planes of a NIfTI file', async () => {
    await openScan(NIFTI);
    await room.screenshot('e2e/scan-nifti');
  });

  it('moves one slice per wheel notch and shows it in the status bar', async () => {
    const pane = frame.locator('[data-testid=slice-axial]');
    await pane.hover();
    const before = await statusShows(/\d+\s*\/\s*\d+/);
    const slice = (text: string): number => Number(/(\d+)\s*\/\s*\d+/.exec(text)?.[1]);
    await room.page.mouse.wheel(0, 100);
    const from = slice(before);
    const after = await statusShows(new RegExp(`\\b(${from - 1}|${from + 1})\\s*/`));
    assert.equal(Math.abs(slice(after) - from), 1);
  });

  it('shows Hounsfield units under the cursor', async () => {
    const box = await frame.locator('[data-testid=slice-axial]').boundingBox();
    assert.ok(box);
    await room.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const text = await statusShows(/HU\s*[-\u2212]?\d/);
    const hu = Number(/HU\s*([-\u2212]?\d+)/.exec(text)?.[1]?.replace('\u2212', '-'));
    assert.ok(hu > -100 && hu < 200, `${hu} HU in the middle of a head`);
  });

  it('takes digit keys as window presets', async () => {
    const pane = frame.locator('[data-testid=slice-axial]');
    await pane.focus();
    const window = (text: string): string => /W\s*\d+\s*L\s*-?\d+/.exec(text)?.[0] ?? '';
    await room.page.keyboard.press('1');
    const first = window(await statusShows(/W\s*\d+\s*L/));
    await room.page.keyboard.press('3');
    const end = Date.now() + 10_000;
    while (window(await statusBar()) === first) {
      assert.ok(Date.now() < end, `the window stayed ${first}`);
      await room.page.waitForTimeout(100);
    }
  });

  it('opens a DICOM series by any of its files', async () => {
    await close();
    await openScan(DICOM);
    await room.screenshot('e2e/scan-dicom');
  });

  it('draws in every theme', async () => {
    for (const theme of ['light', 'dark', 'high contrast', 'high contrast light'] as const) {
      await room.theme(theme);
      await room.picture(frame, 'slice-axial');
      await room.screenshot(`e2e/scan-${theme.replaceAll(' ', '-')}`);
    }
  });

  it('says what is wrong with a damaged file and how to mend it', async () => {
    await close();
    await room.openFile(SHORT);
    frame = await room.frame('.notice .fix');
    const text = (await frame.locator('.notice').first().textContent()) ?? '';
    assert.match(text, new RegExp(path.basename(SHORT)));
    await room.screenshot('e2e/scan-damaged');
  });

  it('logs no error and asks nothing of the network', () => {
    assert.deepEqual([...room.external], []);
    assert.doesNotMatch(room.logs(/Reading Room\.log$/), /\[error\]/i);
  });
});
