// A training run for resume.test.ts: resumes from its checkpoint, appends step and loss to a log, checkpoints every 4 steps.
// Arguments: folder, steps. The batches come from a counter that the checkpoint carries, as a caller's data position.

import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createRuntime } from '../../../src/engine/ort.ts';
import { causalLm, embedTokens, lmHead } from '../../../src/nn/lm.ts';
import { crossEntropy } from '../../../src/nn/loss.ts';
import { loadCheckpoint, saveCheckpoint } from '../../../src/onnx/checkpoint.ts';
import { namedRandom } from '../../../src/onnx/init.ts';
import { linearSchedule } from '../../../src/onnx/schedule.ts';
import { tensorOf } from '../../../src/onnx/tensor.ts';
import { Trainer } from '../../../src/onnx/trainer.ts';

const [folder, total] = [process.argv[2]!, Number(process.argv[3])];
mkdirSync(folder, { recursive: true });
const path = join(folder, 'checkpoint.safetensors');
const found = loadCheckpoint(path);
let position = found ? (found.extra as { position: number }).position : 100;
const lm = { vocabSize: 40, hiddenSize: 64, intermediateSize: 96, numLayers: 2, numHeads: 4, maxPositions: 32 };
const trainer = await Trainer.create({
  runtime: await createRuntime('cpu'), threads: 2, seed: 9, ema: 0.9, ...(found ? { state: found.state } : {}),
  build: (g) => {
    const x = embedTokens(g, lm, g.input('ids', 'int32', [4, 24]));
    return { loss: crossEntropy(g, lmHead(g, lm, causalLm(g, lm, x).hidden), g.input('labels', 'int32', [4, 24])) };
  },
});
const rate = linearSchedule({ peak: 3e-3, total, warmup: 5, cooldown: 10 });
while (trainer.state.step < total) {
  const random = namedRandom(position++, 'batch');
  const rows = Array.from({ length: 4 * 25 }, () => Math.floor(random() ** 2 * 40));
  const part = (shift: number) => tensorOf('int32', [4, 24], Array.from({ length: 96 }, (_, i) => rows[Math.floor(i / 24) * 25 + (i % 24) + shift]!));
  const step = trainer.state.step + 1;
  const { loss, gradNorm } = await trainer.step({ ids: part(0), labels: part(1) }, { lr: rate(step) });
  const ema = trainer.state.ema!.get('model.norm.weight')!.data[3];
  appendFileSync(join(folder, 'log.jsonl'), `${JSON.stringify({ step, loss, gradNorm, ema })}\n`);
  if (step % 4 === 0) saveCheckpoint(path, trainer.state, { position });
}
if (!existsSync(path)) saveCheckpoint(path, trainer.state, { position });
