/**
 * The local times that fit a rule. They are "wall times" (see wall-clock.ts): nothing here knows of zones. The work of
 * a question does not depend on how far the start is.
 */
import { DAY, EARLIEST, LATEST } from '../limits.js';
import type { RuleDays } from './rule-days.js';
import { firstDayOf } from './days.js';
import { yearOf } from './positions.js';
import { everyDay, lowerBound, type TimeTable } from './time-table.js';

const FIRST_YEAR = yearOf(EARLIEST / DAY) - 1;
const LAST_YEAR = yearOf(Math.floor(LATEST / DAY));

/** A thousand years: the calendar repeats after 400. So a rule that never fires is known for one within 50 ms. */
const LONGEST_SEARCH = 365_243 * DAY;

export interface WallMatches {
  /** The first match after `wall` and at or before `limit`, or null; none is looked for beyond a thousand years. */
  after(wall: number, limit: number): number | null;
  /** The last match at or before `wall` and at or after `limit`, or null. */
  by(wall: number, limit: number): number | null;
  /** The number of matches in (from, to], at least `cap` when there are more than that. */
  count(from: number, to: number, cap: number): number;
}

export function wallMatches(ruleDays: RuleDays, times: TimeTable): WallMatches {
  const timesOn = ({ picked }: DayOfYear): TimeTable => (picked === null ? times : everyDay(picked));

  return {
    after(wall, limit) {
      const to = Math.min(limit, wall + LONGEST_SEARCH);
      return firstOf(ruleDays, Math.floor((wall + 1) / DAY), Math.floor(to / DAY), (fit) => {
        const time = timesOn(fit).first(fit.day, wall + 1 - fit.day * DAY);
        return time === null || fit.day * DAY + time > limit ? null : fit.day * DAY + time;
      });
    },
    by(wall, limit) {
      return lastOf(ruleDays, Math.floor(wall / DAY), Math.floor(limit / DAY), (fit) => {
        const time = timesOn(fit).last(fit.day, wall - fit.day * DAY);
        return time === null || fit.day * DAY + time < limit ? null : fit.day * DAY + time;
      });
    },
    count(from, to, cap) {
      let count = 0;
      firstOf(ruleDays, Math.floor(from / DAY), Math.floor(to / DAY), (fit) => {
        const table = timesOn(fit);
        count += table.count(fit.day, to - fit.day * DAY) - table.count(fit.day, from - fit.day * DAY);
        return count >= cap ? count : null;
      });
      return count;
    },
  };
}

interface DayOfYear {
  day: number;
  /** The times that BYSETPOS picks on it; null where it has the rule's times. */
  picked: readonly number[] | null;
}

type Search = (ruleDays: RuleDays, from: number, to: number, look: (fit: DayOfYear) => number | null) => number | null;

/** The first answer from the day numbers that fit in [from, to], ascending; null when none has one. */
export const firstOf: Search = (ruleDays, from, to, look) => {
  const last = Math.min(yearOf(to), LAST_YEAR);
  for (let year = Math.max(yearOf(from), FIRST_YEAR); year <= last; year++) {
    const { days, picked } = ruleDays.inYear(year);
    const newYear = firstDayOf(year);
    for (let n = lowerBound(days, from - newYear); n < days.length; n++) {
      const inYear = days[n] ?? NaN;
      const day = newYear + inYear;
      if (day > to) return null;
      const answer = ruleDays.takes(day) ? look({ day, picked: picked?.get(inYear) ?? null }) : null;
      if (answer !== null) return answer;
    }
  }
  return null;
};

/** The same from [to, from], descending. */
export const lastOf: Search = (ruleDays, from, to, look) => {
  const first = Math.max(yearOf(to), FIRST_YEAR);
  for (let year = Math.min(yearOf(from), LAST_YEAR); year >= first; year--) {
    const { days, picked } = ruleDays.inYear(year);
    const newYear = firstDayOf(year);
    for (let n = lowerBound(days, from - newYear + 1) - 1; n >= 0; n--) {
      const inYear = days[n] ?? NaN;
      const day = newYear + inYear;
      if (day < to) return null;
      const answer = ruleDays.takes(day) ? look({ day, picked: picked?.get(inYear) ?? null }) : null;
      if (answer !== null) return answer;
    }
  }
  return null;
};
