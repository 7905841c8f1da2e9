import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleDigest, loadBundle, summarise } from '../../../src/bundle/manifest.ts';
import { FILE } from '../../../src/bundle/conventions.ts';
import type { ErrorCode, RoomError } from '../../../src/protocol/error.ts';
import { tinyManifest, writeTinyBundle } from './tiny-bundle.ts';

describe('bundle manifest and files', () => {
  const home = mkdtempSync(join(tmpdir(), 'bundle-'));
  const good = join(home, 'good');
  let count = 0;
  before(() => writeTinyBundle(good));
  after(() => rmSync(home, { recursive: true, force: true }));

  const copy = (): string => {
    const folder = join(home, `copy-${count++}`);
    cpSync(good, folder, { recursive: true });
    return folder;
  };
  const refuses = (folder: string, code: ErrorCode, ...words: string[]): void => {
    assert.throws(() => loadBundle(folder), (error: RoomError) => {
      assert.equal(error.code, code, error.message);
      for (const word of words) assert.ok(error.message.includes(word), `'${error.message}' names '${word}'`);
      assert.notEqual(error.fix, '');
      return true;
    });
  };
  const withManifest = (change: (manifest: Record<string, never>) => void): string => {
    const folder = copy();
    const manifest = structuredClone(tinyManifest()) as unknown as Record<string, never>;
    change(manifest);
    writeFileSync(join(folder, FILE.manifest), JSON.stringify(manifest));
    return folder;
  };

  it('loads, and its digest follows the bytes of the weights', async () => {
    const bundle = loadBundle(good);
    assert.equal(bundle.decoder.layers, 2);
    assert.equal(bundle.decoder.headDim, 32);
    const folder = copy();
    assert.equal(await bundleDigest(loadBundle(folder)), await bundleDigest(bundle));
    const data = join(folder, `${FILE.encoder}_data`);
    const bytes = readFileSync(data);
    bytes[0]! ^= 1;
    writeFileSync(data, bytes);
    assert.notEqual(await bundleDigest(loadBundle(folder)), await bundleDigest(bundle));
  });

  it('names file, field and expectation of what is wrong in the manifest', () => {
    const set = (path: string, value: unknown) => (manifest: Record<string, unknown>): void => {
      const names = path.split('.');
      let at = manifest as Record<string, Record<string, unknown>>;
      for (const name of names.slice(0, -1)) at = at[name] as never;
      (at as Record<string, unknown>)[names.at(-1)!] = value;
    };
    refuses(withManifest(set('schema', 2)), 'invalid', FILE.manifest, "'schema'", 'must be 1');
    refuses(withManifest((m) => delete m['prompt']), 'invalid', "'prompt' is missing");
    refuses(withManifest(set('colour', 1)), 'invalid', "'colour' is not known");
    refuses(withManifest(set('preprocess.dims', [32, 0, 16])), 'invalid', 'preprocess.dims.1', '>= 1');
    refuses(withManifest(set('preprocess.dims', [33, 32, 16])), 'invalid', 'visual.grid.0', '33');
    refuses(withManifest(set('preprocess.channels.0.high', -5)), 'invalid', 'preprocess.channels.0.high');
    refuses(withManifest(set('stages.2.layout', 'best')), 'invalid', 'stages.2.layout', '"hf", "append"');
    refuses(withManifest(set('stages.0.kind', 'language-model')), 'invalid', 'stages.0');
    refuses(withManifest(set('visual.stage', 'encoder')), 'invalid', 'visual.stage', 'projector');
    refuses(withManifest(set('visual.tap', 'none')), 'invalid', 'visual.tap', 'projector.out');
    refuses(withManifest(set('prompt', '<image> and <image>')), 'invalid', 'prompt', 'exactly once');
    refuses(withManifest(set('probes.0.range', [5, 5])), 'invalid', 'probes.0.range');
  });

  it('keeps every path inside the folder, also behind links', () => {
    const at = (path: string): string => withManifest((m) => { (m['stages'] as never as { model: string }[])[0]!.model = path; });
    refuses(at('../outside.onnx'), 'untrusted', 'stages.0.model', '../outside.onnx');
    refuses(at('/etc/passwd.onnx'), 'untrusted', '/etc/passwd.onnx');
    refuses(at('onnx\\..\\..\\x.onnx'), 'untrusted');
    refuses(at('onnx/none.onnx'), 'not-found', 'onnx/none.onnx');
    const linked = at('onnx/link.onnx');
    const elsewhere = join(home, 'elsewhere.onnx');
    writeFileSync(elsewhere, '');
    symlinkSync(elsewhere, join(linked, 'onnx/link.onnx'));
    refuses(linked, 'untrusted', 'onnx/link.onnx');
  });

  it('refuses external data outside, cut short or linked out, before ONNX Runtime sees it', () => {
    const outside = copy();
    const file = join(outside, FILE.encoder);
    const model = readFileSync(file);
    const name = Buffer.from('encoder.onnx_data');
    const at = model.indexOf(name);
    assert.ok(at > 0);
    model.set(Buffer.from('../../../passwd.x'), at);
    writeFileSync(file, model);
    refuses(outside, 'untrusted', 'passwd.x');
    const short = copy();
    truncateSync(join(short, `${FILE.decoder}_data`), 1000);
    refuses(short, 'format', 'decoder.onnx', '1000');
    const linked = copy();
    const secret = join(home, 'secret');
    cpSync(join(good, `${FILE.projector}_data`), secret);
    rmSync(join(linked, `${FILE.projector}_data`));
    symlinkSync(secret, join(linked, `${FILE.projector}_data`));
    refuses(linked, 'untrusted');
  });

  it('gives a typed error on broken files, whatever is in them', () => {
    for (const file of [FILE.manifest, FILE.config]) {
      const folder = copy();
      writeFileSync(join(folder, file), '{"schema": 1,');
      refuses(folder, 'format', file, 'not JSON');
    }
    const noise = copy();
    writeFileSync(join(noise, FILE.encoder), Buffer.from(Array.from({ length: 300 }, (_, n) => (n * 151) % 256)));
    refuses(noise, 'format', 'encoder.onnx');
    const cut = copy();
    truncateSync(join(cut, FILE.scorer), 500);
    refuses(cut, 'format', 'scorer.onnx');
    const untold = copy();
    rmSync(join(untold, FILE.tokenizer));
    refuses(untold, 'not-found', FILE.tokenizer);
    const noEnd = copy();
    rmSync(join(noEnd, FILE.generation));
    const config = JSON.parse(readFileSync(join(noEnd, FILE.config), 'utf8')) as Record<string, unknown>;
    delete config['eos_token_id'];
    writeFileSync(join(noEnd, FILE.config), JSON.stringify(config));
    refuses(noEnd, 'invalid', 'eos_token_id');
  });

  it('keeps the place of a broken bundle in a list, with problem and fix', () => {
    const summary = summarise(join(home, 'nothing-here'));
    assert.match(summary.problem?.message ?? '', /reading-room\.json/);
    assert.notEqual(summary.problem?.fix, '');
    assert.equal(summarise(good).problem, undefined);
    assert.equal(summarise(good).stages.length, 4);
  });
});
