// The status bar of Reading Room: device, bundle, slice, HU and window of the scan editor in front.

import path from 'node:path';
import * as vscode from 'vscode';
import type { Room } from '../room.ts';
import * as settings from '../settings.ts';
import { StatusItem, type StatusSpec } from './item.ts';

const BASE = 200;

function specs(room: Room): StatusSpec[] {
  return [
    {
      id: 'device', name: 'Device', priority: BASE + 5, command: 'readingRoom.selectDevice',
      render: () => {
        const choice = settings.deviceChoice();
        const { found, why } = room.device;
        const name = found === 'webgpu' ? 'WebGPU' : found === 'cpu' ? 'CPU' : choice === 'webgpu' ? 'WebGPU' : choice === 'cpu' ? 'CPU' : 'auto';
        return { text: `$(circuit-board) ${name}`, tooltip: `Models run on: ${name} (setting: ${choice})${why ? `\nGPU not used: ${why}` : ''}\nClick to select` };
      },
    },
    {
      id: 'bundle', name: 'Bundle', priority: BASE + 4, command: 'readingRoom.selectBundle',
      render: (editor) => {
        const shown = editor.reading?.reading.bundle.name;
        const chosen = settings.defaultBundle(editor.document.uri);
        const name = shown ?? (chosen === undefined ? 'ask' : path.basename(chosen));
        const tooltip = shown ? `The report on screen was written by the bundle ${shown}` : chosen === undefined ? 'No default bundle: Read Scan asks' : `Read Scan uses ${chosen}`;
        return { text: `$(package) ${name}`, tooltip: `${tooltip}\nClick to select the default` };
      },
    },
    {
      id: 'slice', name: 'Slice', priority: BASE + 3, command: 'readingRoom.windowPreset',
      render: ({ viewStatus: { slice, point } }) =>
        slice && {
          text: `${title(slice.plane)} ${slice.index + 1}/${slice.count}`,
          tooltip: point ? `Crosshair at ${point.map((mm) => mm.toFixed(1)).join(', ')} mm (LPS)` : 'Slice in front',
        },
    },
    {
      id: 'hu', name: 'Hounsfield units', priority: BASE + 2, command: 'readingRoom.windowPreset',
      // Padded with figure spaces, so that the bar does not jump while the cursor moves.
      render: ({ viewStatus: { hu } }) => (hu === undefined ? undefined : { text: `HU ${Math.round(hu).toString().padStart(5, '\u2007')}`, tooltip: 'Value under the cursor, or at the crosshair' }),
    },
    {
      id: 'window', name: 'Window', priority: BASE + 1, command: 'readingRoom.windowPreset',
      render: ({ viewStatus: { window } }) => window && { text: `W ${Math.round(window.width)} L ${Math.round(window.level)}`, tooltip: 'Window width and level in HU. Click for presets' },
    },
  ];
}

export function registerStatus(room: Room): { items: Map<string, StatusItem>; disposables: vscode.Disposable[] } {
  const items = new Map(specs(room).map((spec) => [spec.id, new StatusItem(spec)]));
  const update = (): void => items.forEach((item) => item.update(room.editors.active));
  const subscriptions = [room.editors.onDidChange(update), room.device.onDidChange(update), settings.onDidChange(['device', 'bundle'], update)];
  return { items, disposables: [...items.values(), ...subscriptions] };
}

const title = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
