import assert from 'node:assert/strict';
import { RoomError } from '../../../src/protocol/error.ts';
import { fromWire, toWire } from '../../../webview/shared/rpc.ts';

interface Api {
  add(a: number, b: number): Promise<number>;
  fail(): Promise<void>;
}

class Host implements Api {
  private readonly offset = 100;
  async add(a: number, b: number): Promise<number> {
    return a + b + this.offset;
  }
  async fail(): Promise<void> {
    throw new RoomError('limit', 'too large', 'make it smaller');
  }
}

describe('wire', () => {
  const wire = toWire<Api>(new Host(), ['add', 'fail']);
  const api = fromWire<Api>((name, args) => (wire as unknown as Record<string, (...a: unknown[]) => ReturnType<(typeof wire)['add']>>)[name]!(...args));

  it('carries values, with methods bound to their object', async () => {
    assert.deepEqual(await wire.add(1, 2), { ok: true, value: 103 });
    assert.equal(await api.add(1, 2), 103);
  });

  it('carries errors with code and fix', async () => {
    assert.deepEqual(await wire.fail(), { ok: false, error: { code: 'limit', message: 'too large', fix: 'make it smaller' } });
    await assert.rejects(api.fail(), (thrown: unknown) => thrown instanceof RoomError && thrown.code === 'limit' && thrown.fix === 'make it smaller');
  });

  it('is no thenable', async () => {
    assert.equal(await Promise.resolve(api), api);
  });
});
