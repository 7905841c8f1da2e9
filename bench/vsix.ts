// Size of the VSIX of this platform, built as `npm run package` builds it, against the 60 MB that it may have.

import type { BenchRow } from '../src/protocol/run.ts';
import { row } from './index.ts';
import { runScript } from './lib/from-source.ts';

const LIMIT_MB = 60;

export async function vsix(): Promise<BenchRow[]> {
  const { packageVsix } = (await import(new URL('../scripts/package.mjs', import.meta.url).href)) as { packageVsix(): Promise<{ megabytes: number }> };
  const { megabytes } = await packageVsix();
  return [row('vsix', megabytes, 'MB', 'to reach', LIMIT_MB)];
}

await runScript(import.meta.url, vsix);
