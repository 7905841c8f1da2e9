// Builds the VSIX of this platform at out/reading-room-<target>.vsix, from a staging folder that holds only what runs:
// minified bundles, media, models, files the manifest names, and the one native library of onnxruntime-node for this
// platform (it lies at dist/node_modules, where dist/engine.js finds it first). Fails above 60 MB.
import { existsSync } from 'node:fs';
import { cp, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { main, out, readJson, root, run, say, StepError } from './lib/steps.mjs';

const LIMIT_MB = 60;
const SHIPPED = ['README.md', 'CHANGELOG.md', 'LICENSE', 'media', 'models'];

export const target = `${process.platform}-${process.arch}`;
export const vsixFile = path.join(out, `reading-room-${target}.vsix`);

/** Relative paths of the files that a part of the manifest names, such as icons, schemas and walkthrough pages. */
function namedFiles(value) {
  if (Array.isArray(value)) return value.flatMap(namedFiles);
  if (value && typeof value === 'object') return Object.values(value).flatMap(namedFiles);
  if (typeof value !== 'string' || !/^\.\/\S+$/.test(value) || value.startsWith('./dist/')) return [];
  return [value.slice(2)];
}

async function copyRuntime(staged) {
  const modules = path.join(root, 'node_modules');
  const to = path.join(staged, 'dist/node_modules');
  const binary = path.join('onnxruntime-node/bin/napi-v6', process.platform, process.arch);
  if (!existsSync(path.join(modules, binary))) throw new StepError(`onnxruntime-node has no library for ${target}.`);
  const code = (file) => !/\.(map|d\.ts)$/.test(file);
  await cp(path.join(modules, binary), path.join(to, binary), { recursive: true, dereference: true });
  for (const folder of ['onnxruntime-node/dist', 'onnxruntime-common/dist/cjs', 'onnxruntime-common/dist/esm']) {
    await cp(path.join(modules, folder), path.join(to, folder), { recursive: true, filter: code });
  }
  for (const name of ['onnxruntime-node', 'onnxruntime-common']) {
    const { version, license, main: entry, exports, type } = readJson(path.join(modules, name, 'package.json'));
    const manifest = { name, version, license, type, main: entry, exports };
    await writeFile(path.join(to, name, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
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
