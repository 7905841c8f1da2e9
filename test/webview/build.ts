// Builds the scan editor's webview and the harness page into a folder, for looking at it and for timing it in a browser.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');

/** Writes scan.js, scan.css, harness.js and index.html; the page has the policy of the real webview. */
export async function buildHarness(out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  await build({
    entryPoints: { scan: join(root, 'webview/scan/main.ts'), harness: join(root, 'test/webview/harness.ts') },
    outdir: out, bundle: true, format: 'iife', platform: 'browser', target: 'chrome120', minify: true, logLevel: 'warning', tsconfig: join(root, 'tsconfig.json'),
  });
  const policy = "default-src 'none'; script-src 'nonce-harness'; style-src 'nonce-harness' http://127.0.0.1:*; font-src http://127.0.0.1:*; img-src http://127.0.0.1:* data:";
  await writeFile(join(out, 'index.html'), `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="scan.css" nonce="harness"></head><body>
<script src="harness.js" nonce="harness"></script><script src="scan.js" nonce="harness"></script></body></html>`);
}
