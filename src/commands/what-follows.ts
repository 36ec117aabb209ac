import type { FinalOutcome } from '../domain/run.js';
import type { StatusMove } from '../domain/status.js';
import { CATCH_UP_WINDOW_MS } from '../domain/job.js';
import { lastFire, nextFire, type Schedule } from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';
import type { Skip } from '../store/skips.js';
import { scheduleIfUnderstood, scheduleOf } from './schedule-of.js';
import { skipsBetween } from './skips.js';

/** What the end of a run means for its job. */
export interface Following {
  move: StatusMove;
  nextFire: number | null;
  skips: Skip[];
}

/** A run that has ended, as far as its job is concerned. */
export interface EndedRun {
  outcome: FinalOutcome;
  isManual: boolean;
  /** Whether other runs of the job have not ended: asked for by hand, and waiting. */
  othersAreOpen: boolean;
}

/** Decides what follows when a run of `job` has ended at `now`. */
export function whatFollows(job: JobRecord, run: EndedRun, now: number): Following {
  const { outcome, isManual: wasManual } = run;
  if (!wasManual && job.type === 'one-time') {
    const move = outcome === 'completed' ? 'succeed' : outcome === 'cancelled' ? 'cancel' : 'fail';
    return { move, nextFire: null, skips: [] };
  }
  // A run by hand leaves the schedule as it is, and no fire is lost to it; the fires of a pause are settled when it ends.
  if ((wasManual && job.nextRunAt !== null) || job.status !== 'running') {
    return { move: 'settle', nextFire: job.nextRunAt, skips: [] };
  }

  const schedule = scheduleIfUnderstood(job);
  if (!schedule) return { move: 'fail', nextFire: null, skips: [] };
  const { skips, next } = passOverlapped(schedule, job, now);
  return { move: next === null && !run.othersAreOpen ? 'exhaust' : 'settle', nextFire: next, skips };
}

/** With the overlap policy `skip`, fires that came due while a run was under way are skipped; those to catch up are not. */
function passOverlapped(schedule: Schedule, job: JobRecord, now: number): { skips: Skip[]; next: number | null } {
  const upcoming = nextFire(schedule, job.settledUntil);
  const isToCatchUp = upcoming !== null && job.catchUpUntil !== null && upcoming <= job.catchUpUntil;
  if (upcoming === null || upcoming > now || isToCatchUp) return { skips: [], next: upcoming };
  const skips = skipsBetween(schedule, job.settledUntil, now, {
    outcome: 'skipped_overlap',
    reason: 'The run before it had not ended.',
  });
  return { skips, next: nextFire(schedule, now) };
}

/** What is to be done about a fire that may be late: run it (or a later one in its stead), or give it up. */
export interface LateDecision {
  fireAt: number | null;
  nextFire: number | null;
  skips: Skip[];
}

/**
 * Decides about the fire at `fireAt` when its time has come. On time it runs. Of several fires that are due together
 * (after an outage) the last one runs, unless it is past its catch-up window; the others are `missed`.
 */
export function decideLate(job: JobRecord, fireAt: number, now: number): LateDecision {
  const schedule = scheduleOf(job);
  const nextAfter = nextFire(schedule, fireAt);
  // By a resume, or by whoever submitted it when it was past already.
  const isAskedFor =
    (job.catchUpUntil !== null && fireAt <= job.catchUpUntil) || (job.type === 'one-time' && fireAt <= job.createdAt);
  const isOnTime = now - fireAt <= CATCH_UP_WINDOW_MS && (nextAfter === null || nextAfter > now);
  if (isAskedFor || isOnTime) return { fireAt, nextFire: nextAfter, skips: [] };

  const last = lastFire(schedule, fireAt, now) ?? fireAt;
  const lateSkips = skipsBetween(schedule, fireAt - 1, last - 1, {
    outcome: 'missed',
    reason: 'Nothing could run it in time, and a later fire was due as well.',
  });
  if (now - last <= CATCH_UP_WINDOW_MS) return { fireAt: last, nextFire: nextFire(schedule, last), skips: lateSkips };
  return {
    fireAt: null,
    nextFire: nextFire(schedule, now),
    skips: skipsBetween(schedule, fireAt - 1, now, {
      outcome: 'missed',
      reason: 'Nothing could run it within its catch-up window of 1 hour.',
    }),
  };
}
