import type { Fire } from '../domain/job.js';
import { effectiveTime, nextFire, type Schedule } from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';

/** What of a job decides which fires it has left, beside its schedule. */
type Limited = Pick<JobRecord, 'id' | 'maxRuns' | 'scheduleRunCount'>;

/**
 * The first fire of a job after an instant (epoch milliseconds) and when its run begins; null when the schedule names
 * none, or the job has had its `maxRuns`.
 *
 * @param begun how many runs have begun that its count does not know of yet
 */
export function upcoming(job: Limited, schedule: Schedule, after: number, begun = 0): Fire | null {
  if (runsLeft(job, begun) <= 0) return null;
  const fireAt = nextFire(schedule, after);
  return fireAt === null ? null : fireOf(job, schedule, fireAt);
}

/** A fire of a job, with when its run begins. */
export function fireOf(job: Pick<JobRecord, 'id'>, schedule: Schedule, fireAt: number): Fire {
  return { fireAt, runAt: effectiveTime(schedule, fireAt, job.id) };
}

/** How many more runs the job's `maxRuns` allows. Fires that were skipped or missed were no runs. */
export function runsLeft(job: Limited, begun = 0): number {
  return job.maxRuns === null ? Infinity : job.maxRuns - job.scheduleRunCount - begun;
}
