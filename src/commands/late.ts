import { MAX_CAUGHT_UP, ON_TIME_WITHIN_MS, type Fire } from '../domain/job.js';
import { describeLength, dueUntil, effectiveTime, lastFire, type Schedule } from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';
import type { Skip } from '../store/skips.js';
import { scheduleOf } from './schedule-of.js';
import { skipsBetween } from './skips.js';
import { fireOf, upcoming } from './upcoming.js';

/** What is to be done about a fire that may be late: run it (or a later one in its stead), or give it up. */
export interface LateDecision {
  fire: Fire | null;
  next: Fire | null;
  skips: Skip[];
  /** Fires up to here are to run as well, one after another. */
  catchUpUntil?: number;
}

/** How many missed fires within the window have a row each; of those before it there is one row for all. */
const MAX_MISSED_ROWS = 1_000;

/**
 * Decides about the fire at `fireAt` when its time has come. On time it runs. Of several that are due together (after an
 * outage) run those that the job's catch-up policy says, if they are within its window; the others are `missed`.
 */
export function decideLate(job: JobRecord, fireAt: number, now: number): LateDecision {
  const schedule = scheduleOf(job);
  const due = Math.max(fireAt, dueUntil(schedule, now, job.id));
  const isOnTime = now - effectiveTime(schedule, fireAt, job.id) <= ON_TIME_WITHIN_MS;
  const last = lastFire(schedule, fireAt, due) ?? fireAt;
  const first = isAskedFor(job, fireAt)
    ? fireAt
    : isOnTime && (last === fireAt || runsEveryFire(job))
      ? fireAt
      : firstToCatchUp(job, schedule, { fireAt, last, now });
  if (first === null) {
    const skips = missed(job, schedule, fireAt - 1, due, now);
    return { fire: null, next: upcoming(job, schedule, due), skips };
  }
  const skips = first === fireAt ? [] : missed(job, schedule, fireAt - 1, first - 1, now);
  const decision = { fire: fireOf(job, schedule, first), next: upcoming(job, schedule, first, 1), skips };
  // What was due by now; what comes due while those run is on time, or overlaps.
  const isBeginning = job.catchUp.policy === 'all' && last > first && !isAskedFor(job, fireAt);
  return isBeginning ? { ...decision, catchUpUntil: last } : decision;
}

/** By a resume, or by whoever submitted it when it was past already. */
function isAskedFor(job: JobRecord, fireAt: number): boolean {
  const byResume = job.catchUpUntil !== null && fireAt <= job.catchUpUntil;
  return byResume || (job.type === 'one-time' && fireAt <= job.createdAt);
}

/** Whether the job wants each of its fires, though the next one is due before the first has begun. */
function runsEveryFire({ overlap, catchUp }: JobRecord): boolean {
  return overlap === 'allow_all' || overlap === 'buffer_all' || catchUp.policy === 'all';
}

/** The first of the fires from `fireAt` to `last` that is run after all; null: none of them. */
function firstToCatchUp(
  job: JobRecord,
  schedule: Schedule,
  { fireAt, last, now }: { fireAt: number; last: number; now: number },
): number | null {
  const { policy, windowMs } = job.catchUp;
  const within = policy === 'none' ? Math.min(ON_TIME_WITHIN_MS, windowMs) : windowMs;
  const isWithin = (fire: number, reach = within) => now - effectiveTime(schedule, fire, job.id) <= reach;
  if (!isWithin(last)) return null;
  if (!runsEveryFire(job)) return last;
  // Where each fire is wanted, those that are on time run whatever becomes of the older ones.
  const reach = policy === 'all' ? windowMs : Math.min(ON_TIME_WITHIN_MS, windowMs);
  let first = last;
  for (let count = 1; count < MAX_CAUGHT_UP; count += 1) {
    const before = lastFire(schedule, fireAt - 1, first - 1);
    if (before === null || !isWithin(before, reach)) break;
    first = before;
  }
  return first;
}

/** The rows of the missed fires in (after, until]: one for all that are past the window, one for each of the others. */
function missed(job: JobRecord, schedule: Schedule, after: number, until: number, now: number): Skip[] {
  const { policy, windowMs } = job.catchUp;
  const windowBegins = Math.max(after, Math.min(until, now - windowMs));
  const why = (reason: string) => ({ outcome: 'missed', reason }) as const;
  return [
    ...skipsBetween(
      schedule,
      after,
      windowBegins,
      why(`Nothing could run it within its catch-up window of ${describeLength(windowMs)}.`),
      { maxRows: 1 },
    ),
    ...skipsBetween(
      schedule,
      windowBegins,
      until,
      why(
        policy === 'none'
          ? 'Nothing could run it in time, and the job does not catch up.'
          : 'Nothing could run it in time, and a later fire was due as well.',
      ),
      { maxRows: MAX_MISSED_ROWS },
    ),
  ];
}
