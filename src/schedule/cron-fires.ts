/** When a cron expression fires: matched wall times, turned into instants one offset period after the other. */
import { countCronFires } from './cron-count.js';
import { compileCron } from './cron-expression.js';
import { firstWall, madeUpAtStart, policyOf } from './cron-walls.js';
import { DAY, EARLIEST, LATEST } from './limits.js';
import { gapBefore, offsetPeriodAt } from './wall-clock.js';
import type { CronRule, Recurrence } from './types.js';

export function cronRecurrence({ expression, timeZone, dst }: CronRule): Recurrence {
  const cron = compileCron(expression);
  const { matcher } = cron;
  const policy = policyOf(cron, dst);
  return {
    next(after) {
      for (let at = after + 1; at <= LATEST;) {
        const period = offsetPeriodAt(timeZone, at);
        const gap = at === period.start ? madeUpAtStart(period, policy) : null;
        if (gap !== null && (matcher.after(gap.from - 1) ?? Infinity) <= gap.to) return at;
        const wall = matcher.after(firstWall(period, at, policy) - 1);
        if (wall === null) return null;
        if (wall - period.offset < period.end) return wall - period.offset;
        at = period.end - at < MARGIN ? period.end : Math.max(period.end, wall - period.offset - MARGIN);
      }
      return null;
    },
    previous(until) {
      for (let at = until; at >= EARLIEST;) {
        const period = offsetPeriodAt(timeZone, at);
        const wall = matcher.by(at + period.offset);
        if (wall !== null && wall >= firstWall(period, period.start, policy)) return wall - period.offset;
        const gap = madeUpAtStart(period, policy);
        if (gap !== null && (matcher.by(gap.to) ?? -Infinity) >= gap.from) return period.start;
        if (wall === null) return null;
        at = at - period.start < MARGIN ? period.start - 1 : Math.min(period.start - 1, wall - period.offset + MARGIN);
      }
      return null;
    },
    count: (after, until, cap) => countCronFires(cron, policy, timeZone, after, until, cap),
  };
}

/**
 * A job that fires once in years need not be looked for in every offset period until then: between here and a match,
 * no clock shows another one. Two days are more than any two offsets differ by, so a time that is shown again is never
 * passed over.
 */
const MARGIN = 2 * DAY;

/**
 * The wall times that an expression names for one of its fires: the one that the clock shows, or the first and the
 * last of those that a gap skipped.
 */
export function cronTimesOf({ expression, timeZone }: CronRule, fire: number): number[] {
  const { matcher } = compileCron(expression);
  const period = offsetPeriodAt(timeZone, fire);
  const shown = fire + period.offset;
  if (matcher.by(shown) === shown) return [shown];
  const gap = gapBefore(period);
  return gap === null ? [] : [matcher.after(gap.from - 1), matcher.by(gap.to)].filter((wall) => wall !== null);
}
