// Check GPU and Select Device.

import * as vscode from 'vscode';
import type { DeviceCheck } from '../../protocol/engine.ts';
import type { DeviceChoice } from '../../protocol/reading.ts';
import { escapeMarkdown, table } from '../pages.ts';
import type { Room } from '../room.ts';
import * as settings from '../settings.ts';
import type { CommandSpec } from './registry.ts';

const NAMES = { cpu: 'CPU', webgpu: 'GPU (WebGPU)' } as const;

/** Runs the self-test in the model process, since a faulty driver may end it. */
async function checkGpu(room: Room): Promise<void> {
  const choice = settings.deviceChoice();
  const checks = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Checking devices' }, () => room.engines.model(choice).api.checkDevices(choice));
  room.device.checked(checks);
  await room.pages.show('Check GPU', page(choice, checks));
}

function page(choice: DeviceChoice, checks: DeviceCheck[]): string {
  const chosen = checks.find((check) => check.chosen);
  const head = chosen ? `Models run on the **${NAMES[chosen.device]}**` : '**No device is usable**';
  const parts = [`# Check GPU\n\n${head} (setting \`readingRoom.device\` is \`${choice}\`).`];
  for (const check of checks) {
    parts.push(`## ${NAMES[check.device]}: ${check.usable ? 'usable' : 'not usable'}`);
    parts.push(table(['Step', 'Result', 'Detail'], check.steps.map((step) => [step.step, step.ok ? 'passed' : 'failed', step.detail])));
    if (check.fix) parts.push(`**What to do:** ${escapeMarkdown(check.fix)}`);
  }
  return `${parts.join('\n\n')}\n`;
}

async function selectDevice(room: Room): Promise<void> {
  const current = settings.deviceChoice();
  const items: (vscode.QuickPickItem & { value: DeviceChoice | 'check' })[] = [
    { label: 'auto', description: 'the GPU if it passes its self-test, else the CPU', value: 'auto' },
    { label: 'cpu', description: 'always the CPU', value: 'cpu' },
    { label: 'webgpu', description: 'the GPU, or fail with the reason', value: 'webgpu' },
    { label: '$(circuit-board) Check GPU', description: 'which device is usable, why, and what to do', value: 'check' },
  ];
  for (const item of items) if (item.value === current) item.detail = 'selected';
  const picked = await vscode.window.showQuickPick(items, { title: 'Device', placeHolder: 'Where do models run?' });
  if (picked?.value === 'check') await checkGpu(room);
  else if (picked) await settings.update('device', picked.value);
}

export const deviceCommands: readonly CommandSpec[] = [
  { id: 'checkGpu', doing: 'Checking devices', run: checkGpu },
  { id: 'selectDevice', doing: 'Selecting a device', run: selectDevice },
];
