import type { Problem } from '../domain/errors.js';
import { CATCH_UP_WINDOW_MS, type JobType } from '../domain/job.js';
import { nextFire, type Schedule } from '../schedule/index.js';

/**
 * Where a schedule that starts to count at `now` begins: its first fire, and the instant up to which nothing was
 * expected. A one-time fire counts even when it is past, within the catch-up window; a recurring one from now on, with
 * a fire at this very instant when it was asked for "now".
 */
export function firstFire(
  jobType: JobType,
  schedule: Schedule,
  now: number,
  startsNow: boolean,
): { settledUntil: number; nextRunAt: number } | Problem {
  const settledUntil = jobType === 'one-time' ? 0 : startsNow ? now - 1 : now;
  const nextRunAt = nextFire(schedule, settledUntil);
  if (jobType === 'one-time' && (nextRunAt === null || nextRunAt < now - CATCH_UP_WINDOW_MS)) {
    return {
      pointer: '/executionTime',
      message: 'is more than an hour past: give an instant to come, or "now"',
    };
  }
  if (nextRunAt === null) return { pointer: '/frequency', message: 'names no instant from now on: it would never run' };
  return { settledUntil, nextRunAt };
}
