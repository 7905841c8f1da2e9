// Runs a recipe: reads and checks its config, keeps the run's folder, and turns the recipe's outcome into a RunStatus.
// Used by `train` and `probe train` alike; they differ in the recipe that the config names.

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Runtime } from '../onnx/runtime.ts';
import { errorInfo, RoomError } from '../protocol/error.ts';
import type { RunStatus } from '../protocol/run.ts';
import { checkSchema } from '../bundle/schema.ts';
import type { JobContext } from './jobs.ts';
import { loadRecipe } from './recipes.ts';
import { RunWriter } from './runs.ts';

/** Trains by the config file `configPath` into `out`. Rejects where the config or the recipe says so; 'stopped' resolves. */
export async function train(job: JobContext, runtime: Runtime, configPath: string, out: string, resume: boolean): Promise<RunStatus> {
  const config = await readConfig(configPath);
  const recipe = await loadRecipe(config.recipe, configPath);
  checkSchema(recipe.schema, config, configPath);
  const writer = RunWriter.begin(resolve(out), recipe.name, config, recipe.steps(config), {
    resume,
    onStatus: (status) => job.emit({ type: 'run', job: job.id, status }),
  });
  try {
    const outcome = await recipe.run(config, {
      runtime,
      outDir: writer.outDir,
      baseDir: dirname(resolve(configPath)),
      resume,
      signal: job.signal,
      resumedAt: (step) => writer.resumedAt(step),
      log: (step, values) => writer.log(step, values),
      status: (patch) => writer.update(patch),
    });
    return writer.end(outcome);
  } catch (thrown) {
    writer.end({ state: 'failed', message: errorInfo(thrown).message });
    throw thrown;
  }
}

async function readConfig(path: string): Promise<{ recipe: string }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    throw new RoomError('not-found', `There is no config ${path}`, 'Name a config file, such as models/brain-ct/training/config.json.', { cause: thrown });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (thrown) {
    throw new RoomError('invalid', `${path} is not JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`, 'Mend the syntax.', { cause: thrown });
  }
  if (typeof parsed !== 'object' || parsed === null || !('recipe' in parsed) || typeof parsed.recipe !== 'string') {
    throw new RoomError('invalid', `${path}: field 'recipe' is missing`, 'Name the recipe, e.g. "recipe": "baseline".');
  }
  return parsed as { recipe: string };
}
