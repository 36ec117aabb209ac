import { v7 as uuidv7 } from 'uuid';
import type { LateDecision } from '../commands/index.js';
import type { Fire } from '../domain/job.js';
import type { Claim } from '../store/claims.js';
import type { JobRecord } from '../store/job-record.js';

/** The claim of the fire that was decided to run. */
export function claimOf(job: JobRecord, late: LateDecision & { fire: Fire }, runId = uuidv7()): Claim {
  const { fire, next, catchUpUntil } = late;
  const { id: jobId, scheduleGeneration, concurrency, projectLimit, after } = job;
  return {
    jobId,
    terms: { concurrency, projectLimit, after },
    scheduleGeneration,
    fire,
    next,
    runId,
    ...(catchUpUntil === undefined ? {} : { catchUpUntil }),
  };
}

/** The id of a run that is yet to be claimed: a later one comes after it in every line. */
export function newRunId(now: number): string {
  return uuidv7({ msecs: Math.floor(now) });
}
