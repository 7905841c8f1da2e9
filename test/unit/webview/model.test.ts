import assert from 'node:assert/strict';
import type { ClueRegion } from '../../../src/protocol/engine.ts';
import { RoomError } from '../../../src/protocol/error.ts';
import type { Plane, SliceGeometry, Vec3 } from '../../../src/protocol/scan.ts';
import type { HostApi, OpenReading, ViewApi, ViewInit } from '../../../src/protocol/view.ts';
import { ScanModel } from '../../../webview/scan/model.ts';

const DIMS: Vec3 = [20, 30, 11];
const GEOMETRY: Record<Plane, (index: number) => Pick<SliceGeometry, 'width' | 'height' | 'origin' | 'colStep' | 'rowStep' | 'sliceStep'>> = {
  axial: (k) => ({ width: 20, height: 30, origin: [0, 0, k * 5], colStep: [2, 0, 0], rowStep: [0, 2, 0], sliceStep: [0, 0, 5] }),
  coronal: (j) => ({ width: 20, height: 11, origin: [0, j * 2, 50], colStep: [2, 0, 0], rowStep: [0, 0, -5], sliceStep: [0, 2, 0] }),
  sagittal: (i) => ({ width: 30, height: 11, origin: [i * 2, 0, 50], colStep: [0, 2, 0], rowStep: [0, 0, -5], sliceStep: [2, 0, 0] }),
};
const INIT: ViewInit = {
  scan: {
    scanId: 's', path: '/a.nii', format: 'nifti', dims: DIMS, spacing: [2, 2, 5], affine: [], axcodes: 'LPS', dtype: 'int16', unit: 'HU',
    slices: { axial: 11, coronal: 30, sagittal: 20 }, bounds: [[0, 0, 0], [38, 58, 50]], warnings: [], facts: {},
  },
  presets: [{ name: 'Brain', key: '1', width: 80, level: 40 }, { name: 'Bone', key: '4', width: 2800, level: 600 }],
  state: {}, readings: [], canRead: { ok: true },
};
const clue = (id: string, at: number) => ({ id, origin: 'model', span: [at, at + 1], text: id, sentence: [0, 9], side: 'none', polarity: 'present', theme: 't' });
const OPEN = { readingId: 'r', path: '/r', reading: { text: 'abcdefghi', tokens: [], links: [], clues: [clue('t.1', 0), clue('t.2', 4)], input: { channels: [{ name: 'brain', low: 0, high: 80 }] } } } as unknown as OpenReading;
const REGION: ClueRegion = { centre: [10, 20, 30], box: [[5, 15, 25], [15, 25, 35]], tokens: [1], method: 'occlusion', strength: 2, nullStrength: 0.1 };
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function start(overrides: Partial<HostApi> = {}, init: Partial<ViewInit> = {}) {
  const calls: string[] = [];
  let api!: ViewApi;
  const host = {
    slice: async ({ plane, index, layers }) => {
      calls.push(`${plane} ${index}`);
      const g = GEOMETRY[plane](index);
      return { geometry: { plane, index, edges: { left: 'R', right: 'L', top: 'A', bottom: 'P' }, ...g }, images: layers.map((layer) => ({ layer, data: new Int16Array(g.width * g.height).fill(index), min: 0, max: 0 })) };
    },
    clueRegion: async (_r, id) => (id === 't.2' ? undefined : REGION),
    tokenErrors: async () => undefined,
    place: async () => undefined,
    status: async () => undefined,
    saveState: async () => undefined,
    command: async () => undefined,
    cancelRead: async () => void calls.push('cancel'),
    ...overrides,
  } as HostApi;
  const model = new ScanModel((a) => {
    api = a;
    return host;
  });
  model.start({ ...INIT, ...init });
  return { model, api, calls };
}

