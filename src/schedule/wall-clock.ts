/**
 * The one place where instants and local times meet. A local time ("wall time") is written as the epoch milliseconds
 * it would be in UTC, so that it is a plain number that can be compared and handed to a cron matcher that knows no
 * zones.
 */
import { LRUCache } from 'lru-cache';
import { Temporal } from 'temporal-polyfill';

/** A stretch of time, [start, end), during which a zone keeps one offset, so that wall time is a plain shift. */
export interface OffsetPeriod {
  start: number;
  end: number;
  offset: number;
  /**
   * The wall time of the millisecond before `start`; -Infinity where nothing is before. The clock then either jumps
   * over the wall times from there to `start + offset` (a gap), or shows those from `start + offset` to there again
   * (an overlap).
   */
  shownBefore: number;
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
  const here = zonedAt(timeZone, Math.floor(instant));
  // 'previous' is strict, so ask from one millisecond later: a transition at `instant` itself starts this period.
  const start = here.add({ milliseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds ?? -Infinity;
  return {
    start,
    end: here.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity,
    offset: here.offsetNanoseconds / 1e6,
    shownBefore: start === -Infinity ? start : start - 1 + zonedAt(timeZone, start - 1).offsetNanoseconds / 1e6,
  };
}

function zonedAt(timeZone: string, instant: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
}

/** The wall times that the clock jumps over at the start of a period, [from, to], or null. */
export function gapBefore({ start, offset, shownBefore }: OffsetPeriod): { from: number; to: number } | null {
  return start > -Infinity && shownBefore < start + offset - 1
    ? { from: shownBefore + 1, to: start + offset - 1 }
    : null;
}

/**
 * The latest time the zone's clock has shown up to `instant`. While an hour is repeated this stays at the end of its
 * first copy.
 */
export function latestWallBy(timeZone: string, instant: number): number {
  const { offset, shownBefore } = offsetPeriodAt(timeZone, instant);
  return Math.max(instant + offset, shownBefore);
}

/**
 * The first instant at which the zone's clock shows `wall` or a later time: the first copy of a repeated time, and the
 * end of the gap for a time that is skipped.
 */
export function firstInstantShowing(timeZone: string, wall: number): number {
  const local = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO('UTC').toPlainDateTime();
  const instant = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' }).epochMilliseconds;
  const period = offsetPeriodAt(timeZone, instant);
  return instant + period.offset === wall ? instant : period.end;
}
