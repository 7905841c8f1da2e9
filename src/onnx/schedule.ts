// Learning rates as functions of the step (1 for the first): linear warm-up, then constant or cosine, then a linear
// cool-down to zero. They live outside the graph, which takes the rate as an input.

import { RoomError } from '../protocol/error.ts';

export interface ScheduleOptions {
  peak: number;
  /** Steps of the run. */
  total: number;
  /** Steps of linear warm-up from 0. */
  warmup?: number;
  /** Last steps, over which the rate falls linearly to `floor`. */
  cooldown?: number;
  floor?: number;
}

export type Schedule = (step: number) => number;

function check({ peak, total, warmup = 0, cooldown = 0 }: ScheduleOptions): void {
  if (!(peak > 0) || total < 1 || warmup < 0 || cooldown < 0 || warmup + cooldown > total)
    throw new RoomError('invalid', `A schedule of ${total} steps cannot have ${warmup} of warm-up and ${cooldown} of cool-down at peak ${peak}.`, 'Make warm-up and cool-down fit into the total, with a positive peak.');
}

/** Warm-up, constant at the peak, linear cool-down. */
export function linearSchedule(options: ScheduleOptions): Schedule {
  check(options);
  const { peak, total, warmup = 0, cooldown = 0, floor = 0 } = options;
  return (step) => {
    if (step < warmup) return (peak * step) / warmup;
    const left = Math.max(0, total - step);
    return left < cooldown ? floor + ((peak - floor) * left) / cooldown : peak;
  };
}

/** Warm-up, then half a cosine from the peak to `floor` at the last step. */
export function cosineSchedule(options: Omit<ScheduleOptions, 'cooldown'>): Schedule {
  check(options);
  const { peak, total, warmup = 0, floor = 0 } = options;
  return (step) => {
    if (step < warmup) return (peak * step) / warmup;
    const x = Math.min(1, (step - warmup) / Math.max(1, total - warmup));
    return floor + (peak - floor) * 0.5 * (1 + Math.cos(Math.PI * x));
  };
}
