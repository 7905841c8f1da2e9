// `npm start -- --check`: a person's first minutes, driven in a headless Chromium. Opens a sample scan, runs "Reading
// Room: Read Scan", waits for slices, report, clues and reconstruction, and saves the page in a light and a dark theme.
import path from 'node:path';
import { tsImport } from 'tsx/esm/api';
import { firstScan } from './samples.mjs';
import { root, say, StepError } from './steps.mjs';

const SLICE_TIMEOUT_MS = 60_000;
const READING_TIMEOUT_MS = 240_000;
const PLANES = ['axial', 'coronal', 'sagittal'];

/** Opens the workbench with the VSIX installed and reads one scan. Throws StepError naming the first part that is absent. */
export async function check(folder, vsix) {
  const scan = firstScan();
  if (!scan) throw new StepError(`there is no sample scan in ${folder}; delete that folder and run this again.`);
  const { openRoom } = await tsImport('../../test/e2e/harness.ts', import.meta.url);
  const room = await openRoom({ folder, vsix, viewport: { width: 1600, height: 1000 } });
  try {
    await room.activated();
    await room.openFile(scan);
    const frame = await room.frame('[data-testid=slice-axial]', SLICE_TIMEOUT_MS);
    for (const plane of PLANES) {
      const greys = await room.picture(frame, `slice-${plane}`, SLICE_TIMEOUT_MS);
      say(`  ${plane} slice: ${greys} grey levels`);
    }
    await room.startReading(frame);
    const report = await room.report(frame, READING_TIMEOUT_MS);
    if (report === '') throw new StepError('the report is empty.');
    say(`  report: ${report.length} characters`);
    // Clues that the model wrote; what only the reference has does not count.
    const clues = frame.locator('[data-testid=clue]:not([data-look=missed])');
    await clues.first().waitFor({ timeout: READING_TIMEOUT_MS });
    say(`  clues: ${await clues.count()}`);
    const greys = await room.picture(frame, 'reconstruction', READING_TIMEOUT_MS);
    say(`  reconstruction: ${greys} grey levels`);
    for (const theme of ['light', 'dark']) {
      await room.theme(theme);
      say(`  ${path.relative(root, await room.screenshot(`check-${theme}`))}`);
    }
    if (room.external.size > 0) throw new StepError(`the page asked the network for ${[...room.external].join(', ')}.`);
    say('Slices, report, clues and reconstruction are on the page.');
  } catch (error) {
    const picture = await room.screenshot('check-failed').catch(() => '(no picture)');
    throw new StepError(`${error.message}\nThe page at that moment: ${picture}`);
  } finally {
    await room.close();
  }
}
