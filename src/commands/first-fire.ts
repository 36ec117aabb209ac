import type { Problem } from '../domain/errors.js';
import type { Fire } from '../domain/job.js';
import { describeLength, type Schedule } from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';
import { settleAtAfter } from './settle-at.js';
import { upcoming } from './upcoming.js';

/** Where a schedule begins to count. */
export interface Beginning {
  /** The instant up to which nothing was expected. */
  settledUntil: number;
  next: Fire;
  /** The first excluded fire, which is the first that the ledger has to tell of though nothing runs. */
  settleAt: number | null;
}

/**
 * Where a schedule that starts to count at `now` begins. A one-time fire counts even when it is past, within the
 * catch-up window; a recurring one from now on, with a fire at this very instant when it was asked for "now".
 */
export function firstFire(
  job: Pick<JobRecord, 'id' | 'type' | 'catchUp' | 'maxRuns' | 'scheduleRunCount'>,
  schedule: Schedule,
  now: number,
  startsNow: boolean,
): Beginning | Problem {
  const settledUntil = job.type === 'one-time' ? 0 : startsNow ? now - 1 : now;
  const next = upcoming(job, schedule, settledUntil);
  const { windowMs } = job.catchUp;
  if (job.type === 'one-time' && (next === null || next.fireAt < now - windowMs)) {
    return {
      pointer: '/executionTime',
      message: `is more than ${describeLength(windowMs)} past: give an instant to come, or "now"`,
    };
  }
  if (next === null) {
    return job.maxRuns !== null && job.scheduleRunCount >= job.maxRuns
      ? {
          pointer: '/maxRuns',
          message: `is not above the ${job.scheduleRunCount} runs that the job has had: it would never run`,
        }
      : schedule.kind === 'recurring' && schedule.endAt !== null && schedule.endAt <= now
        ? { pointer: '/endAt', message: 'is past: it would never run' }
        : { pointer: '/frequency', message: 'names no instant from now on: it would never run' };
  }
  return { settledUntil, next, settleAt: settleAtAfter(schedule, settledUntil) };
}
