/** Instants as the clocks of a zone show them. */
import { Temporal } from 'temporal-polyfill';

/** RFC 3339 with the offset that the zone has then; milliseconds only where there are any. */
export function localText(instant: number, timeZone: string): string {
  const smallestUnit = instant % 1_000 === 0 ? 'second' : 'millisecond';
  return zoned(instant, timeZone).toString({ timeZoneName: 'never', smallestUnit });
}

/** The day. */
export function localDate(instant: number, timeZone: string): Temporal.PlainDate {
  return zoned(instant, timeZone).toPlainDate();
}

function zoned(instant: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
}
