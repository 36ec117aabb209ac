/** Where the keywords and the intervals are counted from. */
import { Temporal } from 'temporal-polyfill';
import { keywordPeriods } from './keywords.js';
import type { IntervalRule, KeywordRule, Period } from './types.js';

/** The local date and time that a keyword repeats. */
export function keywordAnchor(schedule: KeywordRule): Temporal.ZonedDateTime {
  return originOf(keywordPeriods[schedule.keyword], schedule);
}

/** The local date and time that an interval is counted from. */
export function intervalAnchor(schedule: IntervalRule): Temporal.ZonedDateTime {
  return originOf(schedule.period, schedule);
}

type Anchored = Pick<KeywordRule, 'anchor' | 'timeZone'>;

function originOf(period: Period, { anchor, timeZone }: Anchored): Temporal.ZonedDateTime {
  return anchor === null
    ? defaultAnchor(period, timeZone)
    : Temporal.Instant.fromEpochMilliseconds(anchor).toZonedDateTimeISO(timeZone);
}

/**
 * Where steps without an anchor are counted from: local midnight of Saturday 1 January 2000, and of the Sunday after
 * it for whole weeks, as `@weekly` is on Sunday. Not 1970: some zones then had offsets with odd seconds (Monrovia) or
 * quarters since given up (Kathmandu), so "every hour" would not be on the hour.
 */
function defaultAnchor(period: Period, timeZone: string): Temporal.ZonedDateTime {
  const wholeWeeks = period.months === 0 && period.elapsedMs === 0 && period.days % 7 === 0;
  return new Temporal.PlainDate(2000, 1, wholeWeeks ? 2 : 1).toZonedDateTime(timeZone);
}
