// Makes a fresh machine ready: npm packages of the repository, the VS Code server under test/e2e/host, and Chromium.
// Each part first looks whether it is there already, so that calling it again costs milliseconds.
import { existsSync, lstatSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readJson, root, run, say, StepError, which } from './steps.mjs';

const NPM_FIX = 'npm must reach its registry for the first install; run this again when it does.';

/** The first package whose installed version is not the one the lock file names, or undefined when all agree. */
export function firstStalePackage(folder) {
  const installedFile = path.join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return 'node_modules';
  const installed = readJson(installedFile).packages;
  for (const [name, wanted] of Object.entries(readJson(path.join(folder, 'package-lock.json')).packages)) {
    if (name === '' || wanted.link || !name.includes('node_modules/') || wanted.optional || wanted.devOptional) continue;
    if (installed[name]?.version !== wanted.version) return name;
  }
  return undefined;
}

export function ensurePackages() {
  const stale = firstStalePackage(root);
  if (stale === undefined) return;
  const modules = path.join(root, 'node_modules');
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new StepError(`node_modules is a link to another folder and ${stale} there is missing or stale; run npm ci there.`);
  }
  say(`- npm ci (${stale} is missing or stale) ...`);
  // No package needs its install script here, and that of onnxruntime-node would download CUDA files from elsewhere.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { fix: NPM_FIX });
}

/** Installs the VS Code server from npm (about 300 MB the first time). Returns its paths, see test/e2e/host/setup.mjs. */
export async function ensureHost() {
  const { setup } = await import(pathToFileURL(path.join(root, 'test/e2e/host/setup.mjs')).href);
  try {
    return await setup(say);
  } catch (error) {
    throw new StepError(`The VS Code server could not be installed: ${error.message}\n${NPM_FIX}`);
  }
}

const CHROMIUM_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

function findChromium() {
  if (process.env.CHROMIUM) {
    if (existsSync(process.env.CHROMIUM)) return process.env.CHROMIUM;
    throw new StepError(`CHROMIUM is set to ${process.env.CHROMIUM}, which does not exist.`);
  }
  const named = ['chromium', 'google-chrome', 'chrome'].map(which).find(Boolean);
  return named ?? CHROMIUM_PLACES.find((place) => existsSync(place));
}

/** The path of a Chromium or Chrome; installs Debian's or Ubuntu's package where this process may do that. */
export function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && which('apt-get')) {
    say('- installing Chromium with apt-get ...');
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], { env });
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env });
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new StepError(
    'No Chromium or Chrome was found, and it cannot be installed from here (that needs root on Debian or Ubuntu).\n' +
      'Install it (Debian, Ubuntu: sudo apt-get install chromium) or set CHROMIUM to the path of the program.',
  );
}
