// NiiVue as the reference of the opening bench: installed from npm into out/bench (it is nobody's dependency here), bundled, and served
// with the scan from this machine to the same Chromium. Its time runs from the start of its script to a read-back pixel of
// the first axial slice, so that drawing is really done.

import { createReadStream, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { chromium } from 'playwright-core';
import { benchFolder } from './in-vscode.ts';
import { chromiumPath } from '../../test/e2e/harness.ts';

const VERSION = '0.69.0';
const folder = join(benchFolder, 'niivue');

const PAGE_SCRIPT = `import { Niivue } from '@niivue/niivue';
const nv = new Niivue({ logLevel: 'error', crosshairWidth: 1 });
const run = async () => {
  await nv.attachTo('view');
  nv.setSliceType(nv.sliceTypeAxial);
  await nv.loadVolumes([{ url: '/scan.nii.gz', cal_min: 0, cal_max: 80 }]);
  nv.drawScene();
  const pixel = new Uint8Array(4 * 64);
  nv.gl.readPixels(nv.gl.drawingBufferWidth >> 1, nv.gl.drawingBufferHeight >> 1, 8, 8, nv.gl.RGBA, nv.gl.UNSIGNED_BYTE, pixel);
  globalThis.drawn = { ms: performance.now() - START, levels: new Set(pixel).size };
};
run().catch((error) => { globalThis.drawn = { error: String(error) }; });
`;

async function buildPage(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'node_modules/@niivue/niivue/package.json'))) {
    process.stderr.write(`- installing NiiVue ${VERSION} from npm ...\n`);
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    execFileSync('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `@niivue/niivue@${VERSION}`], { cwd: folder, stdio: ['ignore', 2, 2] });
  }
  writeFileSync(join(folder, 'entry.js'), PAGE_SCRIPT);
  await esbuild.build({
    entryPoints: [join(folder, 'entry.js')], outfile: join(folder, 'page.js'), bundle: true, minify: true, format: 'iife', platform: 'browser', target: 'chrome120',
    // before everything else of the bundle, as the boot script of the scan editor takes its time
    banner: { js: 'const START = performance.now();' }, logLevel: 'error',
  });
}

/** Milliseconds of `opens` openings, each in a new page. */
export async function niivueFirstSlice(scan: string, opens: number): Promise<number[]> {
  await buildPage();
  const server = createServer((request, response) => {
    if (request.url === '/scan.nii.gz') {
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': statSync(scan).size });
      createReadStream(scan).pipe(response);
    } else if (request.url === '/page.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(join(folder, 'page.js')));
    else if (request.url === '/') response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><body style="margin:0"><canvas id="view" width="700" height="700"></canvas><script src="page.js"></script>');
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const browser = await chromium.launch({ executablePath: await chromiumPath(), args: ['--no-sandbox'] });
  try {
    const times: number[] = [];
    for (let n = 0; n < opens; n++) {
      const page = await browser.newPage({ viewport: { width: 700, height: 700 } });
      await page.goto(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`);
      const handle = await page.waitForFunction('globalThis.drawn', undefined, { timeout: 900_000 });
      const drawn = (await handle.jsonValue()) as { ms?: number; levels?: number; error?: string };
      if (drawn.ms === undefined || (drawn.levels ?? 0) < 4) throw new Error(`NiiVue drew nothing: ${drawn.error ?? `${drawn.levels} different bytes`}`);
      times.push(drawn.ms);
      await page.close();
    }
    return times;
  } finally {
    await browser.close();
    server.close();
  }
}
