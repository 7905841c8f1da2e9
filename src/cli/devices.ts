// `devices`: which device would run a model, why, and what to do to get another.

import { oneOf, parseVerb, type Verb } from './verb.ts';

export const verb: Verb = {
  summary: 'Test the devices that can run models and say which one is chosen',
  usage: `
reading-room devices [--device auto|cpu|webgpu] [--json]

Runs the self-test of each step of the device ladder and prints what happened.`,
  async run(args, cli) {
    const { values } = parseVerb('devices', args, {
      device: { type: 'string', default: 'auto' },
      json: { type: 'boolean', default: false },
    });
    const choice = oneOf('devices', '--device', values.device, ['auto', 'cpu', 'webgpu']);
    const checks = await (await cli.engine()).checkDevices(choice);
    if (values.json) return cli.json(checks);
    for (const check of checks) {
      cli.print(`${check.device}: ${check.usable ? 'usable' : 'not usable'}${check.chosen ? ', chosen' : ''}`);
      for (const step of check.steps) cli.print(`  ${step.ok ? 'ok    ' : 'failed'} ${step.step}: ${step.detail}`);
      if (check.fix !== '') cli.print(`  fix: ${check.fix}`);
    }
  },
};
