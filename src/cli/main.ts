// `reading-room <verb> ...`: the headless door to the engine, for scripts, tests and clusters. This file finds the verb,
// gives it an engine in this process and turns errors into two lines on stderr and exit code 1. One file per verb; each is
// loaded when it is called. READING_ROOM_DEBUG=1 adds the stack trace.

import type { EngineApi, EngineEvent } from '../protocol/engine.ts';
import { errorInfo, RoomError } from '../protocol/error.ts';
import { Progress } from './progress.ts';
import type { Cli, Verb } from './verb.ts';

const VERBS: Record<string, () => Promise<{ verb: Verb }>> = {
  scan: () => import('./scan.ts'),
  read: () => import('./read.ts'),
  clues: () => import('./clues.ts'),
  reading: () => import('./reading.ts'),
  synth: () => import('./synth.ts'),
  train: () => import('./train.ts'),
  probe: () => import('./probe.ts'),
  eval: () => import('./eval.ts'),
  bundle: () => import('./bundle.ts'),
  bench: () => import('./bench.ts'),
  devices: () => import('./devices.ts'),
};

async function main(argv: string[]): Promise<void> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(await overview());
    return;
  }
  if (name === '--version') {
    const { version } = await import('../engine/version.ts');
    process.stdout.write(`${version}\n`);
    return;
  }
  const load = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (load === undefined) {
    throw new RoomError('invalid', `'${name}' is not a verb of reading-room`, `Use one of: ${Object.keys(VERBS).join(', ')}.`);
  }
  const { verb } = await load();
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(`${verb.summary}\n\n${verb.usage.trim()}\n`);
    return;
  }
  const progress = new Progress(process.stderr);
  const stop = new AbortController();
  process.once('SIGINT', () => {
    stop.abort();
    process.once('SIGINT', () => process.exit(130));
  });
  try {
    await verb.run(rest, commandLine(progress, stop.signal));
  } finally {
    progress.clear();
  }
}

function commandLine(progress: Progress, signal: AbortSignal): Cli {
  let engine: Promise<EngineApi> | undefined;
  const onEvent = (event: EngineEvent): void => progress.event(event);
  return {
    engine: () => (engine ??= import('../engine/api.ts').then(({ createEngine }) => createEngine({ emit: onEvent }))),
    print: (line) => {
      progress.clear();
      process.stdout.write(`${line}\n`);
    },
    json: (value) => {
      progress.clear();
      process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    progress: (line) => progress.line(line),
    stdin: readStdin,
    signal,
  };
}

async function readStdin(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

async function overview(): Promise<string> {
  const lines = ['reading-room <verb> [arguments]: debug vision-language models that read CT scans.', '', 'Verbs:'];
  for (const [name, load] of Object.entries(VERBS)) lines.push(`  ${name.padEnd(10)} ${(await load()).verb.summary}`);
  lines.push('', "'reading-room <verb> --help' shows the arguments. Research tool: not for diagnosis.", '');
  return lines.join('\n');
}

main(process.argv.slice(2)).then(
  // The engine may hold native sessions whose threads keep the process alive; everything is written by now.
  () => process.stdout.write('', () => process.exit(process.exitCode ?? 0)),
  (thrown: unknown) => {
    const info = errorInfo(thrown);
    process.stderr.write(`error: ${info.message}\n  fix: ${info.fix}\n`);
    if (process.env['READING_ROOM_DEBUG'] === '1' && thrown instanceof Error) process.stderr.write(`${thrown.stack ?? ''}\n`);
    process.exit(1);
  },
);
