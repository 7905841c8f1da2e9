import assert from 'node:assert/strict';
import type { Layer, SliceGeometry, SliceReply, SliceRequest } from '../../../src/protocol/scan.ts';
import { SliceStore } from '../../../webview/shared/pane/slices.ts';

const geometry = (index: number): SliceGeometry => ({
  plane: 'axial', index, width: 10, height: 10, origin: [0, 0, index * 2], colStep: [1, 0, 0], rowStep: [0, 1, 0], sliceStep: [0, 0, 2],
  edges: { left: 'R', right: 'L', top: 'A', bottom: 'P' },
});
const SCAN: Layer = { kind: 'scan' };
const LABELS: Layer = { kind: 'labels' };

/** A host whose replies are released one by one. */
function slowHost(limit?: number, pixels = 100) {
  const requests: SliceRequest[] = [];
  const release: (() => Promise<void>)[] = [];
  const store = new SliceStore(
    (request) => {
      requests.push(request);
      return new Promise<SliceReply>((resolve) => {
        release.push(async () => {
          resolve({ geometry: geometry(request.index), images: request.layers.map((layer) => ({ layer, data: new Int16Array(pixels), min: 0, max: 0 })) });
          await new Promise((r) => setTimeout(r));
        });
      });
    },
    () => undefined,
    limit,
  );
  store.open('s', { axial: 100, coronal: 0, sagittal: 0 });
  return { store, requests, release };
}

describe('slice store', () => {
  it('has one request in flight and drops all wishes but the latest: 40 notches, 2 requests', async () => {
    const { store, requests, release } = slowHost();
    for (let n = 10; n < 50; n++) store.want('axial', 'axial', n, [SCAN]);
    assert.equal(requests.length, 1);
    await release[0]!();
    assert.deepEqual(requests.map((r) => r.index), [10, 49]);
  });

  it('asks for all missing layers of a slice at once and only for those', async () => {
    const { store, requests, release } = slowHost();
    store.want('axial', 'axial', 5, [SCAN]);
    store.want('axial', 'axial', 5, [SCAN, LABELS]);
    await release[0]!();
    assert.deepEqual(requests[1]!.layers, [LABELS]);
    store.want('other', 'axial', 50, [SCAN, LABELS]);
    assert.deepEqual(requests[2]!.layers, [SCAN, LABELS]);
  });

  it('fetches neighbours in the direction of travel once the wish is there, then rests', async () => {
    const { store, requests, release } = slowHost();
    store.want('axial', 'axial', 50, [SCAN]);
    store.want('axial', 'axial', 49, [SCAN]);
    for (let n = 0; n < 8; n++) await release[n]?.();
    assert.deepEqual(requests.map((r) => r.index), [50, 49, 48, 47, 46]);
  });

  it('keeps its bound in bytes, drops the least recently used and does not loop when the bound is below one slice', async () => {
    const { store, requests, release } = slowHost(600);
    for (const n of [1, 50, 90]) {
      store.want('axial', 'axial', n, [SCAN]);
      for (let k = 0; k < 20 && release.length > 0; k++) await release.shift()?.();
      assert.ok(store.cachedBytes <= 600);
    }
    const tiny = slowHost(10);
    tiny.store.want('axial', 'axial', 7, [SCAN]);
    for (let k = 0; k < 50; k++) await tiny.release.shift()?.();
    assert.ok(tiny.requests.length <= 9, `${tiny.requests.length} requests`);
    assert.ok(requests.length > 3);
  });

  it('reports a refusal for the slice it belongs to, does not ask again by itself, and retries on demand', async () => {
    let calls = 0;
    const store = new SliceStore(async () => {
      calls++;
      throw new Error('no');
    }, () => undefined);
    store.open('s', { axial: 1, coronal: 0, sagittal: 0 });
    store.want('axial', 'axial', 0, [SCAN]);
    await new Promise((r) => setTimeout(r, 5));
    assert.equal(store.error('axial')?.message, 'no');
    store.want('axial', 'axial', 0, [SCAN]);
    assert.equal(calls, 1);
    store.retry();
    assert.equal(calls, 2);
  });

  it('knows every slice\u2019s geometry from one', async () => {
    const { store, release } = slowHost();
    assert.equal(store.geometry('axial', 3), undefined);
    store.want('axial', 'axial', 50, [SCAN]);
    await release[0]!();
    assert.deepEqual(store.geometry('axial', 3)?.origin, [0, 0, 6]);
  });
});
