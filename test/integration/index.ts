// Runs the tests of this folder inside VS Code's extension host, where 'vscode' exists. VS Code calls run() because
// the bundle of this file is its extensionTestsPath; the outcome goes to the file named by READING_ROOM_RESULTS, since
// an extension host has no terminal. Modal dialogs are refused in this mode: what needs them is tested in test/e2e.
import fs from 'node:fs';
import path from 'node:path';

interface Outcome {
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'pending';
  readonly milliseconds: number;
  readonly error?: string;
}

export async function run(): Promise<void> {
  const { default: Mocha } = await import('mocha');
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000 });
  const files = fs.readdirSync(__dirname).filter((name) => name.endsWith('.test.cjs'));
  for (const file of files.sort()) mocha.addFile(path.join(__dirname, file));
  const outcomes: Outcome[] = [];
  const record = (test: Mocha.Runnable, state: Outcome['state'], error?: Error): void => {
    const milliseconds = test.duration ?? 0;
    outcomes.push({ title: test.fullTitle(), state, milliseconds, ...(error ? { error: error.stack ?? String(error) } : {}) });
  };
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', (test) => record(test, 'passed'));
    runner.on('fail', (test, error: Error) => record(test, 'failed', error));
    runner.on('pending', (test) => record(test, 'pending'));
  });
  const target = process.env['READING_ROOM_RESULTS'];
  if (target) fs.writeFileSync(target, JSON.stringify(outcomes));
  if (failures > 0) throw new Error(`${failures} failed`);
}
