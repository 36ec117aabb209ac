/** The days that fit a rule, year by year, and their times where BYSETPOS picks them. */
import { byKindOfYear, daysAround, firstDayOf } from './days.js';
import { dayParts, isAsFineAs, timesOfDay } from './implied.js';
import { monthIndex, pickDays, weekIndex, yearOf } from './positions.js';
import { DAY } from '../limits.js';
import type { RuleValue } from './types.js';

export interface YearOfDays {
  /** Counted from 1 January, ascending. */
  days: readonly number[];
  /** The times of each day in milliseconds since midnight, or null where all days have the rule's times. */
  picked: ReadonlyMap<number, readonly number[]> | null;
}

export interface RuleDays {
  /** The days of a year whatever the interval. */
  inYear(year: number): YearOfDays;
  /** Whether the interval of years, months or weeks takes this day number in. */
  takes(day: number): boolean;
}

export function ruleDaysOf(rule: RuleValue, startWall: number): RuleDays {
  const { freq, interval, by } = rule;
  const parts = dayParts(rule, startWall);
  const positions = isAsFineAs(freq, 'DAILY') ? undefined : by.BYSETPOS;
  const times = positions === undefined ? [] : timesOfDay(rule, startWall);
  const inYear = byKindOfYear((year): YearOfDays => {
    const around = daysAround(year, parts);
    const length = firstDayOf(year + 1) - firstDayOf(year);
    const inside = (days: Iterable<number>) => [...days].filter((day) => day >= 0 && day < length);
    if (positions === undefined) return { days: inside(around), picked: null };
    const picked = pickDays(around, times, positions, year, rule);
    return { days: inside(picked.keys()).toSorted((a, b) => a - b), picked };
  });

  const index = periodIndex(rule);
  const start = index(Math.floor(startWall / DAY));
  return { inYear, takes: interval === 1 ? () => true : (day) => (index(day) - start) % interval === 0 };
}

/** The number of a day's week, month or year; finer frequencies count by the time (see time-table.ts). */
function periodIndex({ freq, weekStart }: RuleValue): (day: number) => number {
  switch (freq) {
    case 'YEARLY':
      return yearOf;
    case 'MONTHLY':
      return monthIndex;
    case 'WEEKLY':
      return (day) => weekIndex(day, weekStart);
    default:
      return () => 0;
  }
}
