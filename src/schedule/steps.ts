/** Recurrences that are steps of one length counted from an anchor: the keywords and the intervals. */
import type { Temporal } from 'temporal-polyfill';
import { intervalAnchor, keywordAnchor } from './anchors.js';
import { keywordPeriods } from './keywords.js';
import { DAY } from './limits.js';
import type { IntervalRule, KeywordRule, Period, Recurrence } from './types.js';

const AVERAGE_MONTH = (DAY * 146_097) / 4_800; // the Gregorian calendar repeats after 4,800 months of 146,097 days

type DayFilter = (date: { dayOfWeek: number }) => boolean;

const isWeekday: DayFilter = (date) => date.dayOfWeek <= 5;

export function keywordRecurrence(schedule: KeywordRule): Recurrence {
  const filter = schedule.keyword === 'weekdays' ? isWeekday : undefined;
  return steps(keywordPeriods[schedule.keyword], keywordAnchor(schedule), schedule.anchor !== null, filter);
}

export function intervalRecurrence(schedule: IntervalRule): Recurrence {
  return steps(schedule.period, intervalAnchor(schedule), schedule.anchor !== null);
}

function steps(period: Period, origin: Temporal.ZonedDateTime, anchored: boolean, filter?: DayFilter): Recurrence {
  // Nothing fires before an anchor; without one there is no first step.
  const first = anchored ? 0 : -Infinity;
  return period.months === 0 && period.days === 0
    ? elapsedSteps(origin.epochMilliseconds, period.elapsedMs, first)
    : calendarSteps(origin, period, first, filter);
}

/** Exact elapsed time: pure arithmetic, whatever the clocks do. */
function elapsedSteps(origin: number, length: number, first: number): Recurrence {
  const indexBy = (instant: number) => Math.max(first - 1, Math.floor((instant - origin) / length));
  return {
    next: (after) => origin + (indexBy(after) + 1) * length,
    previous: (until) => (indexBy(until) < first ? null : origin + indexBy(until) * length),
    count: (after, until) => Math.max(0, indexBy(until) - indexBy(after)),
  };
}

/**
 * Steps on the calendar. Step n is computed from the anchor, never from step n-1: the 31st comes back after a short
 * month. A local time in a gap moves forward by the gap's length, a repeated one takes its first copy (Temporal's
 * 'compatible', which is RFC 5545's and the JavaScript Date's rule).
 */
function calendarSteps(origin: Temporal.ZonedDateTime, period: Period, first: number, filter?: DayFilter): Recurrence {
  const { timeZoneId } = origin;
  const local = origin.toPlainDateTime();
  const averageLength = period.months * AVERAGE_MONTH + period.days * DAY + period.elapsedMs;

  const step = (n: number): { at: number; wanted: boolean } => {
    const nominal = local.add({ months: n * period.months, days: n * period.days });
    // Step 0 is the anchor itself, even when it is the second copy of a repeated time.
    const zoned = n === 0 ? origin : nominal.toZonedDateTime(timeZoneId);
    const at = zoned.epochMilliseconds + n * period.elapsedMs;
    // A skipped day (Pacific/Apia, 30 December 2011) must not carry a Friday's run into a Saturday, so the day that
    // came out is asked too.
    return { at, wanted: filter === undefined || (filter(nominal) && filter(zoned)) };
  };

  /** The largest n whose step is at or before `instant`; one less than `first` when there is none. */
  const indexBy = (instant: number): number => {
    let n = Math.max(first, Math.floor((instant - origin.epochMilliseconds) / averageLength));
    while (n >= first && step(n).at > instant) n--;
    while (step(n + 1).at <= instant) n++;
    return n;
  };

  return {
    count(after, until, cap) {
      let count = 0;
      const last = indexBy(until);
      for (let n = indexBy(after) + 1, before = -Infinity; n <= last && count < cap; n++) {
        const { at, wanted } = step(n);
        // A skipped day's step and the next day's are one fire.
        if (wanted && at > before) count++;
        before = at;
      }
      return count;
    },
    next(after) {
      let n = indexBy(after) + 1;
      while (!step(n).wanted) n++;
      return step(n).at;
    },
    previous(until) {
      for (let n = indexBy(until); n >= first; n--) {
        const { at, wanted } = step(n);
        if (wanted) return at;
      }
      return null;
    },
  };
}
