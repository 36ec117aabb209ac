import { parseSchedule, type Schedule } from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';

/** The schedule of a job as it is stored, which was valid when it was accepted. */
export function scheduleOf(job: Pick<JobRecord, 'type' | 'executionTime' | 'frequency' | 'timezone'>): Schedule {
  const parsed = parseSchedule({
    jobType: job.type,
    ...(job.executionTime === null ? {} : { executionTime: new Date(job.executionTime).toISOString() }),
    ...(job.frequency === null ? {} : { frequency: job.frequency }),
    timezone: job.timezone,
  });
  if (!parsed.ok) {
    // Only newer rules or other time-zone data can bring this about; it must not pass for "no further fire".
    throw new Error(`a stored schedule is no longer understood: ${parsed.problems.map((p) => p.message).join(' ')}`);
  }
  return parsed.schedule;
}
