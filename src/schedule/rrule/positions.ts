/** BYSETPOS: which of the times of each period fire. */
import { DAY } from '../limits.js';
import { firstDayOf } from './days.js';
import type { RuleFrequency, RuleValue } from './types.js';

/** The length of the periods of a frequency that are no longer than a day; others count as days here. */
export function unitOf(freq: RuleFrequency): number {
  const units: Partial<Record<RuleFrequency, number>> = { SECONDLY: 1_000, MINUTELY: 60_000, HOURLY: 3_600_000 };
  return units[freq] ?? DAY;
}

function grouped(items: readonly number[], keyOf: (item: number) => number): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** The indexes in a list of `size` that the positions (1 is the first, -1 the last) pick, ascending. */
function picks(positions: readonly number[], size: number): number[] {
  const indexes = positions.map((position) => (position > 0 ? position - 1 : size + position));
  return [...new Set(indexes)].filter((index) => index >= 0 && index < size).toSorted((a, b) => a - b);
}

/** The times of a day that the positions pick in each of its periods: each hour, or the whole day. */
export function pickTimes(times: readonly number[], positions: readonly number[], freq: RuleFrequency): number[] {
  const periods = grouped(times, (time) => Math.floor(time / unitOf(freq)));
  return [...periods.values()].flatMap((group) => picks(positions, group.length).map((index) => group[index] ?? NaN));
}

/**
 * The days and their times that the positions pick in each week, month or year, which are days times times: a rule of
 * every second of a month is never written out.
 */
export function pickDays(
  days: readonly number[],
  times: readonly number[],
  positions: readonly number[],
  year: number,
  rule: RuleValue,
): Map<number, number[]> {
  const periodOf = periodsOf(rule, year);
  const picked = new Map<number, number[]>();
  for (const group of grouped(days, periodOf).values()) {
    for (const index of picks(positions, group.length * times.length)) {
      const day = group[Math.floor(index / times.length)] ?? NaN;
      const onDay = picked.get(day) ?? [];
      onDay.push(times[index % times.length] ?? NaN);
      picked.set(day, onDay);
    }
  }
  return picked;
}

/** The period of a day that is counted from 1 January of the year. */
function periodsOf({ freq, weekStart }: RuleValue, year: number): (day: number) => number {
  const newYear = firstDayOf(year);
  switch (freq) {
    case 'WEEKLY':
      return (day) => weekIndex(newYear + day, weekStart);
    case 'MONTHLY':
      return (day) => monthIndex(newYear + day);
    default:
      return (day) => yearOf(newYear + day);
  }
}

/** Weeks, months and years of day numbers; weeks are counted from the one of 1 January 1970, a Thursday. */
export const weekIndex = (day: number, weekStart: number): number => Math.floor((day + 4 - weekStart) / 7);
export const monthIndex = (day: number): number => {
  const date = new Date(day * DAY);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};
export const yearOf = (day: number): number => new Date(day * DAY).getUTCFullYear();
