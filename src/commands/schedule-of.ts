import { parseSchedule, type Schedule } from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';

type Scheduled = Pick<JobRecord, 'type' | 'executionTime' | 'frequency' | 'timezone'>;

/** The schedule of a job that is to end, or undefined when it is no longer understood: that must not keep it from ending. */
export function scheduleIfUnderstood(job: Scheduled): Schedule | undefined {
  try {
    return scheduleOf(job);
  } catch {
    return undefined;
  }
}

/**
 * The schedule of a job as it is stored, which was valid when it was accepted.
 * @throws Error when it is no longer understood: only newer rules or other time-zone data can bring that about
 */
export function scheduleOf(job: Scheduled): Schedule {
  const parsed = parseSchedule({
    jobType: job.type,
    ...(job.executionTime === null ? {} : { executionTime: new Date(job.executionTime).toISOString() }),
    ...(job.frequency === null ? {} : { frequency: job.frequency }),
    timezone: job.timezone,
  });
  if (!parsed.ok) {
    throw new Error(`a stored schedule is no longer understood: ${parsed.problems.map((p) => p.message).join(' ')}`);
  }
  return parsed.schedule;
}
