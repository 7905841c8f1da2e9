// What is known of the device that models run on: the setting, and what the last self-test or reading found.

import * as vscode from 'vscode';
import type { DeviceCheck } from '../protocol/engine.ts';
import type { Device } from '../protocol/reading.ts';
import * as settings from './settings.ts';

export class DeviceState implements vscode.Disposable {
  /** The device that the setting led to; undefined until something ran. */
  found: Device | undefined;
  /** Why the GPU is not used, from the last self-test. */
  why: string | undefined;
  #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  #subscription: vscode.Disposable;

  constructor() {
    this.#subscription = settings.onDidChange(['device'], () => this.#set(undefined, undefined));
  }

  checked(checks: DeviceCheck[]): void {
    const gpu = checks.find((check) => check.device === 'webgpu');
    const failed = gpu?.steps.find((step) => !step.ok);
    this.#set(checks.find((check) => check.chosen)?.device, failed && `${failed.step}: ${failed.detail}`);
  }

  ran(device: Device): void {
    this.#set(device, this.why);
  }

  #set(found: Device | undefined, why: string | undefined): void {
    this.found = found;
    this.why = why;
    this.#changed.fire();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}
