/** What RFC 5545 3.3.10 says about a rule and its DTSTART together. */
import { instantOf } from './read-time.js';
import type { RuleValue, WrittenTime } from './types.js';

/** What is wrong with a rule that has this DTSTART, or none (null); null when all is well. */
export function startProblem({ until, by, freq }: RuleValue, dtstart: WrittenTime | null): string | null {
  if (dtstart?.form === 'date') {
    const time = (['BYHOUR', 'BYMINUTE', 'BYSECOND'] as const).find((part) => by[part] !== undefined);
    if (time !== undefined)
      return `${time} cannot stand with a DTSTART that is a date: give DTSTART a time, as in DTSTART:20260131T093000.`;
    if (['HOURLY', 'MINUTELY', 'SECONDLY'].includes(freq)) {
      return `FREQ=${freq} cannot stand with a DTSTART that is a date: give DTSTART a time, as in DTSTART:20260131T093000.`;
    }
  }
  if (until === null) return null;
  if (dtstart === null) {
    return until.form === 'date'
      ? 'UNTIL is a date, which only a DTSTART that is a date allows: give UNTIL a time, as in UNTIL=20261231T235959.'
      : null;
  }
  if (dtstart.form === 'date' && until.form !== 'date')
    return 'UNTIL must be a date, as DTSTART is: write it as in UNTIL=20261231.';
  if (dtstart.form === 'date-time' && until.form === 'date') {
    return 'UNTIL is a date and DTSTART is not: give UNTIL a time, as in UNTIL=20261231T235959Z.';
  }
  if (dtstart.timeZone !== null && until.timeZone === null) {
    return 'UNTIL must be in UTC, for DTSTART has a time zone: write it with a "Z", as in UNTIL=20261231T235959Z.';
  }
  if (dtstart.form === 'date-time' && dtstart.timeZone === null && until.timeZone !== null) {
    return 'UNTIL must be a local time, as DTSTART is: write it without the "Z".';
  }
  return instantOf(until, 'UTC') < instantOf(dtstart, 'UTC')
    ? 'UNTIL is before DTSTART, so the recurrence rule never fires: choose a later UNTIL.'
    : null;
}
