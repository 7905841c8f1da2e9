// Script time of the scan editor for the two things a reader does most: a slice step and a window drag, three panes with
// overlay (label map, token grid, heat with outline, crosshair) and the reconstruction, 512 x 594 slices that are already
// loaded. The built webview runs in Chromium with a page script in the place of the extension host. Counts Chromium's
// ScriptDuration in CPU time of the page's thread, so that a busy machine does not count.

import { join } from 'node:path';
import type { BenchRow } from '../src/protocol/run.ts';
import { openHarness } from '../test/webview/build.ts';
import { row } from './index.ts';
import { runScript } from './lib/from-source.ts';
import { benchFolder, quantile } from './lib/in-vscode.ts';

const TO_REACH_MS = 8;
const TIMES = 80;
const WARM = 16;

export async function pane(): Promise<BenchRow[]> {
  const { browser, url, close } = await openHarness(join(benchFolder, 'webview'));
  try {
    const page = await browser.newPage({ viewport: { width: 1500, height: 950 } });
    // The TypeScript loader names inner functions through this helper, which a page does not have.
    await page.addInitScript('globalThis.__name = (f) => f');
    page.setDefaultTimeout(120_000);
    await page.goto(`${url}?state=reading&n=512&slices=8`);
    await page.getByTestId('slice-axial').waitFor();
    await page.locator('[data-clue="basal ganglia.1"]').click();
    await page.keyboard.press('t');
    await page.keyboard.press('l');
    await page.waitForTimeout(6000);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    const script = async (): Promise<number> => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'ScriptDuration')!.value * 1000;
    const measure = async (act: string): Promise<number[]> => {
      const list: number[] = [];
      for (let n = -WARM; n < TIMES; n++) {
        const before = await script();
        await page.evaluate(`(() => { const n = ${n}, { model } = document.querySelector('rr-scan-app'); ${act}; return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); })()`);
        if (n >= 0) list.push((await script()) - before);
      }
      return list;
    };
    // Every slice once, so that all are loaded and outlined; then back and forth.
    const step = await measure(`model.step('axial', Math.floor((n + ${WARM}) / 7) % 2 ? -1 : 1)`);
    const drag = await measure('model.setWindow(80 + (n % 40), 40 + (n % 17))');
    return [
      row('slice step, p95 of script', quantile(step, 0.95), 'ms', 'to reach', TO_REACH_MS),
      row('slice step, p50 of script', quantile(step, 0.5), 'ms', 'to reach for p95', TO_REACH_MS),
      row('window drag, p95 of script', quantile(drag, 0.95), 'ms', 'to reach', TO_REACH_MS),
      row('window drag, p50 of script', quantile(drag, 0.5), 'ms', 'to reach for p95', TO_REACH_MS),
    ];
  } finally {
    await close();
  }
}

await runScript(import.meta.url, pane);
