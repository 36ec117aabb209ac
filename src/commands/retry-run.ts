import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../domain/errors.js';
import { isFinal } from '../domain/status.js';
import type { JobRecord } from '../store/job-record.js';
import type { JobChange } from '../store/jobs.js';
import { readRunToRetry, type RunToRetry } from '../store/run-reads.js';
import { change } from './change.js';
import { conflict, refuseIfBegun } from './decide.js';
import type { Caller, CommandPorts } from './ports.js';

/**
 * Does the work of a run again, whatever became of it: a run of its own with the same time and payload. The first one
 * stays in the ledger as it ended.
 */
export async function retryRun(
  ports: CommandPorts,
  caller: Caller,
  jobId: string,
  runId: string,
): Promise<{ runId: string }> {
  const id = uuidv7();
  await change(ports, caller, jobId, async (job, _now, tx) => {
    const run = await readRunToRetry(tx, job.id, runId);
    if (!run) throw new AppError('run_not_found', `The job has no run ${runId}.`);
    return decideRetry(job, { ...run, runId }, id);
  });
  return { runId: id };
}

export function decideRetry(job: JobRecord, run: RunToRetry & { runId: string }, id: string): JobChange {
  if (isFinal(job.status)) throw conflict(job, 'runs no more; submit it again to run it once more');
  refuseIfBegun(job);
  if (run.outcome === 'waiting' || run.outcome === 'running') {
    throw new AppError('conflict', `The run is ${run.outcome}: it has not ended.`);
  }
  if (run.fireCount > 1) {
    throw new AppError('conflict', `The row tells of ${run.fireCount} fires: run them by a backfill of their stretch.`);
  }
  return {
    set: {},
    status: job.status,
    newRuns: [
      {
        id,
        trigger: 'retry',
        scheduledFor: run.scheduledFor,
        payload: run.payload,
        isParallel: job.overlap === 'allow_all',
        retryOf: run.runId,
      },
    ],
    event: { type: 'run.retried', data: { retryOf: run.runId } },
  };
}
