/** When a cron expression fires: croner matches wall times, wall-clock.ts turns them into instants. */
import { countCronFires } from './cron-count.js';
import { compileCron, type CompiledCron } from './cron-expression.js';
import { EARLIEST, LATEST, SECOND } from './limits.js';
import { firstInstantShowing, latestWallBy, offsetPeriodAt } from './wall-clock.js';
import type { CronRule, Recurrence } from './types.js';

type Walk = Omit<Recurrence, 'count'>;

export function cronRecurrence({ expression, timeZone }: CronRule): Recurrence {
  const cron = compileCron(expression);
  const walk = cron.isFixedTime ? fixedTime(cron, timeZone) : realTime(cron, timeZone);
  return { ...walk, count: (after, until, cap) => countCronFires(cron, timeZone, after, until, cap) };
}

/** The first match strictly after `wall`. */
function matchAfter({ matcher }: CompiledCron, wall: number): number | null {
  return matcher.nextRun(new Date(wall))?.getTime() ?? null;
}

/** The last match at or before `wall`; croner's own question is "strictly before", in whole seconds. */
function matchBy({ matcher }: CompiledCron, wall: number): number | null {
  const nextSecond = Math.floor(wall / SECOND) * SECOND + SECOND;
  return matcher.previousRuns(1, new Date(nextSecond))[0]?.getTime() ?? null;
}

/** Named times of the clock fire once each, at the first instant when the clock shows them or has jumped past them. */
function fixedTime(cron: CompiledCron, timeZone: string): Walk {
  const atWall = (wall: number | null) => (wall === null ? null : firstInstantShowing(timeZone, wall));
  return {
    next: (after) => atWall(matchAfter(cron, latestWallBy(timeZone, after))),
    previous: (until) => atWall(matchBy(cron, latestWallBy(timeZone, until))),
  };
}

/**
 * Every instant whose local time matches: nothing in a gap, both copies in an overlap. Within one offset period local
 * time is a plain shift.
 */
function realTime(cron: CompiledCron, timeZone: string): Walk {
  return {
    next(after) {
      for (let at = after + 1; at <= LATEST;) {
        const { end, offset } = offsetPeriodAt(timeZone, at);
        const wall = matchAfter(cron, at + offset - 1);
        if (wall !== null && wall - offset < end) return wall - offset;
        at = end;
      }
      return null;
    },
    previous(until) {
      for (let at = until; at >= EARLIEST;) {
        const { start, offset } = offsetPeriodAt(timeZone, at);
        const wall = matchBy(cron, at + offset);
        if (wall !== null && wall - offset >= start) return wall - offset;
        at = start - 1;
      }
      return null;
    },
  };
}
