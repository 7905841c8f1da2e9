import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/api.ts';
import { loadTensors } from '../../../src/bundle/reading-files.ts';
import type { EngineApi, EngineEvent } from '../../../src/protocol/engine.ts';
import { RoomError } from '../../../src/protocol/error.ts';
import { writeNifti, writeNiftiLabels } from '../../../src/scan/nifti-write.ts';
import { headCase } from '../../../src/synth/head/index.ts';
import { TINY_TEXT, writeTinyBundle } from './tiny-bundle.ts';

describe('a reading, end to end on a tiny bundle', () => {
  const home = mkdtempSync(join(tmpdir(), 'reading-'));
  const scan = join(home, 'head.nii.gz');
  const bundle = join(home, 'tiny');
  const events: EngineEvent[] = [];
  let engine: EngineApi;

  before(async () => {
    const { hu, labels, grid, affine } = headCase(3, { grid: { dims: [48, 48, 20], spacing: [4.4, 4.4, 8] } });
    await writeNifti(scan, { data: hu, dims: grid.dims, affine, unit: 'HU' });
    await writeNiftiLabels(join(home, 'head-labels.nii.gz'), labels, grid.dims, affine);
    writeFileSync(join(home, 'head.txt'), 'Findings: Left subdural haemorrhage. There is hydrocephalus.\n');
    writeTinyBundle(bundle);
    engine = createEngine({ emit: (event) => events.push(event) });
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  it('passes its own check', async () => {
    const { ok, checks } = await engine.checkBundle(bundle);
    assert.ok(ok, JSON.stringify(checks, null, 1));
    assert.deepEqual(checks.map((check) => check.name), ['manifest and files', 'tokenizer', 'visual stages', 'prompt', 'language model', 'scorer agrees with the decoder', 'probe r-probe']);
  });

  it('writes the text of the chain, with tokens, clues, links, probe and comparison', async () => {
    const reading = await engine.read('one', { scan, bundle, out: join(home, 'r1'), device: 'cpu' });
    assert.equal(reading.text, TINY_TEXT);
    assert.equal(reading.finish, 'eos');
    assert.equal(reading.tokens.map((token) => token.text).join(''), TINY_TEXT);
    for (const token of reading.tokens) {
      assert.equal(TINY_TEXT.slice(token.span[0], token.span[1]), token.text);
      assert.ok(token.logProb < 0 && token.logProb > -5);
    }
    assert.equal(events.filter((event) => event.type === 'token').map((event) => event.text).join(''), TINY_TEXT);
    assert.deepEqual(reading.clues.map((clue) => [clue.finding, clue.side, clue.polarity]), [['subdural-haemorrhage', 'left', 'present'], ['midline-shift', 'none', 'absent']]);
    assert.deepEqual(reading.links.map((link) => link.method), ['occlusion', 'attention', 'occlusion', 'attention']);
    assert.deepEqual(reading.reference?.compared.map((entry) => entry.status).sort(), ['missed', 'normal', 'supported']);
    assert.ok((reading.reference?.metrics['bleu4'] ?? -1) >= 0);
    assert.deepEqual(reading.stages.map((stage) => stage.kind), ['preprocess', 'encoder', 'projector', 'language-model', 'probe', 'links']);
    assert.deepEqual(reading.stages.map((stage) => stage.shape).slice(0, 3), [[1, 2, 16, 32, 32], [1, 32, 48], [1, 32, 64]]);
    assert.ok(reading.lossy.some((step) => step.step === 'resample' && step.what.includes('48 x 48 x 20')));
    assert.equal(reading.lossy.filter((step) => step.step === 'window').length, 2);
    assert.deepEqual(reading.visual.footprintMm, [56, 56, 88]);
  });

  it('saves tensors of the stated shapes and bounds', async () => {
    const tensors = loadTensors(join(home, 'r1'));
    const { tokens } = JSON.parse(readFileSync(join(home, 'r1', 'reading.json'), 'utf8')) as { tokens: unknown[] };
    const shape = (name: string): readonly number[] | undefined => tensors.get(name)?.dims;
    assert.deepEqual(shape('input'), [2, 16, 32, 32]);
    assert.deepEqual(shape('visual_tokens'), [32, 64]);
    assert.deepEqual(shape('reconstruction'), [16, 32, 32]);
    assert.deepEqual(shape('token_error'), [2, 32]);
    assert.deepEqual(shape('occlusion'), [32, tokens.length]);
    assert.deepEqual(shape('attention'), [tokens.length, 32]);
    const target = tensors.get('target')!.data as Float32Array;
    assert.ok(target.every((value) => value >= -200 && value <= 300));
    const attention = tensors.get('attention')!.data as Float32Array;
    for (let t = 0; t < tokens.length; t++) {
      const mass = attention.subarray(t * 32, (t + 1) * 32).reduce((a, b) => a + b, 0);
      assert.ok(mass > 0 && mass < 1 + 1e-5, 'attention to visual tokens is a part of all attention');
    }
  });

  it('gives the same bytes of text and tensors again, and the same text in the other cache layout', async () => {
    await engine.read('two', { scan, bundle, out: join(home, 'r2'), device: 'cpu' });
    assert.ok(readFileSync(join(home, 'r1', 'tensors.safetensors')).subarray(200).equals(readFileSync(join(home, 'r2', 'tensors.safetensors')).subarray(200)));
    const hf = join(home, 'tiny-hf');
    writeTinyBundle(hf, { layout: 'hf' });
    const other = await engine.read('hf', { scan, bundle: hf, out: join(home, 'r-hf'), device: 'cpu' });
    assert.equal(other.text, TINY_TEXT);
    const first = await engine.openReading(join(home, 'r1'));
    other.tokens.forEach((token, n) => assert.ok(Math.abs(token.logProb - first.reading.tokens[n]!.logProb) < 1e-4));
    await engine.closeReading(first.readingId);
  });

  it('answers places, regions and layers of the saved reading on the slice grid', async () => {
    const { readingId, reading } = await engine.openReading(join(home, 'r1', 'reading.json'));
    const { scanId, labels, reportPath } = await engine.openScan(scan);
    assert.equal(labels?.path, join(home, 'head-labels.nii.gz'));
    assert.equal(reportPath, join(home, 'head.txt'));
    const { geometry, images } = await engine.slice({
      scanId, plane: 'axial', index: 10,
      layers: [
        { kind: 'scan' }, { kind: 'labels' }, { kind: 'reconstruction', readingId, variant: 'error' }, { kind: 'input', readingId, channel: 1 },
        { kind: 'clue', readingId, clueId: reading.clues[0]!.id, method: 'occlusion' },
      ],
    });
    for (const image of images) assert.equal(image.data.length, geometry.width * geometry.height);
    assert.ok(images[4]!.max <= 1);
    const tensors = loadTensors(join(home, 'r1'));
    const affine = reading.input.affine;
    const centre = [geometry.origin, geometry.colStep, geometry.rowStep].map((v, n) => [0, 1, 2].map((axis) => v[axis]! * [1, 24, 20][n]!)).reduce((a, b) => a.map((x, axis) => x + b[axis]!)) as [number, number, number];
    const voxel = [0, 1, 2].map((axis) => Math.round((centre[axis]! - affine[4 * axis + 3]!) / affine[5 * axis]!));
    const input = tensors.get('input')!.data as Float32Array;
    assert.equal(images[3]!.data[20 * geometry.width + 24], input[16 * 32 * 32 + voxel[0]! + 32 * (voxel[1]! + 32 * voxel[2]!)]);
    const place = await engine.place(readingId, centre);
    assert.deepEqual(place?.at, voxel.map((v) => Math.floor(v / 8)));
    // The place card calls nothing driven that falls by less than a hundredth of a nat.
    assert.ok(place!.nullStrength >= 0.01 && place!.words.every((word) => word.strength > place!.nullStrength));
    const errors = await engine.tokenErrors(readingId);
    assert.equal(place?.rmse, errors?.probe[place.token]);
    assert.equal(await engine.place(readingId, [999, 0, 0]), undefined);
    for (const clue of reading.clues) {
      const region = await engine.clueRegion(readingId, clue.id, 'occlusion');
      const link = reading.links.find((candidate) => candidate.clueId === clue.id && candidate.method === 'occlusion')!;
      assert.equal(link.tokens.length > 0, link.strength > link.nullStrength && link.strength >= 0.01);
      if (link.tokens.length === 0) assert.equal(region, undefined);
      else assert.ok(region!.centre.every((x, axis) => x >= region!.box[0][axis]! && x <= region!.box[1][axis]!));
    }
    await engine.closeScan(scanId);
    await assert.rejects(engine.slice({ scanId, plane: 'axial', index: 0, layers: [] }), RoomError);
  });

  it('lists and exports readings; the page has no script and escapes text', async () => {
    const listed = await engine.listReadings([home]);
    assert.equal(listed.length, 3);
    assert.deepEqual(listed[0]?.findings, ['left subdural haemorrhage']);
    await engine.exportHtml(join(home, 'r1'), join(home, 'r1.html'));
    const page = readFileSync(join(home, 'r1.html'), 'utf8');
    assert.ok(page.includes('<mark class="supported"') && page.includes('data:image/png;base64,') && page.includes('prefers-color-scheme'));
    assert.ok(!/<script|https?:/.test(page));
    const forged = JSON.parse(readFileSync(join(home, 'r1', 'reading.json'), 'utf8')) as { text: string };
    forged.text = '<img src=x onerror=alert(1)>'.padEnd(forged.text.length, '.');
    writeFileSync(join(home, 'r2', 'reading.json'), JSON.stringify(forged));
    await engine.exportHtml(join(home, 'r2'), join(home, 'r2.html'));
    assert.ok(!readFileSync(join(home, 'r2.html'), 'utf8').includes('<img src=x'));
  });

  it('stops between model runs when it is cancelled, and leaves no half reading', async () => {
    const job = engine.read('stop', { scan, bundle, out: join(home, 'r3'), device: 'cpu' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await engine.cancel('stop');
    await assert.rejects(job, (error: RoomError) => error.code === 'cancelled');
    assert.equal((await engine.listReadings([join(home, 'r3')])).length, 0);
  });

  it('refuses a folder that is in use, and a scan without a head', async () => {
    await assert.rejects(engine.read('x', { scan, bundle, out: join(home, 'r1'), device: 'cpu' }), (error: RoomError) => error.code === 'invalid' && error.message.includes('not empty'));
    const empty = join(home, 'air.nii');
    await writeNifti(empty, { data: new Int16Array(20 ** 3).fill(-1000), dims: [20, 20, 20], affine: [5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1] });
    await assert.rejects(engine.read('y', { scan: empty, bundle, out: join(home, 'r4'), device: 'cpu' }), (error: RoomError) => error.code === 'unsupported' && error.fix !== '');
  });

  it('evaluates cases with the counting rule', async () => {
    const row = (id: string, findings: unknown[]): string => `${JSON.stringify({ id, scan: 'head.nii.gz', report: 'Left subdural haemorrhage.', findings })}\n`;
    const sdh = { finding: 'subdural-haemorrhage', side: 'left', volumeMl: 20 };
    writeFileSync(join(home, 'cases.jsonl'), row('hit', [sdh, { finding: 'infarct', side: 'right', volumeMl: 2 }]) + row('missed', [sdh, { finding: 'atrophy', side: 'none', volumeMl: 0 }]) + row('normal', []));
    const result = await engine.evaluate('eval', { cases: join(home, 'cases.jsonl'), bundle, out: join(home, 'eval'), device: 'cpu' });
    // The model always says left subdural haemorrhage: 2 hits, 1 false (the normal), atrophy missed, the small infarct ignored.
    assert.equal(result.cases, 3);
    assert.ok(Math.abs(result.findingF1.micro - (2 * 2) / (2 * 2 + 1 + 1)) < 1e-12);
    assert.deepEqual(Object.keys(result.findingF1.perFinding), ['atrophy', 'subdural-haemorrhage']);
    assert.equal(result.normals, 1);
    assert.equal(result.normalsWithFalseFindings, 1);
    assert.equal((await engine.listRuns([home])).find((run) => run.path === join(home, 'eval'))?.state, 'done');
  });
});
