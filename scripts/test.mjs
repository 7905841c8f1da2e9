// Runs every test: unit (mocha), integration (mocha inside VS Code's extension host) and end-to-end (a real VS Code in a
// real browser, with the packaged extension). Installs what is missing first, so it works by itself on a fresh machine
// with Node and npm. The last line on stdout is "N passed, N failed"; the exit code is 0 only when nothing failed.
// Usage: node scripts/test.mjs [unit] [integration] [e2e]; without names, all three.
import { ensureChromium, ensureHost, ensurePackages } from './lib/install.mjs';
import { main, say, step, StepError } from './lib/steps.mjs';

const NAMES = ['unit', 'integration', 'e2e'];

await main(async () => {
  const names = process.argv.length > 2 ? process.argv.slice(2) : NAMES;
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown) throw new StepError(`there is no suite "${unknown}"; the suites are ${NAMES.join(', ')}.`);

  ensurePackages();
  const { build } = await import('./build.mjs');
  await step('build', () => build());
  if (names.includes('integration') || names.includes('e2e')) {
    process.env.CHROMIUM = ensureChromium();
    await step('VS Code server', ensureHost);
  }
  if (names.includes('e2e')) {
    const { packageVsix } = await import('./package.mjs');
    await step('package', packageVsix);
    const { ensureSamples } = await import('./lib/samples.mjs');
    await step('sample scans', ensureSamples);
  }

  const suites = await import('./lib/suites.mjs');
  const total = { passed: 0, failed: 0, pending: 0 };
  for (const name of names) {
    try {
      const counts = await step(`${name} tests`, suites[name]);
      for (const key of Object.keys(total)) total[key] += counts[key];
      say(`  ${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.pending} skipped\n`);
    } catch (error) {
      total.failed += 1;
      say(`  ${name}: ${error instanceof StepError ? error.message : error.stack}\n`);
    }
  }
  if (total.pending > 0) say(`${total.pending} skipped, each named above`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.failed > 0 ? 1 : 0;
});
