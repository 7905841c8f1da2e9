// Which device can run models here, found out step by step and said in words a person can act on. WebGPU is tested in a
// process of its own: a broken driver can end the process that touches it (notes: two such crashes are known in 1.30), and
// two WebGPU threads in one process do so reliably. The test adds and multiplies small matrices and compares with the CPU.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { modelBytes } from '../onnx/file.ts';
import { Graph } from '../onnx/graph.ts';
import { add, matMul } from '../onnx/ops.ts';
import type { Runtime } from '../onnx/runtime.ts';
import type { DeviceCheck } from '../protocol/engine.ts';
import { errorInfo, RoomError } from '../protocol/error.ts';
import type { DeviceChoice } from '../protocol/reading.ts';
import { createRuntime } from './ort.ts';

const SIZE = 32;
const GPU_TIMEOUT_MS = 30_000;

/** Tests the devices of the choice, best first. Exactly one usable check has `chosen`, or none. */
export async function checkDevices(choice: DeviceChoice): Promise<DeviceCheck[]> {
  const checks: DeviceCheck[] = [];
  const gpu = choice === 'cpu' ? undefined : await checkWebGpu();
  if (gpu !== undefined) checks.push({ ...gpu, chosen: gpu.usable });
  if (choice === 'webgpu') return checks;
  const cpu = await checkCpu();
  checks.push({ ...cpu, chosen: cpu.usable && gpu?.usable !== true });
  return checks;
}

/** The runtime of a choice. Throws 'device' with the failed step. */
export async function runtimeFor(choice: DeviceChoice): Promise<Runtime> {
  if (choice === 'cpu') return createRuntime('cpu');
  const checks = await checkDevices(choice);
  const chosen = checks.find((check) => check.chosen);
  if (chosen !== undefined) return createRuntime(chosen.device);
  const last = checks.at(-1);
  const failed = last?.steps.find((step) => !step.ok);
  throw new RoomError('device', `No device for '${choice}': ${failed === undefined ? 'none was found' : `${failed.step}: ${failed.detail}`}`, last?.fix ?? 'Use --device cpu.');
}

type Step = DeviceCheck['steps'][number];

async function checkCpu(): Promise<DeviceCheck> {
  const steps: Step[] = [];
  try {
    const runtime = await createRuntime('cpu');
    steps.push({ step: 'load ONNX Runtime', ok: true, detail: `${process.platform}-${process.arch}` });
    const start = performance.now();
    const worst = await deviation(runtime);
    steps.push({ step: 'self-test', ok: worst < 1e-4, detail: `${SIZE} x ${SIZE} product in ${(performance.now() - start).toFixed(1)} ms, largest error ${worst.toExponential(1)}` });
  } catch (thrown) {
    steps.push({ step: steps.length === 0 ? 'load ONNX Runtime' : 'self-test', ok: false, detail: errorInfo(thrown).message });
  }
  const usable = steps.every((step) => step.ok);
  return { device: 'cpu', usable, chosen: false, steps, fix: usable ? '' : 'Install the build of the extension for this platform; ONNX Runtime has none for Intel Macs.' };
}

async function checkWebGpu(): Promise<DeviceCheck> {
  const steps: Step[] = [];
  const done = (usable: boolean, fix: string): DeviceCheck => ({ device: 'webgpu', usable, chosen: false, steps, fix });
  if (process.platform === 'linux' && process.arch !== 'x64') {
    steps.push({ step: 'binary', ok: false, detail: `ONNX Runtime has no WebGPU for ${process.platform}-${process.arch}` });
    return done(false, 'Use the CPU on this platform.');
  }
  steps.push({ step: 'binary', ok: true, detail: `WebGPU is in the package for ${process.platform}-${process.arch}` });
  const probe = await runProbe();
  if (probe.error !== undefined) {
    // ONNX Runtime puts source places in front of what happened.
    steps.push({ step: probe.stage, ok: false, detail: /Failed to [^\n]*/.exec(probe.error)?.[0] ?? probe.error.trim() });
    return done(false, gpuFix(probe.error));
  }
  steps.push({ step: 'adapter', ok: true, detail: `a session was made in ${probe.loadMs} ms` });
  const worst = largestError(probe.values);
  const ok = worst < 1e-3;
  steps.push({ step: 'self-test', ok, detail: `${SIZE} x ${SIZE} product in ${probe.runMs} ms, largest error ${worst.toExponential(1)}` });
  return done(ok, ok ? '' : 'The driver computes wrong numbers: update it, or use the CPU.');
}

