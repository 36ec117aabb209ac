import type { PauseJob } from '../contract/messages.js';
import type { ChangedJob, JobChange } from '../store/jobs.js';
import type { JobRecord } from '../store/job-record.js';
import { change } from './change.js';
import { moved, refuseIfBegun } from './decide.js';
import type { Caller, CommandPorts } from './ports.js';
import { validationFailed } from './validate.js';

/** From the commit on no run begins on schedule; one under way finishes. */
export async function pauseJob(
  ports: CommandPorts,
  caller: Caller,
  jobId: string,
  input: PauseJob,
): Promise<ChangedJob> {
  return change(ports, caller, jobId, (job, now) => decidePause(job, input, now));
}

export function decidePause(job: JobRecord, input: PauseJob, now: number): JobChange {
  const status = moved(job, 'pause');
  refuseIfBegun(job);
  if (input.until !== undefined && input.until <= now) {
    throw validationFailed([{ pointer: '/until', message: 'must be an instant to come' }]);
  }
  return {
    set: { pauseReason: input.reason ?? null, pauseUntil: input.until ?? null },
    status,
    event: {
      type: 'job.paused',
      data: input.until === undefined ? {} : { until: new Date(input.until).toISOString() },
    },
  };
}
