import { isChained } from '../domain/after.js';
import { AppError } from '../domain/errors.js';
import { statusAfter, type JobStatus, type StatusMove } from '../domain/status.js';
import type { JobRecord } from '../store/job-record.js';

const refusals: Partial<Record<StatusMove, string>> = {
  pause: 'cannot be paused',
  resume: 'is not paused',
  cancel: 'has ended already',
};

/** The status after a move asked for, by the table of transitions; throws `conflict` when it is not legal. */
export function moved(job: JobRecord, move: StatusMove): JobStatus {
  const status = statusAfter(job.status, move);
  if (status === undefined) throw conflict(job, refusals[move] ?? `does not allow ${move}`);
  return status;
}

export function conflict(job: Pick<JobRecord, 'status'>, why: string): AppError {
  return new AppError('conflict', `The job is ${job.status}: it ${why}.`);
}

/** Throws `precondition_failed` when the job is of none of the generations that its change is for; undefined: of any. */
export function refuseIfChanged(job: Pick<JobRecord, 'generation'>, expected: readonly number[] | undefined): void {
  if (expected === undefined || expected.includes(job.generation)) return;
  throw new AppError(
    'precondition_failed',
    `The job is of generation ${job.generation}, which If-Match does not name: read it again.`,
  );
}

type Begun = Pick<JobRecord, 'type' | 'next' | 'after' | 'frequency' | 'executionTime' | 'lastRunId'>;

/** Whether the only fire of a one-time job has begun: then it can only be cancelled. */
export function hasBegunItsOnlyRun(job: Begun): boolean {
  if (isChained(job)) return job.type === 'one-time' && job.lastRunId !== null;
  // One whose run waits for a place, or for other jobs, has claimed its fire and not begun.
  return job.type === 'one-time' && job.next === null && job.lastRunId !== null;
}

export function refuseIfBegun(job: Begun & Pick<JobRecord, 'status'>): void {
  if (hasBegunItsOnlyRun(job)) throw conflict(job, 'has begun its only run, which can only be cancelled');
}
