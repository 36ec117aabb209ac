/** Recurrences that are steps of one length counted from an anchor: the keywords and the intervals. */
import type { Temporal } from 'temporal-polyfill';
import { intervalAnchor, keywordAnchor } from './anchors.js';
import { keywordPeriods } from './keywords.js';
import { DAY, EARLIEST, LATEST } from './limits.js';
import type { DstPolicy, IntervalRule, KeywordRule, Period, Recurrence } from './types.js';

const AVERAGE_MONTH = (DAY * 146_097) / 4_800; // the Gregorian calendar repeats after 4,800 months of 146,097 days

type DayFilter = (date: { dayOfWeek: number }) => boolean;

const isWeekday: DayFilter = (date) => date.dayOfWeek <= 5;

export function keywordRecurrence(rule: KeywordRule): Recurrence {
  return stepsOf(rule).recurrence;
}

export function intervalRecurrence(rule: IntervalRule): Recurrence {
  return stepsOf(rule).recurrence;
}

/**
 * The wall times that a rule names for one of its fires (two where a skipped day is made up for together with the
 * next), or none where it counts elapsed time.
 */
export function stepTimesOf(rule: KeywordRule | IntervalRule, fire: number): number[] {
  return stepsOf(rule).timesOf(fire);
}

interface Steps {
  recurrence: Recurrence;
  timesOf(fire: number): number[];
}

function stepsOf(rule: KeywordRule | IntervalRule): Steps {
  const period = rule.kind === 'keyword' ? keywordPeriods[rule.keyword] : rule.period;
  const origin = rule.kind === 'keyword' ? keywordAnchor(rule) : intervalAnchor(rule);
  const filter = rule.kind === 'keyword' && rule.keyword === 'weekdays' ? isWeekday : undefined;
  // Nothing fires before an anchor; without one there is no first step.
  const first = rule.anchor === null ? -Infinity : 0;
  return period.months === 0 && period.days === 0
    ? { recurrence: elapsedSteps(origin.epochMilliseconds, period.elapsedMs, first), timesOf: () => [] }
    : calendarSteps(origin, period, first, filter, rule.dst);
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
 * month. If nothing else is said, a local time in a gap moves forward by the gap's length, and a repeated one takes its
 * first copy (Temporal's 'compatible', which is RFC 5545's and the JavaScript Date's rule).
 */
function calendarSteps(
  origin: Temporal.ZonedDateTime,
  period: Period,
  first: number,
  filter: DayFilter | undefined,
  dst: DstPolicy | undefined,
): Steps {
  const { timeZoneId } = origin;
  const local = origin.toPlainDateTime();
  const averageLength = period.months * AVERAGE_MONTH + period.days * DAY + period.elapsedMs;
  // With hours on top (P1DT12H) a fire keeps no local time, so there is nothing to choose.
  const { gap = 'shift', overlap = 'first' } = period.elapsedMs === 0 ? (dst ?? {}) : {};

  const nominal = (n: number) => local.add({ months: n * period.months, days: n * period.days });
  // Step 0 is the anchor itself, even when it is the second copy of a repeated time.
  const zoned = (n: number, time: Temporal.PlainDateTime) => (n === 0 ? origin : time.toZonedDateTime(timeZoneId));
  const begins = (n: number) => zoned(n, nominal(n)).epochMilliseconds + n * period.elapsedMs;

  /** The fires of step n: none, one, or both copies. */
  const firesOf = (n: number): number[] => {
    const time = nominal(n);
    const at = zoned(n, time);
    // A skipped day (Pacific/Apia, 30 December 2011) must not carry a Friday's run into a Saturday, so the day that
    // came out is asked too.
    if (filter !== undefined && !(filter(time) && filter(at))) return [];
    if (gap === 'skip' && !at.toPlainDateTime().equals(time)) return [];
    const fire = at.epochMilliseconds + n * period.elapsedMs;
    if (overlap === 'first') return [fire];
    const second = time.toZonedDateTime(timeZoneId, { disambiguation: 'later' });
    const isCopy = second.epochMilliseconds > fire && second.toPlainDateTime().equals(time);
    return isCopy ? [fire, second.epochMilliseconds] : [fire];
  };

  /** The largest n whose step begins at or before `instant`; one less than `first` when there is none. */
  const indexBy = (instant: number): number => {
    let n = Math.max(first, Math.floor((instant - origin.epochMilliseconds) / averageLength));
    while (n >= first && begins(n) > instant) n--;
    while (begins(n + 1) <= instant) n++;
    return n;
  };

  /** The first step that may fire after `after`: a second copy may, when its step began before. */
  const indexAfter = (after: number) => Math.max(first, indexBy(after) + (overlap === 'both' ? 0 : 1));

  const recurrence: Recurrence = {
    count(after, until, cap) {
      let count = 0;
      const last = indexBy(until);
      for (let n = indexAfter(after), before = after; n <= last && count < cap; n++) {
        for (const fire of firesOf(n)) {
          // A skipped day's step and the next day's are one fire.
          if (fire > before && fire <= until) count++;
          before = Math.max(before, fire);
        }
      }
      return count;
    },
    next(after) {
      for (let n = indexAfter(after); ; n++) {
        const fire = firesOf(n).find((at) => at > after);
        if (fire !== undefined) return fire;
        if (begins(n) > LATEST) return null;
      }
    },
    previous(until) {
      for (let n = indexBy(until); n >= first; n--) {
        const fire = firesOf(n).findLast((at) => at <= until);
        if (fire !== undefined) return fire;
        if (begins(n) < EARLIEST) return null;
      }
      return null;
    },
  };

  const timesOf = (fire: number): number[] => {
    const times: number[] = [];
    for (let n = indexBy(fire); n >= first && firesOf(n).includes(fire); n--) {
      times.unshift(Date.parse(`${nominal(n).toString()}Z`));
    }
    return period.elapsedMs === 0 ? times : [];
  };

  return { recurrence, timesOf };
}
