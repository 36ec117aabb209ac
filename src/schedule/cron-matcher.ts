/**
 * Matches cron fields against wall times. The matching is croner's, at UTC offset 0, where it knows no zone and reads
 * no zone data; here stands what it leaves open.
 */
import { Cron } from 'croner';
import { DAY, SECOND } from './limits.js';

/** The wall times that an expression names. */
export interface CronMatcher {
  /** The first match strictly after a wall time, or null: then there is none at all. */
  after(wall: number): number | null;
  /** The last match at or before a wall time, or null. */
  by(wall: number): number | null;
}

/** The n-th day before the last day of the month, Quartz's `L-3`; `L-0` is the last day, as there. */
const BEFORE_LAST = /^L-(\d|[12]\d|30)$/i;
/** What croner does not take as part of a list in day-of-month. */
const NOT_IN_LISTS = /^(L-\d+|LW)$/i;

/**
 * The matcher of six fields: second, minute, hour, day of month, month, day of week.
 *
 * Days match when day-of-month OR day-of-week does, unless one of the two fields begins with `*`: crontab(5) calls
 * only a field without a star restricted, so that `0 0 *\/2 * 1` means the odd days that are Mondays. croner has that
 * exception for the bare `*` only.
 *
 * @throws what croner throws at fields that are no cron fields
 */
export function matcherFor(fields: readonly string[]): CronMatcher {
  const [second, minute, hour, day = '*', month, weekday = '*'] = fields;
  const bothNeeded = /^[*?]/.test(day) || /^[*?]/.test(weekday);
  const on = (days: string, weekdays: string) =>
    cronerMatcher([second, minute, hour, days, month, weekdays].join(' '), bothNeeded);
  const items = [...new Set(day.toUpperCase().split(','))];
  const alone = items.filter((item) => NOT_IN_LISTS.test(item));
  if (alone.length === 0) return on(day, weekday);

  const listed = items.filter((item) => !NOT_IN_LISTS.test(item)).join(',');
  const weekdayOfEach = bothNeeded ? weekday : '*';
  const anyDay = on('*', weekdayOfEach);
  return anyOf([
    ...alone.map((item) => {
      const before = BEFORE_LAST.exec(item)?.[1];
      return before === undefined ? on(item, weekdayOfEach) : dayBeforeLast(Number(before), anyDay);
    }),
    ...(listed === '' ? [] : [on(listed, weekdayOfEach)]),
    ...(bothNeeded ? [] : [on('*', weekday)]),
  ]);
}

// The Gregorian calendar, weekdays included, repeats every 400 years. croner's search ends in the year 3000, so later
// walls are asked about in the cycle that begins in 2000.
const CYCLE = 146_097 * DAY;
const CYCLE_START = Date.UTC(2000, 0, 1);

function cronerMatcher(pattern: string, domAndDow: boolean): CronMatcher {
  const cron = new Cron(pattern, { utcOffset: 0, paused: true, mode: '6-part', sloppyRanges: true, domAndDow });
  const shifted = (wall: number, find: (date: Date) => Date | null | undefined) => {
    const shift = Math.max(0, Math.floor((wall - CYCLE_START) / CYCLE)) * CYCLE;
    const found = find(new Date(wall - shift));
    return found ? found.getTime() + shift : null;
  };
  return {
    after: (wall) => shifted(wall, (date) => cron.nextRun(date)),
    // croner's own question is "strictly before", in whole seconds.
    by: (wall) => shifted(Math.floor(wall / SECOND) * SECOND + SECOND, (date) => cron.previousRuns(1, date)[0]),
  };
}

function anyOf(matchers: readonly CronMatcher[]): CronMatcher {
  const found = (walls: (number | null)[]) => walls.filter((wall) => wall !== null);
  const nullIfNone = (wall: number) => (Number.isFinite(wall) ? wall : null);
  return {
    after: (wall) => nullIfNone(Math.min(...found(matchers.map((matcher) => matcher.after(wall))))),
    by: (wall) => nullIfNone(Math.max(...found(matchers.map((matcher) => matcher.by(wall))))),
  };
}

// A 29 February, or a 1 February of such a year, is on the same weekday again after at most 40 years.
const MONTHS_SEARCHED = 50 * 12;
/** Months since January 1970. */
const monthOf = (wall: number) => (new Date(wall).getUTCFullYear() - 1970) * 12 + new Date(wall).getUTCMonth();

/**
 * croner takes no `L-3`: the day is one date subtraction for each month, and croner, asked with any day of the month,
 * still says which months, weekdays and times match.
 */
function dayBeforeLast(n: number, anyDay: CronMatcher): CronMatcher {
  /** Midnight of that day in a month, or null where the month is too short. */
  const dayIn = (month: number): number | null => {
    const day = Date.UTC(1970, month + 1, -n);
    return monthOf(day) === month ? day : null;
  };
  return {
    after(wall) {
      for (let month = monthOf(wall), left = MONTHS_SEARCHED; left >= 0; month++, left--) {
        const day = dayIn(month);
        if (day === null) continue;
        const found = anyDay.after(Math.max(wall, day - 1));
        if (found === null || found < day + DAY) return found;
        month = Math.max(month, monthOf(found) - 1); // the months in between do not match
      }
      return null;
    },
    by(wall) {
      for (let month = monthOf(wall), left = MONTHS_SEARCHED; left >= 0; month--, left--) {
        const day = dayIn(month);
        if (day === null) continue;
        const found = anyDay.by(Math.min(wall, day + DAY - 1));
        if (found === null || found >= day) return found;
        month = Math.min(month, monthOf(found) + 1);
      }
      return null;
    },
  };
}
