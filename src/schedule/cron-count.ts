/** Counts a cron job's fires without walking them: the matching days, times the times of a day. */
import { CronPattern } from 'croner';
import type { CompiledCron } from './cron-expression.js';
import { matcherFor } from './cron-matcher.js';
import { firstWall, madeUpAtStart, type DstChoice } from './cron-walls.js';
import { DAY, HOUR, MINUTE, SECOND } from './limits.js';
import { offsetPeriodAt } from './wall-clock.js';

/**
 * The number of fires in (after, until], exact up to `cap`. Its work grows with the matching days, at most 366 a year,
 * and ends at the cap.
 */
export function countCronFires(
  cron: CompiledCron,
  policy: DstChoice,
  timeZone: string,
  after: number,
  until: number,
  cap: number,
): number {
  const matches = matchCounter(cron.fields, cap);
  let count = 0;
  for (let from = after + 1; from <= until && count < cap;) {
    const period = offsetPeriodAt(timeZone, from);
    const to = Math.min(until, period.end - 1);
    const gap = from === period.start ? madeUpAtStart(period, policy) : null;
    // Whatever the clock jumps over makes one fire together, and one with what it shows at that instant.
    if (gap !== null) count += Math.min(1, matches(gap.from, gap.to + 1)) - matches(gap.to + 1, gap.to + 1);
    count += matches(firstWall(period, from, policy), to + period.offset);
    from = to + 1;
  }
  return count;
}

/** Counts the matches in the wall times [from, to]. */
function matchCounter(fields: readonly string[], cap: number): (from: number, to: number) => number {
  const timesBy = timesOfDay(fields);
  const days = matcherFor(['0', '0', '0', ...fields.slice(3)]);
  return (from, to) => {
    let count = 0;
    let day = from > to ? null : days.after(Math.floor(from / DAY) * DAY - 1);
    while (day !== null && day <= to && count < cap) {
      count += timesBy(to - day) - timesBy(from - 1 - day);
      day = days.after(day);
    }
    return count;
  };
}

/**
 * How many times of one day lie at or before a time of day, given in milliseconds since midnight (below 0: none, above
 * a day: all).
 */
function timesOfDay(fields: readonly string[]): (timeOfDay: number) => number {
  const pattern = new CronPattern([...fields.slice(0, 3), '* * *'].join(' '), undefined, {
    mode: '6-part',
    sloppyRanges: true,
  });
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
