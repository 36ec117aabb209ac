/**
 * The one place where instants and local times meet. A local time ("wall time") is written as the epoch milliseconds
 * it would be in UTC, so that it is a plain number that can be compared and handed to a cron matcher that knows no
 * zones.
 */
import { LRUCache } from 'lru-cache';
import { Temporal } from 'temporal-polyfill';

/** A stretch of time, [start, end), during which a zone keeps one offset. */
export interface OffsetPeriod {
  start: number;
  end: number;
  offset: number;
}

const PERIODS_KEPT = 64;
const periodsByZone = new LRUCache<string, OffsetPeriod[]>({ max: 1_000 });

/** The offset period of `timeZone` around `instant`. Cached: the answers are constants of the time-zone data. */
export function offsetPeriodAt(timeZone: string, instant: number): OffsetPeriod {
  let known = periodsByZone.get(timeZone);
  if (known === undefined) periodsByZone.set(timeZone, (known = []));
  const hit = known.find((period) => period.start <= instant && instant < period.end);
  if (hit !== undefined) return hit;
  const period = readOffsetPeriod(timeZone, instant);
  if (known.length >= PERIODS_KEPT) known.shift();
  known.push(period);
  return period;
}

function readOffsetPeriod(timeZone: string, instant: number): OffsetPeriod {
  const here = Temporal.Instant.fromEpochMilliseconds(Math.floor(instant)).toZonedDateTimeISO(timeZone);
  // 'previous' is strict, so ask from one millisecond later: a transition at `instant` itself starts this period.
  const started = here.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
  const ends = here.getTimeZoneTransition('next');
  return {
    start: started?.epochMilliseconds ?? -Infinity,
    end: ends?.epochMilliseconds ?? Infinity,
    offset: here.offsetNanoseconds / 1e6,
  };
}

/**
 * The latest time the zone's clock has shown up to `instant`. While an hour is repeated this stays at the end of its
 * first copy.
 */
export function latestWallBy(timeZone: string, instant: number): number {
  const period = offsetPeriodAt(timeZone, instant);
  const wall = instant + period.offset;
  if (period.start === -Infinity) return wall;
  const shownBefore = period.start - 1 + offsetPeriodAt(timeZone, period.start - 1).offset;
  return Math.max(wall, shownBefore);
}

/**
 * The first instant at which the zone's clock shows `wall` or a later time: the first copy of a repeated time, and the
 * end of the gap for a time that is skipped. This is Vixie cron's rule for fixed-time jobs (cron(8): skipped jobs run
 * immediately after the change, repeated ones once).
 */
export function firstInstantShowing(timeZone: string, wall: number): number {
  const local = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO('UTC').toPlainDateTime();
  const instant = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' }).epochMilliseconds;
  const period = offsetPeriodAt(timeZone, instant);
  return instant + period.offset === wall ? instant : period.end;
}
