// Looks at the scan editor in Chromium with the harness: `npx tsx test/webview/shoot.ts [out] [name ...]` writes one PNG per
// case, prints policy violations, page errors and the times the view reported.

import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openHarness } from './build.ts';

interface Case {
  query: string;
  width?: number;
  height?: number;
  act?: (page: Page) => Promise<void>;
}

const bleed = async (page: Page): Promise<void> => {
  await page.locator('[data-clue="basal ganglia.1"]').click();
  await page.waitForTimeout(300);
};
const place = async (page: Page): Promise<void> => {
  const box = (await page.getByTestId('slice-axial').boundingBox())!;
  await page.mouse.click(box.x + box.width * 0.42, box.y + box.height * 0.42);
  await page.waitForTimeout(200);
};

const CASES: Record<string, Case> = {
  start: { query: 'state=start' },
  'start-light': { query: 'state=start&theme=light' },
  reading: { query: 'state=reading' },
  clue: { query: 'state=reading', act: bleed },
  'clue-light': { query: 'state=reading&theme=light', act: async (p) => { await bleed(p); await p.keyboard.press('t'); await p.keyboard.press('e'); await place(p); } },
  'clue-hc': { query: 'state=reading&theme=hc', act: async (p) => { await bleed(p); await place(p); } },
  'clue-hc-light': { query: 'state=reading&theme=hc-light', act: bleed },
  place: { query: 'state=reading', act: async (p) => { await p.keyboard.press('t'); await place(p); } },
  missed: { query: 'state=reading', act: async (p) => { await p.locator('[data-look=missed]').first().click(); await p.keyboard.press('l'); await p.waitForTimeout(200); } },
  none: { query: 'state=reading', act: async (p) => { await p.locator('[data-look=unsupported]').first().click(); await p.waitForTimeout(200); } },
  model: { query: 'state=reading', act: async (p) => { await p.keyboard.press('m'); await p.waitForTimeout(300); } },
  noprobe: { query: 'state=noprobe&reference=0' },
  making: { query: 'state=making', act: async (p) => p.waitForTimeout(1600) },
  failed: { query: 'state=failed&theme=light', act: async (p) => p.waitForTimeout(600) },
  error: { query: 'state=error' },
  noslices: { query: 'state=noslices' },
  slow: { query: 'state=start&delay=100000&theme=light', act: async (p) => p.waitForTimeout(600) },
  opening: { query: 'state=opening&theme=light' },
  untrusted: { query: 'state=untrusted&theme=light' },
  lost: { query: 'state=reading', act: async (p) => { await p.evaluate(() => (window as unknown as { harness: { rpc: { engine(s: string, d: string): Promise<unknown> } } }).harness.rpc.engine('lost', 'It ended with signal SIGKILL; it is being started again.')); await p.waitForTimeout(100); } },
  narrow: { query: 'state=reading', width: 700, height: 1000, act: bleed },
  'narrow-start': { query: 'state=start&theme=light', width: 700, height: 1000 },
  max: { query: 'state=reading', act: async (p) => { await place(p); await p.keyboard.press('f'); await p.waitForTimeout(200); } },
};

const [out = 'out/webview', ...names] = process.argv.slice(2);
const { browser, url, close } = await openHarness(out);
for (const [name, c] of Object.entries(CASES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const page = await browser.newPage({ viewport: { width: c.width ?? 1240, height: c.height ?? 780 }, deviceScaleFactor: 1 });
  page.on('console', (m) => console.log(`${name}: ${m.text()}`));
  page.on('pageerror', (e) => console.log(`${name}: ${e.stack ?? e.message}`));
  await page.goto(`${url}?${c.query}`);
  await page.waitForTimeout(500);
  await c.act?.(page);
  await page.screenshot({ path: join(out, `${name}.png`) });
  console.log(name, JSON.stringify(await page.evaluate(() => (window as unknown as { harness: { marks: unknown } }).harness.marks)));
  await page.close();
}
await close();
