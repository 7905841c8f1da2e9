// Every command of the extension. A test compares this list with the manifest, in both directions.

import { bundleCommands } from './bundles.ts';
import { deviceCommands } from './devices.ts';
import { engineCommands } from './engine.ts';
import { openCommands } from './open.ts';
import { readCommands } from './read.ts';
import { readingCommands } from './readings.ts';
import type { CommandSpec } from './registry.ts';
import { reportCommands } from './report.ts';
import { sampleCommands } from './samples.ts';
import { trainingCommands } from './training.ts';
import { viewCommands } from './view.ts';

export const allCommands: readonly CommandSpec[] = [
  ...openCommands,
  ...readCommands,
  ...readingCommands,
  ...reportCommands,
  ...viewCommands,
  ...deviceCommands,
  ...bundleCommands,
  ...trainingCommands,
  ...sampleCommands,
  ...engineCommands,
];
