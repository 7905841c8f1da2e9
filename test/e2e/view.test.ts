import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openHarness } from '../webview/build.ts';

/** What the tests read of the view: its state, and the placement of the axial slice. */
interface ViewWindow {
  app: {
    model: {
      point: number[];
      window: { width: number; level: number };
      zooms: Record<string, { scale: number; panX: number; panY: number }>;
      view: string;
      clueKey?: string;
      variant: string;
      slices: { image(plane: string, index: number, layer: { kind: 'scan' }): { data: Int16Array } };
      index(plane: string): number;
    };
  };
}

const model = <T>(page: Page, expression: string): Promise<T> => page.evaluate(`(() => { const model = document.querySelector('rr-scan-app').model; return ${expression}; })()`);

// The scan editor in a browser with a made-up host (test/webview): what gestures and keys do, and that what is drawn lies
// where it says.
describe('the scan editor in a browser', () => {
  let out: string;
  let room: Awaited<ReturnType<typeof openHarness>>;
  const complaints: string[] = [];

  async function open(query: string, scale = 1): Promise<Page> {
    const page = await room.browser.newPage({ viewport: { width: 1300, height: 820 }, deviceScaleFactor: scale });
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${room.url}?${query}`);
    await page.waitForFunction(() => 'three-panes' in (window as unknown as { harness: { marks: object } }).harness.marks);
    return page;
  }

  before(async () => {
    out = await mkdtemp(join(tmpdir(), 'reading-room-view-'));
    room = await openHarness(out);
  });

  after(async () => {
    await room?.close();
    await rm(out, { recursive: true, force: true });
  });

  for (const scale of [1, 2]) {
    it(`draws voxels where the placement says at ${scale} device pixels per pixel, zoomed and panned`, async () => {
      const page = await open('state=start&n=100&slices=20', scale);
      // Grey of 60 pixel centres of the axial slice against their Hounsfield units in W 80 L 40; linear interpolation gives
      // the voxel's own value at its centre, so half a grey level of rounding and one of interpolation are allowed.
      for (const zoom of ['{ scale: 1, panX: 0, panY: 0 }', '{ scale: 5.3, panX: 17, panY: -8 }']) {
        await model(page, `(model.setWindow(2000, 0), model.setZoom('axial', ${zoom}))`);
        await page.waitForTimeout(200);
        const worst = await page.evaluate(`(() => {
          const app = document.querySelector('rr-scan-app');
          const pane = app.renderRoot.querySelector('rr-slices').renderRoot.querySelector('rr-pane.axial');
          const canvas = pane.renderRoot.querySelector('canvas.pixels');
          const ratio = canvas.width / canvas.clientWidth;
          if (canvas.width !== Math.round(canvas.clientWidth * devicePixelRatio)) return 'backing store ' + canvas.width;
          const data = app.model.slices.image('axial', app.model.index('axial'), { kind: 'scan' }).data;
          const context = canvas.getContext('2d', { willReadFrequently: true });
          let worst = 0, seen = 0;
          for (let n = 0; n < 4000 && seen < 60; n++) {
            const c = (n * 37) % 100, r = (n * 61) % 100;
            const [x, y] = pane.placement.pixelToCanvas(c, r);
            if (x < 2 || y < 2 || x > canvas.clientWidth - 3 || y > canvas.clientHeight - 3) continue;
            // The four device pixels around a centre that falls between pixels are averaged by position.
            const [u, v] = [x * ratio - 0.5, y * ratio - 0.5];
            const [i, j] = [Math.floor(u), Math.floor(v)];
            const at = (a, b) => context.getImageData(i + a, j + b, 1, 1).data[0];
            const [fu, fv] = [u - i, v - j];
            const grey = (at(0, 0) * (1 - fu) + at(1, 0) * fu) * (1 - fv) + (at(0, 1) * (1 - fu) + at(1, 1) * fu) * fv;
            const hu = data[r * 100 + c];
            const around = [[1, 0], [-1, 0], [0, 1], [0, -1]].map(([a, b]) => data[(r + b) * 100 + c + a]);
            if (around.some((q) => q === undefined || Math.abs(q - hu) > 120)) continue;
            seen++;
            worst = Math.max(worst, Math.abs(grey - Math.min(255, Math.max(0, (255 * (hu + 1000)) / 2000))));
          }
          return seen < 60 ? 'only ' + seen : worst;
        })()`);
        assert.ok(typeof worst === 'number' && worst < 4, `grey levels off by ${String(worst)} at zoom ${zoom}`);
      }
      await page.close();
    });
  }

  it('scrolls by wheel, zooms about the pointer with Ctrl, windows by right drag, pans by middle drag, fits by double click', async () => {
    const page = await open('state=start&n=100&slices=20');
    const box = (await page.getByTestId('slice-axial').boundingBox())!;
    const [x, y] = [box.x + box.width * 0.6, box.y + box.height * 0.4];
    await page.mouse.move(x, y);
    const before = await model<number>(page, "model.index('axial')");
    await page.mouse.wheel(0, 100);
    await page.waitForFunction((n) => (document.querySelector('rr-scan-app') as unknown as ViewWindow['app']).model.index('axial') === n, before + 1);

    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    await page.waitForFunction(() => (document.querySelector('rr-scan-app') as unknown as ViewWindow['app']).model.zooms['axial']!.scale > 1.2);

    await page.mouse.down({ button: 'right' });
    await page.mouse.move(x + 40, y - 20, { steps: 4 });
    await page.mouse.up({ button: 'right' });
    const { width, level } = await model<{ width: number; level: number }>(page, 'model.window');
    assert.deepEqual([width, level], [90, 35]);

    const point = await model<number[]>(page, 'model.point');
    await page.mouse.down({ button: 'middle' });
    await page.mouse.move(x + 90, y + 30, { steps: 4 });
    await page.mouse.up({ button: 'middle' });
    assert.deepEqual(await model(page, 'model.point'), point);
    assert.ok((await model<number>(page, 'model.zooms.axial.panX')) !== 0);

    await page.mouse.dblclick(x, y);
    assert.deepEqual(await model(page, 'model.zooms.axial'), { scale: 1, panX: 0, panY: 0 });
    await page.close();
  });

  it('moves one crosshair through all planes by left drag and by keys', async () => {
    const page = await open('state=start&n=100&slices=20');
    const box = (await page.getByTestId('slice-coronal').boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height * 0.3);
    const from = await model<number>(page, "model.index('axial')");
    assert.ok(from > 10, `axial slice ${from}`);
    await page.getByTestId('slice-axial').focus();
    for (const [key, index] of [['ArrowDown', from + 1], ['PageUp', from - 4], ['Home', 0], ['End', 19]] as const) {
      await page.keyboard.press(key);
      assert.equal(await model(page, "model.index('axial')"), index, key);
    }
    await page.keyboard.press('4');
    assert.deepEqual(await model(page, 'model.window'), { width: 2800, level: 600 });
    await page.waitForTimeout(300);
    assert.match((await page.getByTestId('slice-axial').getAttribute('aria-label')) ?? '', /^Axial slice 20 of 20, bone window, crosshair at /);
    await page.close();
  });

  it('goes from a clue to its region, from a place to its token and words, and shows the model\u2019s input', async () => {
    const page = await open('state=reading&n=100&slices=20');
    await page.locator('[data-clue="basal ganglia.1"]').click();
    await page.getByText('occlusion, mean token').waitFor();
    await page.getByText('no support found').waitFor({ state: 'detached' });
    await page.locator('[data-look=unsupported]').first().click();
    await page.getByTestId('report').getByText('no support found', { exact: true }).waitFor();
    await page.keyboard.press('n');
    assert.equal(await model(page, 'model.clueKey'), 'ventricles and midline.1');
    await page.locator('[data-look=missed]').first().click();
    await page.getByText('the model wrote no words that could be traced').waitFor();

    const box = (await page.getByTestId('slice-axial').boundingBox())!;
    await page.mouse.click(box.x + box.width * 0.45, box.y + box.height * 0.45);
    await page.getByTestId('place-card').getByText(/percentile/i).waitFor();

    await page.keyboard.press('e');
    assert.equal(await model(page, 'model.variant'), 'error');
    await page.getByTestId('null-baseline').click();
    assert.equal(await model(page, 'model.variant'), 'null');
    await page.keyboard.press('m');
    await page.getByTestId('model-view').waitFor();
    assert.equal(await page.getByTestId('lossy-step').count(), 3);
    await page.close();
  });

  it('streams a reading, cancels it and finishes another', async () => {
    const page = await open('state=start&n=100&slices=20');
    await page.getByTestId('read-button').click();
    await page.getByTestId('stage').first().waitFor();
    await page.getByTestId('cancel-button').click();
    await page.getByText('The reading was cancelled').waitFor();
    await page.getByText('Read again').click();
    await page.getByTestId('report').waitFor({ timeout: 60_000 });
    await page.getByTestId('reconstruction').waitFor();
    await page.close();
  });

  it('breaks no content security policy and logs no error', () => {
    assert.deepEqual(complaints, []);
  });
});
