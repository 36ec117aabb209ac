/**
 * Which days' fires move onto which day. A working day is one that is not excluded and that the zone has. It makes a
 * block with the other days next to it whose fires move onto it; blocks follow each other in time.
 */
import type { ExcludedDays } from './excluded-days.js';
import { dayExists } from './local-day.js';

/** A fire that would have to move further is dropped. */
export const FURTHEST_SHIFT_DAYS = 366;

/** Days in a row, both ends inclusive. */
export interface Block {
  first: number;
  last: number;
}

export interface ShiftBlocks {
  /** The day itself if it is a working day, else the nearest after (step 1) or before (step -1) it, or null. */
  workingDay(day: number, step: 1 | -1): number | null;
  /** The working day that a day's fires move onto, or null where they are dropped. */
  target(day: number): number | null;
  /** The days whose fires come onto a working day. */
  around(workingDay: number): Block;
}

/** `step` is 1 where fires move to the next day, -1 where to the previous. */
export function shiftBlocks(days: ExcludedDays, timeZone: string, step: 1 | -1): ShiftBlocks {
  const workingDay: ShiftBlocks['workingDay'] = (day, direction) => {
    let free: number | null = days.at(day) === null ? day : days.nearest(day, direction, false);
    while (free !== null && !dayExists(timeZone, free)) free = days.nearest(free, direction, false);
    return free;
  };

  return {
    workingDay,
    target(day) {
      const target = workingDay(day, step);
      return target === null || Math.abs(target - day) > FURTHEST_SHIFT_DAYS ? null : target;
    },
    around(day) {
      const furthest = day - step * FURTHEST_SHIFT_DAYS;
      const other = workingDay(day - step, step === 1 ? -1 : 1);
      if (step === 1) return { first: Math.max(furthest, other === null ? -Infinity : other + 1), last: day };
      return { first: day, last: Math.min(furthest, other === null ? Infinity : other - 1) };
    },
  };
}
