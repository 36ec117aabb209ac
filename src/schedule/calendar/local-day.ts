/** Where local days meet instants. A clock that is set back over midnight shows the end of a day twice. */
import { Temporal } from 'temporal-polyfill';
import { DAY } from '../limits.js';
import { firstInstantShowing, offsetPeriodAt } from '../wall-clock.js';

/** The number of the day that the zone's calendar shows at an instant. */
export function localDay(timeZone: string, instant: number): number {
  return Math.floor((instant + offsetPeriodAt(timeZone, instant).offset) / DAY);
}

/** The first instant of a local day; of the day after it where the zone skipped it. */
export function dayStart(timeZone: string, day: number): number {
  return plainInstant(timeZone, day * DAY) ?? firstInstantShowing(timeZone, day * DAY);
}

/** An instant from which on the zone's calendar shows later days only. */
export function dayEnd(timeZone: string, day: number): number {
  const midnight = (day + 1) * DAY;
  return plainInstant(timeZone, midnight) ?? resolve(timeZone, midnight, 'later');
}

/** Whether the zone had the day at all (Pacific/Apia had no 30 December 2011). */
export function dayExists(timeZone: string, day: number): boolean {
  return localDay(timeZone, dayStart(timeZone, day)) === day;
}

/**
 * The instant of a time of day, in milliseconds, on a day that exists. In a gap it moves forward by the gap's length
 * and, where that would leave the day, back by it; of a repeated time it is the first copy.
 */
export function instantOn(timeZone: string, day: number, timeOfDay: number): number {
  const wall = day * DAY + timeOfDay;
  const plain = plainInstant(timeZone, wall);
  if (plain !== null) return plain;
  const compatible = resolve(timeZone, wall, 'compatible');
  return localDay(timeZone, compatible) === day ? compatible : resolve(timeZone, wall, 'earlier');
}

/** The instant of a wall time (see wall-clock.ts) with no change of the clock within a day of it, else null. Quick. */
function plainInstant(timeZone: string, wall: number): number | null {
  const { start, end, offset } = offsetPeriodAt(timeZone, wall);
  const instant = wall - offset;
  return start + DAY < instant && instant + DAY < end ? instant : null;
}

function resolve(timeZone: string, wall: number, disambiguation: 'compatible' | 'earlier' | 'later'): number {
  const local = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO('UTC').toPlainDateTime();
  return local.toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds;
}
