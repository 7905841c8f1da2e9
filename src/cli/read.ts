// `read`: reads a scan with a bundle and saves the reading.

import { randomUUID } from 'node:crypto';
import { oneOf, parseVerb, required, usageError, wholeNumber, type Verb } from './verb.ts';

export const verb: Verb = {
  summary: 'Read a scan with a model and save the reading',
  usage: `
reading-room read <scan> --bundle <folder> --out <folder> [--device auto|cpu|webgpu] [--reference <file>] [--max-new-tokens N] [--json]

<scan> is a NIfTI file, any file of a DICOM series, or its folder. --out must be new or empty; it gets reading.json and
tensors.safetensors. The reference report defaults to <name>.txt beside the scan. --json prints reading.json.`,
  async run(args, cli) {
    const { values, positionals } = parseVerb('read', args, {
      bundle: { type: 'string' },
      out: { type: 'string' },
      device: { type: 'string', default: 'auto' },
      reference: { type: 'string' },
      'max-new-tokens': { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    if (positionals.length > 1) throw usageError('read', 'one scan at a time');
    const maxNewTokens = wholeNumber('read', '--max-new-tokens', values['max-new-tokens'], 1);
    const engine = await cli.engine();
    const job = randomUUID();
    cli.signal.addEventListener('abort', () => void engine.cancel(job));
    const reading = await engine.read(job, {
      scan: required('read', '<scan>', positionals[0]),
      bundle: required('read', '--bundle', values.bundle),
      out: required('read', '--out', values.out),
      device: oneOf('read', '--device', values.device, ['auto', 'cpu', 'webgpu']),
      ...(maxNewTokens === undefined ? {} : { maxNewTokens }),
      ...(values.reference === undefined ? {} : { reference: values.reference }),
    });
    if (values.json) return cli.json(reading);
    cli.print(reading.text);
    cli.print('');
    for (const clue of reading.clues) {
      const link = reading.links.find((candidate) => candidate.clueId === clue.id && candidate.method === 'occlusion');
      const support = link === undefined ? '' : link.tokens.length === 0 ? ', no support found' : `, occlusion ${link.strength.toFixed(2)} (null ${link.nullStrength.toFixed(2)})`;
      cli.print(`${clue.polarity.padEnd(9)} ${clue.side === 'none' ? '' : `${clue.side} `}${clue.finding ?? clue.text}${support}`);
    }
    const ms = reading.stages.reduce((sum, stage) => sum + stage.ms, 0);
    cli.print(`\n${reading.tokens.length} tokens on ${reading.settings.device} in ${(ms / 1000).toFixed(1)} s; saved in ${values.out}`);
  },
};
