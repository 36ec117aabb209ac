import { Temporal } from 'temporal-polyfill';
import { EARLIEST, LATEST, MINUTE } from './limits.js';
import type { Understood } from './types.js';

/** RFC 3339 section 5.6, with the seconds optional, and the offset too where a time zone is given. */
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)t(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:(z)|([+-])(\d\d):(\d\d))?$/i;

const EXAMPLE = 'write an instant with its offset such as "2026-03-03T06:00:00Z"';

/**
 * Reads an execution time: an instant with its offset, or, where a time zone is given, a local time of that zone (in a
 * gap it moves forward by the gap's length, of a repeated time it means the first copy). Digits beyond the millisecond
 * are cut off. "now" is the caller's to replace: it needs a clock.
 *
 * @param what how a refusal calls it
 */
export function readExecutionTime(text: string, timeZone: string | null, what = 'execution time'): Understood<number> {
  const refuse = (why: string): Understood<number> => ({ ok: false, message: `The ${what} ${why}: ${EXAMPLE}.` });
  if (text === '') return refuse('is empty');
  const parts = DATE_TIME.exec(text);
  if (parts === null) return refuse('is not an RFC 3339 date-time');
  const local = readLocal(parts);
  if (local === null) return refuse(`"${text}" names a day or a time that does not exist`);
  const offset = readOffset(parts);
  if (offset === null) return refuse(`"${text}" has an offset beyond 23:59`);
  if (offset === undefined && timeZone === null) {
    return refuse(`"${text}" has no offset, and no timezone is given to read it in`);
  }
  const at =
    offset === undefined
      ? local.toZonedDateTime(timeZone ?? 'UTC').epochMilliseconds
      : local.toZonedDateTime('UTC').epochMilliseconds - offset;
  if (at < EARLIEST || at > LATEST) return refuse(`"${text}" is outside the years 1970 to 9999`);
  return { ok: true, value: at };
}

/**
 * The date and time as written, or null if the calendar has no such moment: 30 February, 24:00 and leap seconds are
 * refused, never rolled over.
 */
function readLocal(parts: RegExpExecArray): Temporal.PlainDateTime | null {
  const [, year, month, day, hour, minute, second = 0, fraction = ''] = parts;
  try {
    return Temporal.PlainDateTime.from(
      {
        year: Number(year),
        month: Number(month),
        day: Number(day),
        hour: Number(hour),
        minute: Number(minute),
        second: Number(second),
        millisecond: Number(fraction.slice(0, 3).padEnd(3, '0')),
      },
      { overflow: 'reject' },
    );
  } catch {
    return null;
  }
}

/** The offset in milliseconds, undefined where none is written, null where it is no offset. */
function readOffset(parts: RegExpExecArray): number | null | undefined {
  const [zulu, sign, hours, minutes] = parts.slice(8);
  if (zulu !== undefined) return 0;
  if (sign === undefined) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE;
}
