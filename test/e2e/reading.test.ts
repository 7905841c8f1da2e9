// A reading from the first click to the reopened file: slices, report, clues and reconstruction answer to each other, and
// a killed engine comes back. The bundle is a tiny one whose text is known; `npm start -- --check` reads with the shipped one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { TINY_TEXT, writeTinyBundle } from '../unit/bundle/tiny-bundle.ts';
import { openRoom, type Room } from './harness.ts';
import { NIFTI, pictureOfFailures, sampleWorkspace, vsix } from './workspace.ts';

const READING_MS = 120_000;
/** Part of the tiny bundle's text that no punctuation cuts. */
const SENTENCE = new RegExp(TINY_TEXT.split(',')[0] ?? '');

describe('reading', function () {
  // Each step stands on the one before.
  this.bail(true);
  let room: Room;
  let frame: Frame;

  before(async () => {
    const folder = sampleWorkspace();
    const bundle = path.join(folder, 'tiny');
    writeTinyBundle(bundle);
    room = await openRoom({ folder, vsix, settings: { 'readingRoom.bundle': bundle }, viewport: { width: 1600, height: 1000 } });
    await room.activated();
    await openScan();
  });

  after(() => room?.close());
  pictureOfFailures(() => room);

  const part = (testId: string): Locator => frame.locator(`[data-testid=${testId}]`);
  const axialLabel = (): Promise<string | null> => part('slice-axial').getAttribute('aria-label');

  async function openScan(): Promise<void> {
    await room.openFile(NIFTI);
    frame = await room.frame('[data-testid=slice-axial]');
    await room.picture(frame, 'slice-axial');
  }

  /** Process ids of the engines that this test's server started. */
  function engines(): number[] {
    const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
    const own = lines.filter((line) => line.includes('engine.js') && line.includes(room.server.dir));
    return own.map((line) => Number.parseInt(line, 10));
  }

  /** The first engine that is not among `known`. */
  async function newEngine(known: readonly number[], timeout: number): Promise<number> {
    const end = Date.now() + timeout;
    for (;;) {
      const pid = engines().find((one) => !known.includes(one));
      if (pid !== undefined) return pid;
      assert.ok(Date.now() < end, `no new engine within ${timeout} ms`);
      await room.page.waitForTimeout(20);
    }
  }

  it('survives the loss of its engine, tells it and reads again', async () => {
    const before = engines();
    await room.command('Reading Room: Read Scan');
    const model = await newEngine(before, 30_000);
    process.kill(model, 'SIGKILL');
    await newEngine([...before, model], 2000);
    await frame.locator('rr-making .notice.error').waitFor();
    await room.screenshot('e2e/reading-engine-lost');
    await room.startReading(frame, () => frame.locator('vscode-button', { hasText: 'Read again' }).click());
    assert.match(await room.report(frame, READING_MS), SENTENCE);
  });

  it('shows slices, report, clues and reconstruction side by side', async () => {
    for (const plane of ['axial', 'coronal', 'sagittal']) await room.picture(frame, `slice-${plane}`);
    assert.ok((await part('clue').count()) > 0);
    await room.picture(frame, 'reconstruction');
    await part('null-baseline').waitFor();
    await room.screenshot('e2e/reading');
  });

  it('tells method, strength and region of a clue that is clicked, or that nothing supports it', async () => {
    const clue = frame.locator('[data-testid=clue]:not([data-look=missed])').first();
    await clue.click();
    const card = frame.locator('rr-clue-card .card');
    await card.waitFor();
    await card.locator('dt', { hasText: 'Strength' }).waitFor();
    const text = await card.innerText();
    assert.match(text, /occlusion/);
    assert.match(text, /null/);
    await card.locator('button', { hasText: 'attention' }).click();
    await card.locator('dd', { hasText: 'attention' }).first().waitFor();
    await room.screenshot('e2e/reading-clue');
  });

  it('tells token, error and words of a place that is clicked', async () => {
    const before = await axialLabel();
    const box = await part('slice-axial').boundingBox();
    assert.ok(box);
    await room.page.mouse.click(box.x + box.width * 0.45, box.y + box.height * 0.6);
    await part('place-card').locator('dt', { hasText: 'RMSE' }).waitFor();
    assert.notEqual(await axialLabel(), before, 'the crosshair did not move');
    assert.match(await part('place-card').innerText(), /Token \d+/);
    await room.screenshot('e2e/reading-place');
  });

  it('shows the input of the model and what was lost on the way', async () => {
    await room.command('Reading Room: Toggle Model View');
    await part('model-view').waitFor();
    assert.ok((await part('lossy-step').count()) > 0);
    await room.picture(frame, 'slice-axial');
    await room.screenshot('e2e/reading-model-view');
    await room.command('Reading Room: Toggle Model View');
    await part('model-view').waitFor({ state: 'detached' });
  });

  it('draws in every theme', async () => {
    for (const theme of ['light', 'dark', 'high contrast', 'high contrast light'] as const) {
      await room.theme(theme);
      await room.picture(frame, 'reconstruction');
      await room.screenshot(`e2e/reading-${theme.replaceAll(' ', '-')}`);
    }
  });

  it('opens the report as a text document', async () => {
    const report = ((await part('report').textContent()) ?? '').trim();
    await room.command('Reading Room: Open Report as Text');
    const line = room.page.locator('.monaco-editor .view-line').first();
    await line.waitFor();
    assert.ok(report.length > 0);
    await room.screenshot('e2e/reading-report');
  });

  it('reopens a saved reading', async () => {
    await room.command('View: Close All Editors');
    await openScan();
    const saved = frame.locator('[data-testid=report], rr-start li button').first();
    await saved.waitFor();
    if ((await part('report').count()) === 0) await saved.click();
    assert.match(await room.report(frame, 20_000), SENTENCE);
    await room.picture(frame, 'reconstruction');
  });

  it('asks nothing of the network', () => {
    assert.deepEqual([...room.external], []);
  });
});
