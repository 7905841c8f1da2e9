// From a fresh clone to Reading Room on the screen: installs packages, builds, writes sample scans, packages the VSIX,
// installs it without network and opens the samples: in desktop VS Code where `code` is on PATH, otherwise in a VS Code
// server from npm at a local address. Usage: node scripts/start.mjs [--check]. With --check it drives that server in a
// headless Chromium instead and exits 0 only if a reading with all its parts is on the page (see lib/check.mjs).
import { spawn } from 'node:child_process';
import path from 'node:path';
import { ensureChromium, ensureHost, ensurePackages } from './lib/install.mjs';
import { main, out, run, say, step, StepError, which } from './lib/steps.mjs';

await main(async () => {
  const options = process.argv.slice(2);
  const unknown = options.find((option) => option !== '--check');
  if (unknown) throw new StepError(`unknown option ${unknown}; there is --check.`);

  ensurePackages();
  const { build } = await import('./build.mjs');
  const { packageVsix } = await import('./package.mjs');
  const { ensureSamples } = await import('./lib/samples.mjs');
  await step('build', () => build());
  const folder = await step('sample scans', ensureSamples);
  const { file: vsix } = await step('package', packageVsix);

  if (options.includes('--check')) {
    process.env.CHROMIUM = ensureChromium();
    await step('VS Code server', ensureHost);
    const { check } = await import('./lib/check.mjs');
    await check(folder, vsix);
    return;
  }
  const code = which('code');
  if (code) openDesktop(code, folder, vsix);
  else await openServer(folder, vsix);
});

function openDesktop(code, folder, vsix) {
  const shell = process.platform === 'win32';
  run(code, ['--install-extension', vsix, '--force'], { shell });
  run(code, ['--new-window', folder], { shell });
  say(`\nReading Room is installed and VS Code opens ${folder}.`);
}

async function openServer(folder, vsix) {
  await step('VS Code server', ensureHost);
  const { tsImport } = await import('tsx/esm/api');
  const { startServer } = await tsImport('../test/e2e/server.ts', import.meta.url);
  const server = await startServer({ dir: path.join(out, 'server'), vsix });
  const url = server.url(folder);
  process.stdout.write(`\nReading Room runs in VS Code at\n\n  ${url}\n\nOpen it in Chrome, Edge or Firefox. Ctrl+C ends it.\n`);
  const opener = which(process.platform === 'darwin' ? 'open' : 'xdg-open');
  if (opener) spawn(opener, [url], { stdio: 'ignore', detached: true }).on('error', () => {}).unref();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.stop());
  await server.ended;
}
