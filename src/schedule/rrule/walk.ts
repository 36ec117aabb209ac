/** From local times to instants: the fires of a rule from its start on, whatever ends it. */
import { DAY, LATEST } from '../limits.js';
import { firstInstantShowing, latestWallBy, offsetPeriodAt, type OffsetPeriod } from '../wall-clock.js';
import type { RuleDays } from './rule-days.js';
import { firstOf, lastOf, type WallMatches } from './wall-matches.js';

/**
 * So many times in a row may be skipped by the clock, and so many stretches between changes of the clock looked at,
 * before a search is given up: some 50 years of a zone with daylight saving time, at half a millisecond each.
 */
const LONGEST_SEARCH = 100;

/** One after the other; `matchesIn` are the local times that fit within an offset period. */
export interface Walk {
  next(after: number): number | null;
  previous(until: number): number | null;
  matchesIn(period: OffsetPeriod): WallMatches;
}

/** Midnight, local, after the last instant: no offset is as large as a day. */
const LATEST_WALL = LATEST + DAY;

/**
 * DAILY and coarser rules name local times. One that is skipped does not exist, so it is neither fired nor counted (RFC
 * 5545 3.3.10); one that is repeated is its first copy. A start on the second copy has not seen the first.
 */
export function clockWalk(timeZone: string, startAt: number, matches: WallMatches): Walk {
  const startPeriod = offsetPeriodAt(timeZone, startAt);
  const startWall = startAt + startPeriod.offset;
  /** The latest local time that the clock has shown by an instant, since the start. */
  const shownBy = (instant: number): number => {
    const { start, offset } = offsetPeriodAt(timeZone, instant);
    return start <= startAt ? instant + offset : latestWallBy(timeZone, instant);
  };
  const shows = (period: OffsetPeriod, wall: number): boolean =>
    wall >= period.start + period.offset && wall < period.end + period.offset;
  /** The first instant from the start on that shows `wall` or, where it is skipped, the end of the gap. */
  const showing = (wall: number): number =>
    wall >= startWall && shows(startPeriod, wall) ? wall - startPeriod.offset : firstInstantShowing(timeZone, wall);
  const wallAt = (instant: number): number => instant + offsetPeriodAt(timeZone, instant).offset;

  return {
    matchesIn: () => matches,
    next(after) {
      const from = Math.max(after, startAt - 1);
      const here = offsetPeriodAt(timeZone, from + 1);
      let low = from < startAt ? startWall - 1 : shownBy(from);
      for (let tries = 0; tries < LONGEST_SEARCH; tries++) {
        const wall = matches.after(low, LATEST_WALL);
        if (wall === null) return null;
        if (shows(here, wall)) return wall - here.offset;
        const at = showing(wall);
        if (wallAt(at) === wall) return at;
        low = wallAt(at) - 1; // the end of the gap
      }
      return null;
    },
    previous(until) {
      let high = until < startAt ? -Infinity : shownBy(until);
      for (let tries = 0; tries < LONGEST_SEARCH && high >= startWall; tries++) {
        const wall = matches.by(high, startWall);
        if (wall === null) return null;
        const at = showing(wall);
        if (wallAt(at) === wall) return at;
        high = wallAt(at - 1); // the last moment before the gap
      }
      return null;
    },
  };
}

/**
 * HOURLY, MINUTELY and SECONDLY rules follow real time: their steps are elapsed hours, minutes and seconds from the
 * start, and the other parts look at what the clock shows then. So a repeated hour has its runs twice.
 */
export function elapsedWalk(
  timeZone: string,
  startAt: number,
  ruleDays: RuleDays,
  matchesFrom: (startWall: number) => WallMatches,
): Walk {
  // Within one offset period local time is a plain shift, and so is the start seen from it.
  const matchesIn = ({ offset }: OffsetPeriod) => matchesFrom(startAt + offset);

  return {
    matchesIn,
    next(after) {
      let at = Math.max(after, startAt - 1) + 1;
      for (let tries = 0; tries < LONGEST_SEARCH && at <= LATEST; tries++) {
        const period = offsetPeriodAt(timeZone, at);
        const { end, offset } = period;
        const wall = matchesIn(period).after(at + offset - 1, Math.min(end + offset - 1, LATEST_WALL));
        if (wall !== null) return wall - offset;
        if (end === Infinity) return null;
        const later = firstOf(ruleDays, Math.floor((end - DAY) / DAY), LATEST_WALL / DAY, ({ day }) => day);
        if (later === null) return null;
        at = Math.max(end, (later - 1) * DAY);
      }
      return null;
    },
    previous(until) {
      let at = until;
      for (let tries = 0; tries < LONGEST_SEARCH && at >= startAt; tries++) {
        const period = offsetPeriodAt(timeZone, at);
        const { start, offset } = period;
        const wall = matchesIn(period).by(at + offset, Math.max(start, startAt) + offset);
        if (wall !== null) return wall - offset;
        if (start <= startAt) return null;
        const earlier = lastOf(
          ruleDays,
          Math.floor((start + DAY) / DAY),
          Math.floor(startAt / DAY) - 1,
          ({ day }) => day,
        );
        if (earlier === null) return null;
        at = Math.min(start - 1, (earlier + 2) * DAY);
      }
      return null;
    },
  };
}
