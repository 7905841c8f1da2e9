import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BundleSummary } from '../../../src/protocol/bundle.ts';
import type { DeviceCheck, ScanFacts } from '../../../src/protocol/engine.ts';
import type { Reading } from '../../../src/protocol/reading.ts';
import { TINY_TEXT, writeTinyBundle } from '../bundle/tiny-bundle.ts';
import { Progress } from '../../../src/cli/progress.ts';

const root = join(import.meta.dirname, '../../..');

function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], { cwd: root, env: { ...process.env, READING_ROOM_DEBUG: '' } });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

describe('reading-room command', () => {
  const home = mkdtempSync(join(tmpdir(), 'cli-'));
  after(() => rmSync(home, { recursive: true, force: true }));

  it('prints an error and its fix on stderr, exits with 1, shows no stack and nothing on stdout', async () => {
    const [verb, missing, option] = await Promise.all([run('dance'), run('scan', join(home, 'none.nii'), '--json'), run('read', 'x.nii', '--colour', 'red')]);
    for (const { code, out, err } of [verb, missing, option]) {
      assert.equal(code, 1);
      assert.equal(out, '');
      assert.match(err, /^error: .+\n {2}fix: .+\n$/);
      assert.ok(!err.includes('    at '));
    }
    assert.match(verb.err, /'dance'.*\n.*synth/);
    assert.match(option.err, /--colour/);
  });

  it('has help for itself and for each verb, on stdout with exit code 0', async () => {
    const help = await run('--help');
    assert.equal(help.code, 0);
    const verbs = [...help.out.matchAll(/^ {2}([a-z]+) {2,}/gm)].map((match) => match[1]!);
    assert.deepEqual(verbs, ['scan', 'read', 'clues', 'reading', 'synth', 'train', 'probe', 'eval', 'bundle', 'bench', 'devices']);
    const { verb } = (await import('../../../src/cli/eval.ts'));
    assert.match(verb.usage, /reading-room eval <cases\.jsonl>/);
    const one = await run('read', '--help');
    assert.equal(one.code, 0);
    assert.match(one.out, /--bundle <folder>/);
  });

  it('makes phantoms, reads one with a bundle and exports it; JSON stands alone on stdout', async function () {
    this.timeout(180_000); // eight processes, each starting with a loader
    const scans = join(home, 'scans');
    const bundle = join(home, 'tiny');
    writeTinyBundle(bundle);
    const made = await run('synth', 'head', '--count', '1', '--seed', '7', '--format', 'dicom', '--out', scans, '--json');
    assert.deepEqual(JSON.parse(made.out), { cases: 1, out: scans });
    assert.deepEqual(readdirSync(scans).sort(), ['cases.jsonl', 'head-00007', 'head-00007-labels.json', 'head-00007-labels.nii.gz', 'head-00007.txt']);
    const read = await run('read', join(scans, 'head-00007'), '--bundle', bundle, '--out', join(home, 'r'), '--device', 'cpu', '--json');
    assert.equal(read.code, 0, read.err);
    const reading = JSON.parse(read.out) as Reading;
    assert.equal(reading.text, TINY_TEXT);
    assert.equal(reading.scan.format, 'dicom');
    assert.equal(reading.reference?.path, join(scans, 'head-00007.txt'));
    const [facts, page, bundles] = await Promise.all([
      run('scan', join(scans, 'head-00007'), '--json'),
      run('reading', 'export-html', join(home, 'r'), '--out', join(home, 'r.html')),
      run('bundle', 'list', home, '--json'),
    ]);
    assert.equal((JSON.parse(facts.out) as ScanFacts).storedSha256, reading.scan.storedSha256);
    assert.equal(page.code, 0);
    assert.ok(existsSync(join(home, 'r.html')));
    assert.equal((JSON.parse(bundles.out) as BundleSummary[])[0]?.name, 'tiny');
    const labels = JSON.parse(readFileSync(join(scans, 'head-00007-labels.json'), 'utf8')) as Record<string, string>;
    assert.equal(labels['65'], 'subdural haemorrhage');
  });

  it('finds the CPU usable', async () => {
    const { out } = await run('devices', '--device', 'cpu', '--json');
    const [cpu] = JSON.parse(out) as DeviceCheck[];
    assert.equal(cpu?.device, 'cpu');
    assert.ok(cpu.usable && cpu.chosen && cpu.steps.every((step) => step.ok));
  });
});

describe('progress on stderr', () => {
  it('is one line that is rewritten on a terminal, and cleared', () => {
    let text = '';
    const progress = new Progress({ isTTY: true, columns: 20, write: (part) => (text += part) });
    progress.line('a long line that is longer than the terminal', true);
    progress.clear();
    assert.ok(!text.includes('\n'));
    assert.ok(text.endsWith('\r\x1b[2K'));
    assert.ok(text.includes('a long line that i…'));
  });

  it('is at most one line a second elsewhere, but stage ends are always told', () => {
    let text = '';
    const progress = new Progress({ write: (part) => (text += part) });
    for (let n = 0; n <= 100; n++) progress.event({ type: 'progress', job: 'x', stage: 'read', done: n, total: 100 });
    assert.deepEqual(text.trim().split('\n'), ['read 0/100', 'read 100/100']);
  });
});
