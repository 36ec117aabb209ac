import type { JobRecord } from '../store/job-record.js';
import type { ChangedJob, JobChange } from '../store/jobs.js';
import { change } from './change.js';
import { moved } from './decide.js';
import type { Caller, CommandPorts } from './ports.js';
import { scheduleIfUnderstood } from './schedule-of.js';
import { skipsBetween } from './skips.js';

/** Ends a job: no run begins any more, and one under way is cancelled. Cancelling it again changes nothing. */
export async function cancelJob(ports: CommandPorts, caller: Caller, jobId: string): Promise<ChangedJob> {
  return change(ports, caller, jobId, decideCancel);
}

const whilePaused = { outcome: 'skipped_paused', reason: 'The job was paused, then cancelled.' } as const;
const beforeItBegan = { outcome: 'cancelled', reason: 'The job was cancelled before this run began.' } as const;

export function decideCancel(job: JobRecord, now: number): JobChange | null {
  if (job.status === 'cancelled') return null;
  const wasPaused = job.status === 'paused';
  const status = moved(job, 'cancel');
  const schedule = scheduleIfUnderstood(job);
  return {
    set: { nextRunAt: null, pauseUntil: null, settledUntil: Math.max(job.settledUntil, now) },
    status,
    skips: schedule ? skipsBetween(schedule, job.settledUntil, now, wasPaused ? whilePaused : beforeItBegan) : [],
    event: { type: 'job.cancelled' },
  };
}
