/** Counts a cron job's fires without walking them: the matching days, times the times of a day. */
import { CronPattern } from 'croner';
import { matcherFor, type CompiledCron } from './cron-expression.js';
import { DAY, HOUR, MINUTE, SECOND } from './limits.js';
import { latestWallBy, offsetPeriodAt } from './wall-clock.js';

/**
 * The number of fires in (after, until], exact up to `cap`. Its work grows with the matching days, at most 366 a year,
 * and ends at the cap.
 */
export function countCronFires(
  cron: CompiledCron,
  timeZone: string,
  after: number,
  until: number,
  cap: number,
): number {
  const matches = matchCounter(cron.fields, cap);
  const shown = (instant: number) => latestWallBy(timeZone, instant);
  let count = 0;
  for (let from = after; from < until && count < cap;) {
    const { end, offset } = offsetPeriodAt(timeZone, from + 1);
    const to = Math.min(until, end - 1);
    if (cron.isFixedTime) {
      // Whatever the clock jumps over at the period's first instant makes one fire together.
      count += Math.min(1, matches(shown(from), shown(from + 1))) + matches(shown(from + 1), shown(to));
    } else {
      count += matches(from + offset, to + offset);
    }
    from = to;
  }
  return count;
}

/** Counts the matches in the wall times (from, to]. */
function matchCounter(fields: readonly string[], cap: number): (from: number, to: number) => number {
  const timesBy = timesOfDay(fields);
  const days = matcherFor(['0', '0', '0', ...fields.slice(3)]);
  return (from, to) => {
    let count = 0;
    let day = days.nextRun(new Date(Math.floor(from / DAY) * DAY - SECOND));
    while (day !== null && day.getTime() <= to && count < cap) {
      count += timesBy(to - day.getTime()) - timesBy(from - day.getTime());
      day = days.nextRun(day);
    }
    return count;
  };
}

/**
 * How many times of one day lie at or before a time of day, given in milliseconds since midnight (below 0: none, above
 * a day: all).
 */
function timesOfDay(fields: readonly string[]): (timeOfDay: number) => number {
  const pattern = new CronPattern(fields.join(' '), undefined, { mode: '6-part', sloppyRanges: true });
  const values = (flags: readonly number[]) => [...flags.keys()].filter((value) => flags[value] === 1);
  const [hours, minutes, seconds] = [values(pattern.hour), values(pattern.minute), values(pattern.second)];
  const below = (list: readonly number[], limit: number) => list.filter((value) => value < limit).length;

  return (timeOfDay) => {
    if (timeOfDay < 0) return 0;
    const hour = Math.floor(timeOfDay / HOUR);
    const minute = Math.floor((timeOfDay % HOUR) / MINUTE);
    const second = Math.floor((timeOfDay % MINUTE) / SECOND);
    const inMinute = minutes.includes(minute) ? below(seconds, second + 1) : 0;
    const inHour = hours.includes(hour) ? below(minutes, minute) * seconds.length + inMinute : 0;
    return below(hours, hour) * minutes.length * seconds.length + inHour;
  };
}
