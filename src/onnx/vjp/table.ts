// All gradient rules by op name.

import type { Vjp } from './context.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { LAYOUT } from './layout.ts';
import { LINEAR } from './linear.ts';
import { REDUCE } from './reduce.ts';

export const VJPS: Readonly<Record<string, Vjp>> = { ...ELEMENTWISE, ...LAYOUT, ...LINEAR, ...REDUCE };