describe('scan editor state', () => {
  it('asks for the middle axial slice before anything else and puts the crosshair on it', async () => {
    const { model, calls } = start();
    assert.deepEqual(calls, ['axial 5']);
    await settle();
    assert.deepEqual(model.point, [19, 29, 25]);
    assert.equal(model.index('axial'), 5);
  });

  it('keeps a restored point', async () => {
    const { model } = start({}, { state: { point: [4, 6, 40] } });
    await settle();
    assert.deepEqual(model.point, [4, 6, 40]);
    assert.equal(model.index('axial'), 8);
  });

  it('steps through slices, stops at the ends and leaves the other two coordinates alone', async () => {
    const { model } = start();
    await settle();
    model.step('axial', 1);
    assert.deepEqual(model.point, [19, 29, 30]);
    model.step('axial', 1e6);
    assert.equal(model.index('axial'), 10);
    model.step('axial', 1);
    model.step('axial', -1e6);
    assert.deepEqual(model.point, [19, 29, 0]);
  });

  it('takes window presets by key and resets to the first', () => {
    const { model } = start();
    model.preset('4');
    assert.deepEqual(model.window, { width: 2800, level: 600 });
    model.preset('9');
    assert.deepEqual(model.window, { width: 2800, level: 600 });
    model.reset();
    assert.deepEqual(model.window, { width: 80, level: 40 });
  });

  it('windows values without a unit by the range of the first slice, Hounsfield units by the first preset', async () => {
    const slice = async ({ index }: { index: number }) => ({ geometry: { plane: 'axial' as const, index, edges: { left: 'R', right: 'L', top: 'A', bottom: 'P' }, ...GEOMETRY.axial(index) }, images: [{ layer: { kind: 'scan' as const }, data: new Uint8Array(600), min: 0, max: 200 }] });
    const { model } = start({ slice }, { scan: { ...INIT.scan!, unit: 'unknown' } });
    await settle();
    assert.deepEqual(model.window, { width: 200, level: 100 });
    const { model: ct } = start({ slice });
    await settle();
    assert.deepEqual(ct.window, { width: 80, level: 40 });
  });

  it('jumps to the region of a clue; no support is a result and moves nothing', async () => {
    const { model, api } = start();
    await settle();
    await api.showReading(OPEN);
    await model.selectClue('t.1');
    assert.deepEqual(model.point, [10, 20, 30]);
    await model.selectClue('t.2');
    assert.deepEqual(model.region, { state: 'none' });
    assert.deepEqual(model.point, [10, 20, 30]);
    model.nextClue(1);
    assert.equal(model.clueKey, 't.1');
  });

  it('drops the answer for a clue that is no longer selected', async () => {
    const slow: ((r: ClueRegion) => void)[] = [];
    const { model, api } = start({ clueRegion: (_r, id) => (id === 't.1' ? new Promise((resolve) => slow.push(resolve)) : Promise.resolve(undefined)) });
    await settle();
    await api.showReading(OPEN);
    const first = model.selectClue('t.1');
    await model.selectClue('t.2');
    slow[0]!(REGION);
    await first;
    assert.deepEqual(model.region, { state: 'none' });
    assert.deepEqual(model.point, [19, 29, 25]);
  });

  it('follows a reading in the making to its end, cancel and failure', async () => {
    const { model, api, calls } = start();
    await api.readProgress({ phase: 'stage', stage: 'encoder', done: 0, total: 4 });
    await api.readProgress({ phase: 'token', text: 'No', logProb: -0.1 });
    assert.deepEqual(model.making?.stages.map((s) => [s.name, s.moved]), [['encoder', false]]);
    await api.readProgress({ phase: 'stage', stage: 'encoder', done: 3, total: 4 });
    assert.deepEqual(model.making?.stages.map((s) => [s.name, s.done, s.moved]), [['encoder', 3, true]]);
    await model.cancel();
    assert.equal(model.making?.state, 'cancelling');
    assert.ok(calls.includes('cancel'));
    await api.readProgress({ phase: 'cancelled' });
    assert.equal(model.making?.state, 'cancelled');
    // A new reading starts from nothing.
    await api.readProgress({ phase: 'stage', stage: 'scan', done: 0, total: 1 });
    assert.deepEqual([model.making?.state, model.making?.tokens.length, model.making?.stages.length], ['running', 0, 1]);
    await api.readProgress({ phase: 'failed', error: { code: 'limit', message: 'm', fix: 'f' } });
    assert.equal(model.making?.error?.fix, 'f');
    await api.readProgress({ phase: 'done', open: OPEN });
    assert.equal(model.making, undefined);
    assert.equal(model.open?.readingId, 'r');
  });

  it('shows why a saved reading does not open', async () => {
    const { model } = start({ openReading: async () => Promise.reject(new RoomError('not-found', 'no tensors', 'read again')) });
    await model.openReading('/x');
    assert.equal(model.readingError?.fix, 'read again');
  });

  it('enters the model view only with a reading', async () => {
    const { model, api } = start({}, { state: { view: 'model' } });
    assert.equal(model.view, 'human');
    await api.act({ kind: 'view', view: 'model' });
    assert.equal(model.view, 'human');
    await api.showReading(OPEN);
    await api.act({ kind: 'view', view: 'toggle' });
    assert.equal(model.view, 'model');
  });

  it('knows the value under a point where the slice is loaded', async () => {
    const { model } = start();
    await settle();
    assert.equal(model.valueAt('axial', [10, 10, 25]), 5);
    assert.equal(model.valueAt('axial', [-30, 10, 25]), undefined);
    assert.equal(model.valueAt('coronal', [10, 10, 25]), undefined);
  });
});
