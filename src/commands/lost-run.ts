/** What it means for a job that one of its runs, which waited, is not to begin any more. */
import { isChained } from '../domain/after.js';
import type { OpenRun, RunTrigger } from '../domain/run.js';
import { statusAfter, type JobStatus } from '../domain/status.js';
import type { Queries } from '../store/database.js';
import type { JobRecord } from '../store/job-record.js';
import { readOrigin } from '../store/retries.js';
import { isItsOnlyRun } from './what-follows.js';

/** The trigger of the first run that a run does again, as far as that matters for its job: only to a one-time one. */
export async function originOf(
  tx: Queries,
  job: Pick<JobRecord, 'id' | 'type'>,
  run: { id: string; trigger: RunTrigger },
): Promise<RunTrigger> {
  return job.type === 'one-time' && run.trigger === 'retry' ? readOrigin(tx, job.id, run.id) : run.trigger;
}

/**
 * The status of a job that has lost a run which waited: a one-time job ends with its only run, another with its last one.
 *
 * @param others the runs of the job that have not ended, but for this one
 * @param move how a one-time job ends by it
 */
export function statusWithout(
  job: JobRecord,
  run: { trigger: RunTrigger; origin: RunTrigger },
  others: readonly OpenRun[],
  move: 'cancel' | 'miss',
): JobStatus {
  const othersAreOpen = others.length > 0;
  const isOver =
    job.type === 'one-time'
      ? job.next === null && isItsOnlyRun(job, { ...run, othersAreOpen })
      : job.next === null && !othersAreOpen && !isChained(job);
  if (!isOver) return job.status;
  return statusAfter(job.status, job.type === 'one-time' ? move : 'exhaust') ?? job.status;
}
