// safetensors and half precision against the format's definition and IEEE 754, checkpoints, schedules against closed forms.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCheckpoint, saveCheckpoint } from '../../../src/onnx/checkpoint.ts';
import type { DType, Tensor } from '../../../src/onnx/runtime.ts';
import { readSafetensors, writeSafetensors } from '../../../src/onnx/safetensors.ts';
import { cosineSchedule, linearSchedule } from '../../../src/onnx/schedule.ts';
import { fromHalf, tensorOf, toHalf } from '../../../src/onnx/tensor.ts';
import { RoomError } from '../../../src/protocol/error.ts';

describe('safetensors', () => {
  let folder = '';
  before(() => (folder = mkdtempSync(join(tmpdir(), 'safetensors-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps all element types, empty and scalar tensors, and metadata', () => {
    const types: DType[] = ['float32', 'float64', 'float16', 'int32', 'int64', 'uint8', 'int8', 'bool'];
    const tensors = new Map<string, Tensor>(types.map((t) => [t, tensorOf(t, [2, 2], [0, 1, 1, 0])]));
    tensors.set('scalar', tensorOf('float32', [], [2.5]));
    tensors.set('empty', tensorOf('float32', [0, 3]));
    const path = join(folder, 'all.safetensors');
    writeSafetensors(path, tensors, { note: 'ü "quoted"' });
    const read = readSafetensors(path);
    assert.deepEqual(read.tensors, tensors);
    assert.deepEqual(read.metadata, { note: 'ü "quoted"' });
    assert.deepEqual([...readSafetensors(path, (name) => name === 'int64').tensors.keys()], ['int64']);
    assert.deepEqual(readdirSync(folder), ['all.safetensors'], 'no temporary file stays');
  });

  it('writes the bytes that the format describes', () => {
    const path = join(folder, 'bytes.safetensors');
    writeSafetensors(path, new Map([['a', tensorOf('float32', [2], [1, -2])]]));
    const bytes = readFileSync(path);
    const header = '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    assert.equal(bytes.readBigUInt64LE(), 56n);
    assert.equal(bytes.subarray(8, 64).toString(), header.padEnd(56));
    assert.deepEqual([...bytes.subarray(64)], [0, 0, 128, 63, 0, 0, 0, 192]);
  });

  it('refuses short and forged files before it allocates', () => {
    const path = join(folder, 'bad.safetensors');
    const make = (header: unknown, data = 8): void => {
      const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(text.length));
      writeFileSync(path, Buffer.concat([length, text, Buffer.alloc(data)]));
    };
    const refused = (code: string): void => {
      assert.throws(() => readSafetensors(path), (e: unknown) => e instanceof RoomError && e.code === code && e.message.includes('bad.safetensors'));
    };
    const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
    make({ a: entry });
    assert.equal(readSafetensors(path).tensors.size, 1);
    make({ a: entry }, 7);
    refused('format');
    for (const forged of [{ ...entry, shape: [3] }, { ...entry, shape: [2 ** 40] }, { ...entry, shape: [-2] }, { ...entry, data_offsets: [8, 0] }, { ...entry, data_offsets: [-8, 0] }, { ...entry, shape: 'x' }, null, 7]) {
      make({ a: forged });
      refused('format');
    }
    make({ a: { ...entry, dtype: 'F8_E4M3' } });
    refused('unsupported');
    for (const header of ['{"a":', '[]', '7']) {
      make(header);
      refused('format');
    }
    writeFileSync(path, Buffer.alloc(3));
    refused('format');
    const huge = Buffer.alloc(16);
    huge.writeBigUInt64LE(2n ** 62n);
    writeFileSync(path, huge);
    refused('format');
    rmSync(path);
    refused('not-found');
  });

  it('checkpoints carry state, step and what the caller gives', () => {
    const path = join(folder, 'run.safetensors');
    assert.equal(loadCheckpoint(path), undefined);
    const t = (x: number): Map<string, Tensor> => new Map([['w', tensorOf('float32', [2], [x, -x])]]);
    const state = { step: 17, weights: t(1), m: t(2), v: t(3), ema: t(4) };
    saveCheckpoint(path, state, { position: 5, random: [1, 2] });
    assert.deepEqual(loadCheckpoint(path), { state, extra: { position: 5, random: [1, 2] } });
    writeSafetensors(path, t(1));
    assert.throws(() => loadCheckpoint(path), /not a checkpoint/);
    assert.ok(existsSync(path));
  });
});

describe('half precision', () => {
  it('converts every half to a number and back', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const x = fromHalf(bits);
      if (Number.isNaN(x)) assert.ok(Number.isNaN(fromHalf(toHalf(x))));
      else assert.equal(toHalf(x), bits);
    }
  });
  it('rounds to nearest, ties to even, and overflows to infinity', () => {
    const cases: [number, number][] = [[1, 0x3c00], [-2, 0xc000], [65504, 0x7bff], [65519.99, 0x7bff], [65520, 0x7c00], [1e9, 0x7c00], [1 + 2 ** -11, 0x3c00], [1 + 3 * 2 ** -11, 0x3c02], [2 ** -24, 1], [2 ** -25, 0], [1.5 * 2 ** -24, 2], [2 ** -14, 0x0400], [Infinity, 0x7c00]];
    for (const [x, bits] of cases) assert.equal(toHalf(x), bits, String(x));
  });
});

describe('schedules', () => {
  it('warms up, holds and cools down linearly', () => {
    const rate = linearSchedule({ peak: 2, total: 100, warmup: 10, cooldown: 20 });
    assert.deepEqual([1, 5, 10, 50, 80, 90, 99, 100].map(rate), [0.2, 1, 2, 2, 2, 1, 0.1, 0]);
  });
  it('follows half a cosine', () => {
    const rate = cosineSchedule({ peak: 1, total: 110, warmup: 10, floor: 0.2 });
    for (const [step, expected] of [[5, 0.5], [10, 1], [60, 0.6], [35, 0.2 + 0.8 * (0.5 + Math.SQRT2 / 4)], [110, 0.2], [200, 0.2]] as const) assert.ok(Math.abs(rate(step) - expected) < 1e-12, `step ${step}`);
  });
  it('refuses what does not fit', () => {
    assert.throws(() => linearSchedule({ peak: 1, total: 10, warmup: 8, cooldown: 8 }), /cannot have 8 of warm-up/);
    assert.throws(() => cosineSchedule({ peak: 0, total: 10 }), RoomError);
  });
});
