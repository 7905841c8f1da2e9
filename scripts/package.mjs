// Builds the VSIX of this platform at out/reading-room-<target>.vsix, from a staging folder that holds only what runs:
// minified bundles, media, models, files the manifest names, and the few packages that cannot be bundled (at
// dist/node_modules, where dist/engine.js finds them first; of onnxruntime-node this platform's library alone).
// Fails above 60 MB.
import { existsSync } from 'node:fs';
import { cp, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { main, out, readJson, root, run, say, StepError } from './lib/steps.mjs';

const LIMIT_MB = 60;
const SHIPPED = ['README.md', 'CHANGELOG.md', 'LICENSE', 'media', 'models'];

const RUNTIME = {
  'onnxruntime-node': ['dist', `bin/napi-v6/${process.platform}/${process.arch}`],
  'onnxruntime-common': ['dist/cjs', 'dist/esm'],
  '@cornerstonejs/codec-charls': ['dist/charlswasm_decode.js', 'dist/charlswasm_decode.wasm'],
  '@cornerstonejs/codec-openjpeg': ['dist/openjpegwasm_decode.js', 'dist/openjpegwasm_decode.wasm'],
};

export const target = `${process.platform}-${process.arch}`;
export const vsixFile = path.join(out, `reading-room-${target}.vsix`);

/** Relative paths of the files that a part of the manifest names, such as icons, schemas and walkthrough pages. */
function namedFiles(value) {
  if (Array.isArray(value)) return value.flatMap(namedFiles);
  if (value && typeof value === 'object') return Object.values(value).flatMap(namedFiles);
  if (typeof value !== 'string' || !/^\.\/\S+$/.test(value) || value.startsWith('./dist/')) return [];
  return [value.slice(2)];
}

/** Copies the packages that stay outside the bundles, each reduced to what it needs at run time. */
async function copyRuntime(staged) {
  const code = (file) => !/\.(map|d\.ts)$/.test(file);
  for (const [name, parts] of Object.entries(RUNTIME)) {
    const from = path.join(root, 'node_modules', name);
    const to = path.join(staged, 'dist/node_modules', name);
    for (const part of parts) {
      if (!existsSync(path.join(from, part))) throw new StepError(`${name} has no ${part}, which ${target} needs.`);
      await cp(path.join(from, part), path.join(to, part), { recursive: true, dereference: true, filter: code });
    }
    const { version, license, main: entry, exports, type } = readJson(path.join(from, 'package.json'));
    const manifest = { name, version, license, type, main: entry, exports };
    await writeFile(path.join(to, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  }
}

async function stage(staged) {
  await rm(staged, { recursive: true, force: true });
  await mkdir(staged, { recursive: true });
  const { scripts, dependencies, devDependencies, ...manifest } = readJson(path.join(root, 'package.json'));
  const files = new Set([...SHIPPED, ...namedFiles({ icon: manifest.icon && `./${manifest.icon}`, ...manifest.contributes })]);
  for (const file of files) {
    const from = path.join(root, file);
    if (existsSync(from)) await cp(from, path.join(staged, file), { recursive: true, dereference: true });
    else if (!SHIPPED.includes(file)) throw new StepError(`package.json names ${file}, which does not exist.`);
  }
  await writeFile(path.join(staged, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await build({ outdir: path.join(staged, 'dist'), minify: true });
  await copyRuntime(staged);
}

/** Builds the VSIX and returns its path and size in MB (10^6 bytes). */
export async function packageVsix() {
  const staged = path.join(out, 'package');
  await stage(staged);
  await rm(vsixFile, { force: true });
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  const flags = ['--no-dependencies', '--allow-missing-repository', '--skip-license', '--no-rewrite-relative-links'];
  run(process.execPath, [vsce, 'package', '--target', target, '--out', vsixFile, ...flags], { cwd: staged, quiet: true });
  const megabytes = (await stat(vsixFile)).size / 1e6;
  if (megabytes > LIMIT_MB) throw new StepError(`${vsixFile} is ${megabytes.toFixed(1)} MB, over the limit of ${LIMIT_MB} MB.`);
  return { file: vsixFile, megabytes };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    const { file, megabytes } = await packageVsix();
    say(`${path.relative(root, file)}: ${megabytes.toFixed(1)} MB`);
  });
}
