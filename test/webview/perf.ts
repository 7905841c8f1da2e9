// Script time of the scan editor for the two things a reader does most: a slice step and a window drag, three panes with
// overlay (label map, token grid, heat with outline, crosshair) and the reconstruction, 512 x 594 slices that are already
// loaded. Counts Chromium's ScriptDuration in CPU time of the page's thread, so that a busy machine does not count.
// `npx tsx test/webview/perf.ts [out]`.

import { openHarness } from './build.ts';

const { browser, url, close } = await openHarness(process.argv[2] ?? 'out/webview');
const page = await browser.newPage({ viewport: { width: 1500, height: 950 } });
// tsx names inner functions through this helper, which a page does not have.
await page.addInitScript('globalThis.__name = (f) => f');
await page.goto(`${url}?state=reading&n=512&slices=8`);
await page.getByTestId('slice-axial').waitFor();
await page.locator('[data-clue="basal ganglia.1"]').click();
await page.keyboard.press('t');
await page.keyboard.press('l');
await page.waitForTimeout(6000);
const cdp = await page.context().newCDPSession(page);
await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
const script = async (): Promise<number> => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'ScriptDuration')!.value * 1000;

async function measure(name: string, act: string, count: number): Promise<void> {
  const list: number[] = [];
  for (let n = -16; n < count; n++) {
    const before = await script();
    await page.evaluate(`(() => { const n = ${n}, { model } = document.querySelector('rr-scan-app'); ${act}; return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); })()`);
    if (n >= 0) list.push((await script()) - before);
  }
  list.sort((a, b) => a - b);
  const at = (q: number): string => list[Math.floor(q * (list.length - 1))]!.toFixed(1);
  console.log(`${name}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms of script`);
}

// Every slice once, so that all are loaded and outlined; then back and forth.
await measure('slice step', "model.step('axial', Math.floor((n + 16) / 7) % 2 ? -1 : 1)", 80);
await measure('window drag', 'model.setWindow(80 + (n % 40), 40 + (n % 17))', 80);
await close();