type Probe = { stage: string; error: string } | { error?: undefined; loadMs: number; runMs: number; values: number[] };

/** Loads and runs the test graph on WebGPU in a child process, which may crash or hang. */
function runProbe(): Promise<Probe> {
  const script = `
const ort = require(${JSON.stringify(createRequire(import.meta.url).resolve('onnxruntime-node'))});
let stage = 'adapter';
(async () => {
  const { model, a, b } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  const t0 = performance.now();
  const options = { executionProviders: ['webgpu'], logSeverityLevel: 4 };
  const session = await ort.InferenceSession.create(Buffer.from(model, 'base64'), options);
  const t1 = performance.now();
  stage = 'self-test';
  const t = (x) => new ort.Tensor('float32', Float32Array.from(x), [${SIZE}, ${SIZE}]);
  const { y } = await session.run({ a: t(a), b: t(b) });
  const result = { loadMs: Math.round(t1 - t0), runMs: Math.round(performance.now() - t1), values: Array.from(y.data) };
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
})().catch((e) => process.stdout.write(JSON.stringify({ stage, error: String(e.message ?? e) }), () => process.exit(0)));`;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', script], { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, stdio: ['pipe', 'pipe', 'ignore'], timeout: GPU_TIMEOUT_MS, killSignal: 'SIGKILL' });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.once('error', (error) => resolve({ stage: 'process', error: error.message }));
    child.once('close', (code, signal) => {
      try {
        resolve(JSON.parse(out) as Probe);
      } catch {
        resolve({ stage: 'process', error: signal === 'SIGKILL' ? `no answer within ${GPU_TIMEOUT_MS / 1000} s` : `the test process ended (${signal ?? `exit code ${code}`})` });
      }
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify({ model: Buffer.from(testModel()).toString('base64'), a: [...operand(3)], b: [...operand(7)] }));
  });
}

function gpuFix(error: string): string {
  if (/adapter|vulkan|device/i.test(error)) {
    return process.platform === 'linux'
      ? "Install the vendor's Vulkan driver and libvulkan1 (Mesa 25 or newer for software Vulkan), or use the CPU."
      : 'Update the graphics driver, or use the CPU.';
  }
  return 'Use the CPU, and report this with the output channel.';
}

/** y = a b + a. */
function testModel(): Uint8Array {
  const g = new Graph({ name: 'device-test' });
  const a = g.input('a', 'float32', [SIZE, SIZE]);
  const b = g.input('b', 'float32', [SIZE, SIZE]);
  g.output('y', add(g, matMul(g, a, b), a));
  return modelBytes(g);
}

function operand(step: number): Float32Array {
  return Float32Array.from({ length: SIZE * SIZE }, (_, n) => (((n * step) % 17) - 8) / 8);
}

async function deviation(runtime: Runtime): Promise<number> {
  const session = await runtime.load(testModel());
  try {
    const feed = (step: number) => ({ dtype: 'float32' as const, dims: [SIZE, SIZE], data: operand(step) });
    const { y } = await session.run({ a: feed(3), b: feed(7) });
    return largestError(y === undefined ? [] : Array.from(y.data as Float32Array));
  } finally {
    await session.release();
  }
}

/** Largest difference from the same product computed here in double precision. */
function largestError(values: readonly number[]): number {
  if (values.length !== SIZE * SIZE) return Number.POSITIVE_INFINITY;
  const [a, b] = [operand(3), operand(7)];
  let worst = 0;
  for (let r = 0; r < SIZE; r++) {
    for (let c = 0; c < SIZE; c++) {
      let sum = a[r * SIZE + c]!;
      for (let n = 0; n < SIZE; n++) sum += a[r * SIZE + n]! * b[n * SIZE + c]!;
      worst = Math.max(worst, Math.abs(sum - values[r * SIZE + c]!));
    }
  }
  return worst;
}

