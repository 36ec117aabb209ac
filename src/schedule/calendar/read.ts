/** Reads a calendar as a user writes it. The shapes are checked before; here is checked what they mean. */
import { weekdays as allWeekdays } from './days.js';
import { readRange, sideBySide } from './ranges.js';
import { recurringProblem } from './recurring.js';
import type { Calendar, CalendarDefinition, CalendarProblem, DayRange } from './types.js';

/** Entries of a definition: dates, weekdays and recurring days. */
const MOST_ENTRIES = 2_000;

export type ReadCalendar = { ok: true; value: Calendar } | { ok: false; problems: CalendarProblem[] };

/** Understands a calendar; every problem is reported, not only the first. */
export function readCalendar(definition: CalendarDefinition): ReadCalendar {
  const { dates = [], weekdays = [], recurring = [] } = definition;
  const entries = dates.length + weekdays.length + recurring.length;
  if (entries === 0) return { ok: false, problems: [EMPTY] };
  if (entries > MOST_ENTRIES) return { ok: false, problems: [tooMany(entries)] };

  const problems: CalendarProblem[] = [];
  const ranges: DayRange[] = [];
  for (const [index, written] of dates.entries()) {
    const read = readRange(written);
    if (read.ok) ranges.push(read.value);
    else problems.push(...read.problems.map(({ at, message }) => ({ path: ['dates', index, ...at], message })));
  }
  if (new Set(weekdays).size === allWeekdays.length) problems.push(ALL_WEEK);
  for (const [index, entry] of recurring.entries()) {
    const message = recurringProblem(entry);
    if (message !== null) problems.push({ path: ['recurring', index], message });
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: { ranges: sideBySide(ranges), weekdays: [...new Set(weekdays)], recurring } };
}

/** The calendar of days that an iCalendar file named. */
export function calendarOfDays(ranges: readonly DayRange[]): Calendar {
  return { ranges: sideBySide(ranges), weekdays: [], recurring: [] };
}

const EMPTY: CalendarProblem = {
  path: [],
  message: 'The calendar is empty: give it dates, weekdays or recurring days.',
};
const ALL_WEEK: CalendarProblem = {
  path: ['weekdays'],
  message: 'The calendar holds all seven weekdays, so a job that excludes it would never run: leave one out.',
};

function tooMany(entries: number): CalendarProblem {
  return {
    path: [],
    message: `The calendar has ${entries} entries, and at most ${MOST_ENTRIES} are taken: join days in a row to ranges.`,
  };
}
