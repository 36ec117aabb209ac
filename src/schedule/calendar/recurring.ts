/** Days that come back each year. */
import { monthNames } from '../words.js';
import { dayNumber, daysInMonth, weekdayOf, weekdays } from './days.js';
import type { RecurringDay } from './types.js';

/** Days from Easter that stay within its year: Easter Sunday is from 22 March to 25 April. */
const EASTER_FROM = -80;
const EASTER_TO = 250;

/** The number of a recurring day in a year, or null if that year has no such day. */
export function recurringIn(year: number, entry: RecurringDay): number | null {
  if ('easter' in entry) return easterSunday(year) + entry.easter;
  if ('day' in entry) return entry.day > daysInMonth(entry.month, year) ? null : dayNumber({ year, ...entry });
  return nthWeekday(year, entry.month, weekdays.indexOf(entry.weekday), entry.nth);
}

function nthWeekday(year: number, month: number, weekday: number, nth: number): number | null {
  const first = dayNumber({ year, month, day: 1 });
  const length = daysInMonth(month, year);
  const firstOne = (weekday - weekdayOf(first) + 7) % 7;
  const offset = nth === -1 ? firstOne + 7 * Math.floor((length - 1 - firstOne) / 7) : firstOne + 7 * (nth - 1);
  return offset < length ? first + offset : null;
}

/**
 * Easter Sunday of the Gregorian calendar, by the anonymous algorithm that Nature printed in 1876, as J. Meeus gives
 * it (Astronomical Algorithms, chapter 8). Good for every year.
 */
export function easterSunday(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  return dayNumber({ year, month, day: ((h + l - 7 * m + 114) % 31) + 1 });
}

/** A sentence if no year has such a day, else null. */
export function recurringProblem(entry: RecurringDay): string | null {
  if ('easter' in entry) {
    const { easter } = entry;
    if (Number.isInteger(easter) && easter >= EASTER_FROM && easter <= EASTER_TO) return null;
    return `A day around Easter is a whole number of days from ${EASTER_FROM} to ${EASTER_TO}, not ${easter}: -2 is Good Friday.`;
  }
  const month = monthNames[entry.month - 1];
  if (month === undefined) return `The month ${entry.month} does not exist: use 1 (January) to 12 (December).`;
  if (!('day' in entry)) return nthProblem(entry.nth);
  const length = daysInMonth(entry.month);
  if (Number.isInteger(entry.day) && entry.day >= 1 && entry.day <= length) return null;
  return `There is no ${entry.day} ${month} in any year: ${month} has ${entry.month === 2 ? 'at most ' : ''}${length} days.`;
}

function nthProblem(nth: number): string | null {
  if (nth === -1 || (Number.isInteger(nth) && nth >= 1 && nth <= 5)) return null;
  return `A month has no weekday number ${nth}: use 1 to 5, or -1 for the last.`;
}
