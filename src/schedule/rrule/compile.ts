/** Compiles a rule: from its parts to the walk over its instants. */
import { LRUCache } from 'lru-cache';
import { LATEST } from '../limits.js';
import type { Recurrence } from '../types.js';
import { offsetPeriodAt } from '../wall-clock.js';
import { ruleDaysOf } from './rule-days.js';
import { isAsFineAs, timesOfDay } from './implied.js';
import { pickTimes, unitOf } from './positions.js';
import { everyDay, everyNth, type TimeTable } from './time-table.js';
import type { RecurrenceRule, RuleValue } from './types.js';
import { clockWalk, elapsedWalk, type Walk } from './walk.js';
import { wallMatches, type WallMatches } from './wall-matches.js';

/** The fires from the start on, of an RRULE without its UNTIL, COUNT and dates. */
export interface CompiledRule extends Recurrence {
  /** The instant of the last fire that COUNT allows if it is at or before `by`; else infinite. */
  lastOfCount(by: number): number;
}

// By size, in numbers kept: a rule has up to 28 years of days, and one of every second has tables of 86,400 times.
const compiled = new LRUCache<string, CompiledRule>({ maxSize: 4_000_000 });
const DAYS_KEPT = 10_000;
const TABLES_KEPT = 4; // the times and their remainders, for two offsets of the zone

/** Compiles a rule. Cached: the answer is a constant of the rule and the time-zone data. */
export function compileRule({ rule, timeZone, start }: RecurrenceRule): CompiledRule {
  const key = JSON.stringify([rule, timeZone, start]);
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const walk = walkOf(rule, timeZone, start);
  const value: CompiledRule = {
    next: walk.next,
    previous: walk.previous,
    count: (after, until, cap) => countFires(walk, timeZone, after, until, cap),
    lastOfCount: rule.count === null ? () => Infinity : countdown(walk, timeZone, start.at, rule.count),
  };
  compiled.set(key, value, { size: DAYS_KEPT + TABLES_KEPT * timesOfDay(rule, start.wall).length });
  return value;
}

function walkOf(rule: RuleValue, timeZone: string, start: RecurrenceRule['start']): Walk {
  const days = ruleDaysOf(rule, start.wall);
  if (!isAsFineAs(rule.freq, 'HOURLY')) {
    return clockWalk(timeZone, start.at, wallMatches(days, timeTable(rule, start.wall)));
  }
  // One for each offset of the zone, of which there are few.
  const known = new Map<number, WallMatches>();
  return elapsedWalk(timeZone, start.at, days, (startWall) => {
    const matches = known.get(startWall) ?? wallMatches(days, timeTable(rule, startWall));
    known.set(startWall, matches);
    return matches;
  });
}

function timeTable(rule: RuleValue, startWall: number): TimeTable {
  const { freq, interval, by } = rule;
  const all = timesOfDay(rule, startWall);
  if (!isAsFineAs(freq, 'DAILY')) return everyDay(all);
  const times = by.BYSETPOS === undefined ? all : pickTimes(all, by.BYSETPOS, freq);
  return interval === 1 ? everyDay(times) : everyNth(times, unitOf(freq), interval, startWall);
}

/** Counts by stretches between changes of the clock, and only those that have fires. */
function countFires(walk: Walk, timeZone: string, after: number, until: number, cap: number): number {
  let count = 0;
  for (let at = after; count < cap;) {
    const fire = at >= until ? null : walk.next(at);
    if (fire === null || fire > until) break;
    const period = offsetPeriodAt(timeZone, fire);
    at = Math.min(until, period.end - 1, LATEST);
    count += walk.matchesIn(period).count(fire + period.offset - 1, at + period.offset, cap - count);
  }
  return count;
}

/**
 * Finds the instant of the nth fire, only as far as somebody asks: it remembers how far it has counted, and the zone's
 * changes of the next 8,000 years cost more than all else.
 */
function countdown(walk: Walk, timeZone: string, startAt: number, n: number): (by: number) => number {
  let left = n;
  let at = startAt - 1;
  let last: number | null = null;
  return (by) => {
    while (last === null && at < by) {
      let fire = walk.next(at);
      if (fire === null) return Infinity;
      if (fire > by) break;
      const end = Math.min(offsetPeriodAt(timeZone, fire).end - 1, LATEST, by);
      const inPeriod = countFires(walk, timeZone, fire - 1, end, left);
      if (inPeriod < left) {
        left -= inPeriod;
        at = end;
      } else {
        for (; left > 1 && fire !== null; left--) fire = walk.next(fire);
        last = fire;
      }
    }
    return last !== null && last <= by ? last : Infinity;
  };
}
