import type { JobRecord } from '../store/job-record.js';
import type { ChangedJob, JobChange } from '../store/jobs.js';
import { dueUntil } from '../schedule/index.js';
import { change } from './change.js';
import { moved, refuseIfChanged } from './decide.js';
import type { Caller, CommandPorts } from './ports.js';
import { scheduleIfUnderstood } from './schedule-of.js';
import { skipsBetween } from './skips.js';
import { runsLeft } from './upcoming.js';

/**
 * Ends a job: no run begins any more, and one under way is cancelled. Cancelling it again changes nothing. With
 * `expected`, only while it is of one of these generations.
 */
export async function cancelJob(
  ports: CommandPorts,
  caller: Caller,
  jobId: string,
  expected?: readonly number[],
): Promise<ChangedJob> {
  return change(ports, caller, jobId, (job, now) => {
    refuseIfChanged(job, expected);
    return decideCancel(job, now);
  });
}

const pausedThenCancelled = { outcome: 'skipped_paused', reason: 'The job was paused, then cancelled.' } as const;
const beforeItBegan = { outcome: 'cancelled', reason: 'The job was cancelled before this run began.' } as const;

export function decideCancel(job: JobRecord, now: number): JobChange | null {
  if (job.status === 'cancelled') return null;
  const why = job.status === 'paused' ? pausedThenCancelled : beforeItBegan;
  const status = moved(job, 'cancel');
  const schedule = scheduleIfUnderstood(job);
  const due = schedule ? dueUntil(schedule, now, job.id) : now;
  // After the last run that the job may have, no fire was expected.
  const isDone = runsLeft(job) <= 0;
  return {
    set: { next: null, pauseUntil: null, settledUntil: Math.max(job.settledUntil, due) },
    status,
    skips: schedule && !isDone ? skipsBetween(schedule, job.settledUntil, due, why) : [],
    event: { type: 'job.cancelled' },
  };
}
