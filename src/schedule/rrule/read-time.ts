/** Reads the dates and date-times of RFC 5545 (3.3.4, 3.3.5), and finds the instants they mean. */
import { Temporal } from 'temporal-polyfill';
import type { WrittenTime } from './types.js';

const FORM = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/;
const FIRST_YEAR = 1970;

/** How dates are written, for messages. */
export const TIME_FORMS = 'such as 20260131 (a date), 20260131T093000 (local) or 20260131T093000Z (UTC)';

/** A date or date-time without its zone ("Z" is one), or null when it is neither or the calendar has no such day. */
export function readTime(text: string): WrittenTime | null {
  const match = FORM.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((digits) => Number(digits ?? 0));
  // A second of 60 would be taken for 59 by the calendar.
  if (second > 59 || year < FIRST_YEAR) return null;
  try {
    const local = Temporal.PlainDateTime.from({ year, month, day, hour, minute, second }, { overflow: 'reject' });
    return {
      form: match[4] === undefined ? 'date' : 'date-time',
      wall: local.toZonedDateTime('UTC').epochMilliseconds,
      timeZone: match[7] === undefined ? null : 'UTC',
    };
  } catch {
    return null;
  }
}

/**
 * The instant of a local time: of two copies the first; one that is skipped moves forward by the gap's length, as a
 * date that is written out does (RFC 5545 3.3.5).
 */
export function instantOf({ wall, timeZone }: WrittenTime, localZone: string): number {
  const local = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO('UTC').toPlainDateTime();
  return local.toZonedDateTime(timeZone ?? localZone).epochMilliseconds;
}
