// The walkthrough as a new user follows it: four steps, each by the button on its page, each ticked when it is done. The
// bundle is a tiny one whose report is known, so that the test does not depend on what the shipped model says.
import assert from 'node:assert/strict';
import path from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { TINY_TEXT, writeTinyBundle } from '../unit/bundle/tiny-bundle.ts';
import { openRoom, type Room } from './harness.ts';
import { pictureOfFailures, sampleWorkspace, vsix } from './workspace.ts';

const STEPS = ['Open a sample scan', 'Read it', 'Click a clue', 'Open the reconstruction'] as const;

describe('the walkthrough', () => {
  let room: Room;
  let frame: Frame;
  pictureOfFailures(() => room);

  const step = (title: string): Locator => room.page.locator('.getting-started-step', { hasText: title });

  /** Goes to the walkthrough, opens a step and presses its button. */
  async function press(title: (typeof STEPS)[number], button: string): Promise<void> {
    await room.command('Reading Room: Open Walkthrough');
    await step(title).first().waitFor();
    const action = step(title).getByText(button, { exact: true });
    if (!(await action.isVisible())) await step(title).locator('.step-title').click();
    await action.click();
  }

  before(async () => {
    const folder = sampleWorkspace();
    writeTinyBundle(path.join(folder, 'tiny'));
    room = await openRoom({ folder, vsix, settings: { 'readingRoom.bundle': path.join(folder, 'tiny') }, viewport: { width: 1500, height: 950 } });
    await room.activated();
  });

  after(() => room?.close());

  it('opens a sample scan', async () => {
    await press('Open a sample scan', 'Open Sample Scan');
    frame = await room.frame('rr-scan-app');
    await room.picture(frame, 'slice-axial');
  });

  it('reads it', async () => {
    await press('Read it', 'Read Scan');
    frame = await room.frame('[data-testid=report]', 120_000);
    assert.match((await frame.locator('[data-testid=report]').first().textContent()) ?? '', new RegExp(TINY_TEXT.split(',')[0] ?? ''));
  });

  it('goes to a clue', async () => {
    await press('Click a clue', 'Next Clue');
    frame = await room.frame('rr-clue-card');
    await frame.locator('rr-clue-card').getByText(/subdural haemorrhage/).first().waitFor();
    await frame.locator('rr-clue-card').getByText('Strength').first().waitFor();
  });

  it('opens the model view', async () => {
    await press('Open the reconstruction', 'Toggle Model View');
    frame = await room.frame('[data-testid=model-view]');
    await room.screenshot('e2e/walkthrough-model-view');
  });

  it('has every step ticked', async () => {
    await room.command('Reading Room: Open Walkthrough');
    for (const title of STEPS) await step(title).locator('.codicon-getting-started-step-checked').first().waitFor({ state: 'attached' });
    await room.screenshot('e2e/walkthrough');
  });
});
