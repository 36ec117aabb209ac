/** The days of an iCalendar file (RFC 5545), as Google, Outlook and sites of public holidays export them. */
import type { Understood } from '../types.js';
import { FIRST_DAY, dateOf, dayNumber } from './days.js';
import { occurrenceFilter, readAllDayEvent, type AllDayEvent } from './ics-event.js';
import { parseIcs } from './ics-parse.js';
import { yearlyDays } from './ics-rule.js';
import type { DayRange } from './types.js';

/** Events that recur without end are written out through this year. */
export const LAST_EXPANDED_YEAR = 2100;
/** The days of one file, and of all files of one calendar. */
export const MOST_ICS_DAYS = 5_000;
/** Years of all recurring events together; with the days it bounds the work. */
const MOST_RULE_YEARS = 20_000;
const END_OF_EXPANSION = dayNumber({ year: LAST_EXPANDED_YEAR, month: 12, day: 31 });
const MOST_CHARACTERS = 256 * 1_024;

export interface IcsDays {
  /** One for each occurrence of an all-day event, as the file orders them. */
  ranges: DayRange[];
  /** The number of days in `ranges`. */
  days: number;
  /** Events left out: timed, cancelled, without a date, before 1970. */
  ignored: number;
  /** An event recurs beyond `LAST_EXPANDED_YEAR`; the days after it are not there. */
  endless: boolean;
}

/**
 * Reads the all-day events. Timed events and cancelled ones are left out and counted. TRANSP does not matter: Google
 * and Outlook mark holidays as free time. Never throws, and refuses what would be much work.
 */
export function readIcs(text: string): Understood<IcsDays> {
  const refuse = (message: string): Understood<IcsDays> => ({ ok: false, message });
  if (text.length > MOST_CHARACTERS) return refuse(TOO_LARGE);
  const parsed = parseIcs(text);
  if (!parsed.ok) return parsed;
  const takesPlace = occurrenceFilter(parsed.value);
  const result: IcsDays = { ranges: [], days: 0, ignored: 0, endless: false };
  let years = 0;
  for (const written of parsed.value) {
    const read = readAllDayEvent(written);
    if (!read.ok) return read;
    const daysBefore = result.days;
    const event = read.value;
    if (event !== null) {
      for (const starts of startsByYear(event)) {
        for (const start of starts) if (takesPlace(event, start)) addTo(result, event, start);
        if (result.days > MOST_ICS_DAYS) return refuse(TOO_MANY_DAYS);
        if (++years > MOST_RULE_YEARS) return refuse(TOO_MANY_YEARS);
      }
      result.endless ||= event.rules.some(({ count, until }) => count === Infinity && until > END_OF_EXPANSION);
    }
    if (result.days === daysBefore) result.ignored++;
  }
  return result.days === 0 ? refuse(NO_DAYS) : { ok: true, value: result };
}

/** The first days of the occurrences, a year of a rule at a time. */
function* startsByYear({ start, rules, more }: AllDayEvent): Generator<readonly number[]> {
  yield rules.length === 0 ? [start, ...more] : more;
  for (const rule of rules) yield* yearlyDays(rule, start, LAST_EXPANDED_YEAR);
}

function addTo(result: IcsDays, { length, name }: AllDayEvent, start: number): void {
  const from = Math.max(start, FIRST_DAY);
  const to = start + length - 1;
  if (to < from) return;
  result.ranges.push({ from: dateOf(from), to: dateOf(to), ...(name === undefined ? {} : { name }) });
  result.days += to - from + 1;
}

const TOO_LARGE = 'The iCalendar file is larger than 256 KiB: export fewer years, or the holidays alone.';
const TOO_MANY_DAYS = `The iCalendar file has over ${MOST_ICS_DAYS} days, recurrences through ${LAST_EXPANDED_YEAR} counted: leave some events out.`;
const TOO_MANY_YEARS = `The iCalendar file has too many recurring events to write out through ${LAST_EXPANDED_YEAR}: leave some out.`;
const NO_DAYS =
  'The iCalendar file has no all-day event, and only whole days make a calendar: check what was exported.';
