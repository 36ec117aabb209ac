import { firesBetween, nextFire, type Schedule } from '../schedule/index.js';
import type { CalendarRecord, JobRecord } from '../store/job-record.js';
import type { JobChange } from '../store/jobs.js';
import type { Skip } from '../store/skips.js';
import { scheduleOf } from './schedule-of.js';
import { settleAtAfter } from './settle-at.js';
import { excludedBetween, MAX_SKIP_ROWS } from './skips.js';
import { excludedFires, takeOver } from './take-over.js';
import { upcoming } from './upcoming.js';

/**
 * What another set of calendars, of the same names, makes of a job: nothing of its schedule changes but the days. So a fire
 * that is due and has not begun stays due, unless its day is excluded now.
 */
export function decideNewCalendars(job: JobRecord, calendars: CalendarRecord[], now: number): JobChange {
  const schedule = scheduleOf({ ...job, calendars });
  const stays = firesBetween(scheduleOf(job), job.settledUntil, now, MAX_SKIP_ROWS).find(
    (fire) => nextFire(schedule, fire - 1) === fire,
  );
  const { settledUntil, skips } =
    stays === undefined ? takeOver(job, schedule, now) : passExcluded(job, schedule, stays);
  return {
    set: {
      calendars,
      settledUntil,
      next: upcoming(job, schedule, settledUntil),
      settleAt: settleAtAfter(schedule, stays ?? now),
    },
    status: job.status,
    scheduleChanged: true,
    skips: [...skips, ...excludedFires(job, now)],
    event: { type: 'job.updated', data: { fields: ['exclude'] } },
  };
}

function passExcluded(job: JobRecord, after: Schedule, stays: number): { settledUntil: number; skips: Skip[] } {
  return {
    settledUntil: Math.max(job.settledUntil, stays - 1),
    skips: excludedBetween(after, job.settledUntil, stays - 1),
  };
}
