/** Leaves out the fires of excluded days. */
import { DAY, EARLIEST, LATEST } from '../limits.js';
import type { Recurrence } from '../types.js';
import { offsetPeriodAt } from '../wall-clock.js';
import type { ExcludedDays } from './excluded-days.js';
import { localDay } from './local-day.js';

/** So many stretches of days in a row that have only fires of the other kind, and the answer is: none. */
export const MOST_JUMPS = 1_000;

/**
 * Parts the fires of a recurrence by the local day they fall on: `runs` are those of other days, `excluded` those of
 * excluded days. Both jump over a stretch of days at once, however many fires it has. `count` has no limit of jumps.
 */
export function excluding(
  base: Recurrence,
  timeZone: string,
  days: ExcludedDays,
): { runs: Recurrence; excluded: Recurrence } {
  return { runs: onDays(base, timeZone, days, false), excluded: onDays(base, timeZone, days, true) };
}

function onDays(base: Recurrence, timeZone: string, days: ExcludedDays, excluded: boolean): Recurrence {
  const isWanted = (fire: number) => (days.at(localDay(timeZone, fire)) !== null) === excluded;

  return {
    next(after, until = LATEST) {
      let fire = base.next(after);
      for (let jumps = 0; fire !== null && !isWanted(fire); jumps++) {
        const end = stretchEnd(days, timeZone, fire);
        if (end > until || jumps === MOST_JUMPS) return null;
        fire = base.next(end - 1);
      }
      return fire;
    },
    previous(until) {
      let fire = base.previous(until);
      for (let jumps = 0; fire !== null && !isWanted(fire); jumps++) {
        const start = stretchStart(days, timeZone, fire);
        if (start < EARLIEST || jumps === MOST_JUMPS) return null;
        fire = base.previous(start - 1);
      }
      return fire;
    },
    count(after, until, cap) {
      let count = 0;
      for (let fire = base.next(after); fire !== null && fire <= until && count < cap;) {
        const end = stretchEnd(days, timeZone, fire);
        if (isWanted(fire)) count += base.count(fire - 1, Math.min(until, end - 1), cap - count);
        if (end > until) break;
        fire = base.next(end - 1);
      }
      return count;
    },
  };
}

/**
 * The end, exclusive, of the stretch of days around an instant that are all excluded or all not. It ends with the
 * offset period at the latest: until then local time is a plain shift.
 */
function stretchEnd(days: ExcludedDays, timeZone: string, instant: number): number {
  const { end, offset } = offsetPeriodAt(timeZone, instant);
  const day = Math.floor((instant + offset) / DAY);
  const turn = days.nearest(day, 1, days.at(day) === null);
  return turn === null ? end : Math.min(end, turn * DAY - offset);
}

/** The beginning, inclusive, of such a stretch. */
function stretchStart(days: ExcludedDays, timeZone: string, instant: number): number {
  const { start, offset } = offsetPeriodAt(timeZone, instant);
  const day = Math.floor((instant + offset) / DAY);
  const turn = days.nearest(day, -1, days.at(day) === null);
  return turn === null ? start : Math.max(start, (turn + 1) * DAY - offset);
}
