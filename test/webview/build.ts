// Builds the scan editor's webview and the harness page into a folder, serves them and starts Chromium, for looking at the
// view and for timing it.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { build } from 'esbuild';
import { chromium, type Browser } from 'playwright-core';

const root = join(import.meta.dirname, '..', '..');

/** Writes scan.js, scan.css, harness.js and index.html; the page has the policy of the real webview. */
async function buildHarness(out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  await build({
    entryPoints: { scan: join(root, 'webview/scan/main.ts'), harness: join(root, 'test/webview/harness.ts') },
    outdir: out, bundle: true, format: 'iife', platform: 'browser', target: 'chrome120', minify: true, logLevel: 'warning', tsconfig: join(root, 'tsconfig.json'),
  });
  const policy = "default-src 'none'; script-src 'nonce-harness'; style-src 'nonce-harness' http://127.0.0.1:*; font-src http://127.0.0.1:*; img-src http://127.0.0.1:* data:";
  await writeFile(join(out, 'index.html'), `<!doctype html><html lang="en"><head><link rel="icon" href="data:,"><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="scan.css" nonce="harness"></head><body><rr-scan-app></rr-scan-app>
<script src="harness.js" nonce="harness"></script><script src="scan.js" nonce="harness"></script></body></html>`);
}

const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' };

/** Builds into `out`, serves it and starts a browser ($CHROMIUM or /usr/bin/chromium). */
export async function openHarness(out: string): Promise<{ browser: Browser; url: string; close: () => Promise<void> }> {
  await buildHarness(out);
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname.replace(/^\/$/, '/index.html');
    readFile(join(out, path)).then(
      (data) => response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(data),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  return {
    browser,
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`,
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}
