// Script time of the scan editor for the two things a reader does most: a slice step and a window drag, three panes with
// overlay (label map, token grid, heat with outline, crosshair), 512 x 512 slices. Counts the time inside the page's event
// handlers, promise callbacks and frame callbacks, not the browser's own compositing. `npx tsx test/webview/perf.ts [out]`.

import { openHarness } from './build.ts';

const { browser, url, close } = await openHarness(process.argv[2] ?? 'out/webview');
const page = await browser.newPage({ viewport: { width: 1500, height: 950 } });
// tsx names inner functions through this helper, which a page does not have.
await page.addInitScript('globalThis.__name = (f) => f');
await page.goto(`${url}?state=reading&n=512&slices=40`);
await page.getByTestId('slice-axial').waitFor();
await page.waitForTimeout(3000);
await page.locator('[data-clue="basal ganglia.1"]').click();
await page.keyboard.press('t');
await page.keyboard.press('l');
await page.waitForTimeout(4000);
const times = await page.evaluate(async () => {
  const app = document.querySelector('rr-scan-app') as unknown as { model: { step(plane: string, n: number): void; window: { width: number; level: number }; setWindow(w: number, l: number): void } };
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  // Frame callbacks registered by the page run before ours of the same frame: measured from the first to the last.
  const original = window.requestAnimationFrame.bind(window);
  let spent = 0;
  window.requestAnimationFrame = (callback) => original((t) => { const s = performance.now(); callback(t); spent += performance.now() - s; });
  const measure = async (action: (n: number) => void, count: number): Promise<number[]> => {
    const list: number[] = [];
    for (let n = 0; n < count; n++) {
      spent = 0;
      const s = performance.now();
      action(n);
      spent += performance.now() - s;
      await new Promise((r) => original(r));
      await new Promise((r) => setTimeout(r, 30));
      list.push(spent);
    }
    return list;
  };
  await frame();
  const step = (n: number): void => app.model.step('axial', n % 16 < 8 ? 1 : -1);
  await measure(step, 40);
  return { 'slice step': await measure(step, 80), 'window drag': await measure((n) => app.model.setWindow(80 + (n % 40), 40 + (n % 17)), 80) };
});
const quantile = (list: number[], q: number): number => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * list.length))]!;
for (const [name, list] of Object.entries(times)) console.log(`${name}: p50 ${quantile(list, 0.5).toFixed(1)} ms, p95 ${quantile(list, 0.95).toFixed(1)} ms of script, n ${list.length}`);
await close();
