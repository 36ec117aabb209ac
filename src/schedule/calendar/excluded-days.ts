/** The days of several calendars as one set that answers quickly: a year at a time is worked out, and kept. */
import { LRUCache } from 'lru-cache';
import { weekdayNames } from '../words.js';
import { FIRST_DAY, LAST_DAY, dayNumber, dayOf, weekdayOf, weekdays, yearOf } from './days.js';
import { recurringIn } from './recurring.js';
import type { Calendar } from './types.js';

/** A calendar with the name by which jobs name it. */
export interface NamedCalendar {
  name: string;
  calendar: Calendar;
}

/** Why a day is excluded: the calendar's name, and what the day is called where it has a name. */
export interface ExcludedDay {
  calendar: string;
  day?: string;
}

export interface ExcludedDays {
  /** Why a local day is excluded, or null. */
  on(day: { year: number; month: number; day: number }): ExcludedDay | null;
  /** The same for a day's number (see days.ts). */
  at(day: number): ExcludedDay | null;
  /**
   * The nearest day after (step 1) or before (step -1) a day that is excluded, or is not. Null when there is none from
   * 1970 to 9999; so many excluded years in a row as `ENDLESS_YEARS` count as endless.
   */
  nearest(day: number, step: 1 | -1, excluded: boolean): number | null;
}

/** Nobody stops jobs for so long and means to go on: it bounds the search for a day that is not excluded. */
export const ENDLESS_YEARS = 100;
/** About 3 kB each. */
const YEARS_KEPT = 64;
const [FIRST_YEAR, LAST_YEAR] = [yearOf(FIRST_DAY), yearOf(LAST_DAY)];

/** Why each day of a year is excluded, from 1 January on. A year without excluded days has none. */
interface Year {
  first: number;
  reasons: readonly (ExcludedDay | null)[];
}

/**
 * Makes the set. A day in several calendars is told by the first of them, and within it by its date before its weekday.
 */
export function excludedDays(calendars: readonly NamedCalendar[]): ExcludedDays {
  const fillers = calendars.map(yearFiller);
  const years = new LRUCache<number, Year>({ max: YEARS_KEPT });
  const yearAt = (year: number): Year => {
    const known = years.get(year);
    if (known !== undefined) return known;
    const compiled = compileYear(year, fillers);
    years.set(year, compiled);
    return compiled;
  };
  const at = (day: number): ExcludedDay | null => {
    const { first, reasons } = yearAt(yearOf(day));
    return reasons[day - first] ?? null;
  };
  const [firstWith, lastWith] = yearsWithDays(calendars);

  return {
    at,
    on: (day) => at(dayNumber(day)),
    nearest(from, step, excluded) {
      let day = step === 1 ? Math.max(from + 1, FIRST_DAY) : Math.min(from - 1, LAST_DAY);
      const [lowest, highest] = excluded ? [firstWith, lastWith] : [FIRST_YEAR, LAST_YEAR];
      for (let year = yearOf(day), searched = 0; ; year += step) {
        if (step === 1 ? year > highest : year < lowest) return null;
        if (!excluded && searched++ > ENDLESS_YEARS) return null;
        const { first, reasons } = yearAt(year);
        if (reasons.length === 0 && !excluded) return day;
        const [start, end] = [first, first + reasons.length - 1];
        for (; day >= start && day <= end; day += step) {
          if ((reasons[day - first] !== null) === excluded) return day;
        }
        day = step === 1 ? dayNumber({ year: year + 1, month: 1, day: 1 }) : first - 1;
      }
    },
  };
}

/** Puts the days of one calendar into a year, unless they are there. */
type YearFiller = (year: number, first: number, reasons: (ExcludedDay | null)[]) => void;

function compileYear(year: number, fillers: readonly YearFiller[]): Year {
  const first = dayNumber({ year, month: 1, day: 1 });
  if (year < FIRST_YEAR || year > LAST_YEAR) return { first, reasons: [] };
  const length = dayNumber({ year, month: 12, day: 31 }) - first + 1;
  const reasons = Array<ExcludedDay | null>(length).fill(null);
  for (const fill of fillers) fill(year, first, reasons);
  return { first, reasons: reasons.some((reason) => reason !== null) ? reasons : [] };
}

function yearFiller({ name: calendar, calendar: parts }: NamedCalendar): YearFiller {
  const because = (day?: string): ExcludedDay => (day === undefined ? { calendar } : { calendar, day });
  const ranges = parts.ranges.map(({ from, to, name }) => ({
    from: dayOf(from),
    to: dayOf(to),
    reason: because(name),
  }));
  const recurring = parts.recurring.map((entry) => ({ entry, reason: because(entry.name) }));
  const byWeekday = weekdays.map((weekday, index) =>
    parts.weekdays.includes(weekday) ? because(weekdayNames[(index + 1) % 7]) : null,
  );

  return (year, first, reasons) => {
    const last = first + reasons.length - 1;
    for (let index = firstEndingBy(ranges, first); index < ranges.length; index++) {
      const range = ranges[index];
      if (range === undefined || range.from > last) break;
      for (let day = Math.max(range.from, first); day <= Math.min(range.to, last); day++) {
        reasons[day - first] ??= range.reason;
      }
    }
    for (const { entry, reason } of recurring) {
      const day = recurringIn(year, entry);
      if (day !== null) reasons[day - first] ??= reason;
    }
    if (parts.weekdays.length === 0) return;
    for (let index = 0; index < reasons.length; index++) reasons[index] ??= byWeekday[weekdayOf(first + index)] ?? null;
  };
}

/** The index of the first range that ends on a day or after it. */
function firstEndingBy(ranges: readonly { to: number }[], day: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.to ?? Infinity) < day) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first and the last year that can have excluded days. */
function yearsWithDays(calendars: readonly NamedCalendar[]): [first: number, last: number] {
  if (calendars.some(({ calendar: { weekdays: days, recurring } }) => days.length + recurring.length > 0)) {
    return [FIRST_YEAR, LAST_YEAR];
  }
  const years = calendars.flatMap(({ calendar: { ranges } }) => [ranges[0]?.from, ranges.at(-1)?.to]);
  const known = years.filter((date) => date !== undefined).map((date) => yearOf(dayOf(date)));
  return [Math.min(...known), Math.max(...known)];
}
