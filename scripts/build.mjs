// Bundles Reading Room with esbuild: dist/extension.cjs (extension host), dist/engine.js and dist/cli.js (Node processes)
// and one dist/webview/<view>.js (and .css) per folder webview/<view> that has a main.ts. onnxruntime-node and
// the wasm decoders stay outside the bundles, because they load files beside themselves: see scripts/package.mjs.
// Usage: node scripts/build.mjs [--minify] [--watch]. Without --minify the bundles have source maps.
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { main, root, say, StepError } from './lib/steps.mjs';

// CommonJS packages inside an ES module bundle look for these three.
const ESM_BANNER = `import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __fileURLToPath } from 'node:url';
const require = __createRequire(import.meta.url);
const __filename = __fileURLToPath(import.meta.url);
const __dirname = __fileURLToPath(new URL('.', import.meta.url));`;

/** The esbuild settings of all bundles, written below outdir. */
async function bundles(outdir, minify) {
  const common = {
    absWorkingDir: root,
    bundle: true,
    minify,
    sourcemap: minify ? false : 'linked',
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  };
  const node = { ...common, platform: 'node', target: 'node20', external: ['onnxruntime-node', 'vscode'] };
  const esm = { ...node, format: 'esm', banner: { js: ESM_BANNER }, mainFields: ['module', 'main'] };
  const views = {};
  for (const entry of await readdir(path.join(root, 'webview'), { withFileTypes: true }).catch(() => [])) {
    const file = `webview/${entry.name}/main.ts`;
    if (entry.isDirectory() && existsSync(path.join(root, file))) views[entry.name] = file;
  }
  if (Object.keys(views).length === 0) throw new StepError('no folder of webview/ has a main.ts.');
  return [
    { ...node, format: 'cjs', entryPoints: ['src/extension/main.ts'], outfile: path.join(outdir, 'extension.cjs') },
    { ...esm, entryPoints: ['src/engine/main.ts'], outfile: path.join(outdir, 'engine.js') },
    { ...esm, entryPoints: ['src/cli/main.ts'], outfile: path.join(outdir, 'cli.js') },
    {
      ...common,
      platform: 'browser',
      target: 'chrome120',
      format: 'iife',
      entryPoints: views,
      outdir: path.join(outdir, 'webview'),
      loader: { '.svg': 'text', '.ttf': 'dataurl', '.woff': 'dataurl', '.woff2': 'dataurl' },
    },
  ];
}

/** Builds everything below outdir, which is emptied first. Throws StepError when the code does not bundle. */
export async function build({ outdir = path.join(root, 'dist'), minify = false } = {}) {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  try {
    await Promise.all((await bundles(outdir, minify)).map((options) => esbuild.build(options)));
  } catch (error) {
    throw new StepError(`the build failed: ${error.message}`);
  }
}

async function watch() {
  const outdir = path.join(root, 'dist');
  await mkdir(outdir, { recursive: true });
  for (const options of await bundles(outdir, false)) {
    const context = await esbuild.context({ ...options, logLevel: 'info' });
    await context.watch();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    if (process.argv.includes('--watch')) return watch();
    const start = performance.now();
    await build({ minify: process.argv.includes('--minify') });
    say(`built dist/ in ${Math.round(performance.now() - start)} ms`);
  });
}
