/**
 * The yearly recurrence rules of holiday files: RFC 5545 section 3.3.10 with FREQ=YEARLY and BYMONTH, BYMONTHDAY and
 * BYDAY. Not expanded by ical.js, whose iterator never comes back from FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30 and gives
 * the 1st or 2nd of March for it when yearly.
 */
import { DAY } from '../limits.js';
import type { Understood } from '../types.js';
import { dayNumber, daysInMonth, readDay, weekdayOf, weekdays, yearOf } from './days.js';

export interface YearlyRule {
  interval: number;
  count: number;
  /** The last day, or Infinity. */
  until: number;
  /** Null where the rule has no such part. */
  months: readonly number[] | null;
  /** Below 0: from the month's end. */
  monthDays: readonly number[] | null;
  /** `nth` is within the month, 0 for every one. */
  weekdays: readonly { weekday: number; nth: number }[] | null;
}

/** The year of the first Gregorian calendars: Outlook begins endless series in 1601. */
export const FIRST_ICS_YEAR = 1583;

const KNOWN_PARTS = new Set(['freq', 'interval', 'count', 'until', 'wkst', 'bymonth', 'bymonthday', 'byday']);

/** Reads a rule as jCal has it (RFC 7265 section 3.6.10). */
export function readYearlyRule(data: Readonly<Record<string, unknown>>): Understood<YearlyRule> {
  const refuse = (message: string): Understood<YearlyRule> => ({ ok: false, message });
  if (data['freq'] !== 'YEARLY') {
    return refuse(
      `The recurrence rule has FREQ=${String(data['freq'])}, and only FREQ=YEARLY is read: write days of the week as weekdays.`,
    );
  }
  const unknown = Object.keys(data).find((part) => !KNOWN_PARTS.has(part));
  if (unknown !== undefined) {
    const part = unknown.slice(0, 20).toUpperCase();
    return refuse(
      `The recurrence rule has ${part}, and only BYMONTH, BYMONTHDAY and BYDAY are read: write its days out.`,
    );
  }
  const { interval = 1, count = Infinity, until } = data as { interval?: number; count?: number; until?: string };
  if (count < 1) return refuse(`The recurrence rule has COUNT=${count}: it must be 1 or more.`);
  const last = until === undefined ? null : readDay(until.slice(0, 10), FIRST_ICS_YEAR);
  if (last?.ok === false) return last;
  const months = numbers(data['bymonth']);
  const days = list(data['byday']).map((day) => ({
    weekday: weekdays.findIndex((name) => day.endsWith(name)),
    nth: parseInt(day, 10) || 0,
  }));
  if (months === null && days.some(({ nth }) => nth !== 0)) {
    return refuse('The recurrence rule counts weekdays from the beginning of the year: give it a BYMONTH.');
  }
  return {
    ok: true,
    value: {
      interval,
      count,
      until: last?.value ?? Infinity,
      months,
      monthDays: numbers(data['bymonthday']),
      weekdays: days.length === 0 ? null : days,
    },
  };
}

/** jCal has one value alone and several in an array. */
function list(value: unknown): string[] {
  return value === undefined ? [] : [value].flat().map(String);
}

function numbers(value: unknown): number[] | null {
  return value === undefined
    ? null
    : list(value)
        .map(Number)
        .toSorted((a, b) => a - b);
}

/**
 * The days of a rule, a year at a time, through `lastYear`. The first is `start` itself, matching or not, and counts
 * (RFC 5545 section 3.8.5.3).
 */
export function* yearlyDays(rule: YearlyRule, start: number, lastYear: number): Generator<number[]> {
  const daysOfYear = yearlyMatcher(rule, start);
  const last = Math.min(rule.until, dayNumber({ year: lastYear, month: 12, day: 31 }));
  let left = rule.count;
  for (let year = yearOf(start); left > 0 && dayNumber({ year, month: 1, day: 1 }) <= last; year += rule.interval) {
    const matching = daysOfYear(year).filter((day) => day > start);
    const all = year === yearOf(start) ? [start, ...matching] : matching;
    const days = all.filter((day) => day <= last).slice(0, left);
    left -= days.length;
    yield days;
  }
}

/** The days of a year that match a rule, in order. What the rule does not say is as in the first day. */
function yearlyMatcher({ months, monthDays, weekdays: named }: YearlyRule, start: number): (year: number) => number[] {
  const date = new Date(start * DAY);
  const isOpen = monthDays === null && named === null;
  const inMonths = months ?? (isOpen ? [date.getUTCMonth() + 1] : ALL_MONTHS);
  const onDays = isOpen ? [date.getUTCDate()] : monthDays;
  return (year) => inMonths.flatMap((month) => daysOfMonth(year, month, onDays, named));
}

const ALL_MONTHS = Array.from({ length: 12 }, (_, index) => index + 1);

function daysOfMonth(
  year: number,
  month: number,
  monthDays: readonly number[] | null,
  named: YearlyRule['weekdays'],
): number[] {
  const first = dayNumber({ year, month, day: 1 });
  const length = daysInMonth(month, year);
  const days: number[] = [];
  for (let day = 1; day <= length; day++) {
    const fits =
      (monthDays === null || monthDays.includes(day) || monthDays.includes(day - length - 1)) &&
      (named === null ||
        named.some(
          ({ weekday, nth }) =>
            weekday === weekdayOf(first + day - 1) && (nth === 0 || nth === nthOf(day, length, nth)),
        ));
    if (fits) days.push(first + day - 1);
  }
  return days;
}

/** Which one of its weekday a day of the month is, counted from the side that `nth` counts from. */
function nthOf(day: number, length: number, nth: number): number {
  return nth > 0 ? Math.ceil(day / 7) : -Math.ceil((length - day + 1) / 7);
}
