/** Reads a calendar as a user writes it. The shapes are checked before; here is checked what they mean. */
import { plural } from '../words.js';
import { weekdays as allWeekdays } from './days.js';
import { LAST_EXPANDED_YEAR, MOST_ICS_DAYS, readIcs } from './ics.js';
import { readRange, sideBySide } from './ranges.js';
import { recurringProblem } from './recurring.js';
import type { Calendar, CalendarDefinition, CalendarProblem, DayRange } from './types.js';

/** Entries of a definition: dates, weekdays, recurring days and files. */
const MOST_ENTRIES = 2_000;

/** `notes` are sentences for the user about what an iCalendar file holds that the calendar does not. */
export type ReadCalendar = { ok: true; value: Calendar; notes: string[] } | { ok: false; problems: CalendarProblem[] };

/** Understands a calendar; every problem is reported, not only the first. */
export function readCalendar(definition: CalendarDefinition): ReadCalendar {
  const { dates = [], weekdays = [], recurring = [], ics = [] } = definition;
  const entries = dates.length + weekdays.length + recurring.length + ics.length;
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
  const files = readFiles(ics);
  problems.push(...files.problems);
  if (problems.length > 0) return { ok: false, problems };
  const value = { ranges: sideBySide([...ranges, ...files.ranges]), weekdays: [...new Set(weekdays)], recurring };
  return { ok: true, value, notes: files.notes };
}

function readFiles(texts: readonly string[]): { ranges: DayRange[]; notes: string[]; problems: CalendarProblem[] } {
  const ranges: DayRange[] = [];
  const notes: string[] = [];
  const problems: CalendarProblem[] = [];
  let days = 0;
  for (const [index, text] of texts.entries()) {
    const path = ['ics', index];
    const file = texts.length === 1 ? 'The iCalendar file' : `The iCalendar file ${index + 1}`;
    const read = readIcs(text);
    if (!read.ok) {
      problems.push({ path, message: read.message });
      continue;
    }
    days += read.value.days;
    if (days > MOST_ICS_DAYS) {
      problems.push({ path, message: `The iCalendar files have over ${MOST_ICS_DAYS} days in all: leave some out.` });
      break; // the others cost as much to read
    }
    const { ignored, endless } = read.value;
    ranges.push(...read.value.ranges);
    if (ignored > 0) {
      notes.push(
        `${file} has ${plural(ignored, 'event')} that ${ignored === 1 ? 'is' : 'are'} left out: timed, cancelled, without a date or before 1970.`,
      );
    }
    if (endless) notes.push(`${file} has events that recur without end: they count through ${LAST_EXPANDED_YEAR}.`);
  }
  return { ranges, notes, problems };
}

const EMPTY: CalendarProblem = {
  path: [],
  message: 'The calendar is empty: give it dates, weekdays, recurring days or an iCalendar file.',
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
