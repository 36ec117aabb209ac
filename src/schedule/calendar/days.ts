/** Local days as numbers: days since 1 January 1970, which is a Thursday. A number is quick to compare and to step. */
import { DAY, LATEST } from '../limits.js';
import type { Understood } from '../types.js';
import type { Weekday } from './types.js';

export const FIRST_DAY = 0;
export const LAST_DAY = Math.floor(LATEST / DAY);

/** In the order of ISO 8601: Monday first. */
export const weekdays: readonly Weekday[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** The number of a day of the Gregorian calendar, in the years 100 to 9999. */
export function dayNumber({ year, month, day }: { year: number; month: number; day: number }): number {
  return Date.UTC(year, month - 1, day) / DAY;
}

/** The number of a date that `readDay` took. */
export function dayOf(date: string): number {
  return Date.parse(date) / DAY;
}

/** ISO 8601: "2026-12-25". */
export function dateOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

/** Monday is 0, as in `weekdays`. */
export function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

export function yearOf(day: number): number {
  return new Date(day * DAY).getUTCFullYear();
}

/** The number of the days of a month; of February in a leap year when no year is given. */
export function daysInMonth(month: number, year = 2000): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Reads a date as ISO 8601 has it, from `firstYear` to 9999. */
export function readDay(text: string, firstYear = 1970): Understood<number> {
  const [, ...digits] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
  const [year, month, day] = digits.map(Number);
  if (year === undefined || month === undefined || day === undefined) {
    return { ok: false, message: `The date ${shown} is not understood: write it as "2026-12-25".` };
  }
  if (month < 1 || month > 12) {
    return { ok: false, message: `The date ${shown} does not exist: a year has the months 01 to 12.` };
  }
  if (day < 1 || day > daysInMonth(month, year)) {
    const days = daysInMonth(month, year);
    return { ok: false, message: `The date ${shown} does not exist: that month has ${days} days.` };
  }
  if (year < firstYear) {
    return { ok: false, message: `The date ${shown} is outside the years ${firstYear} to 9999: check its year.` };
  }
  return { ok: true, value: dayNumber({ year, month, day }) };
}
