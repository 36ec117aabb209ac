import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../domain/errors.js';
import { isFinal, statusAfter } from '../domain/status.js';
import type { JobRecord } from '../store/job-record.js';
import type { JobChange } from '../store/jobs.js';
import { openRunsOf } from '../store/open-runs.js';
import { readRunToRetry, type JobToRetry, type RunToRetry } from '../store/retries.js';
import type { Vault } from '../security/encryption/vault.js';
import type { Sealed } from '../store/stored.js';
import { change } from './change.js';
import { conflict, refuseIfBegun } from './decide.js';
import type { Caller, CommandPorts } from './ports.js';

/**
 * Does the work of a run again, whatever became of it: a run of its own with the same time and payload. The first one
 * stays in the ledger as it ended. A one-time job that failed is at work again, and ends as this run does.
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
    const hasOpenRuns = (await openRunsOf(tx, job.id)).length > 0;
    return decideRetry(job, { ...payloadAgain(ports.vault, job.projectId, { ...run, runId }, id), hasOpenRuns }, id);
  });
  return { runId: id };
}

/** Throws `conflict`, with the reason, when a run cannot be done again. */
export function refuseRetry(
  job: JobToRetry,
  run: Pick<RunToRetry, 'outcome' | 'fireCount' | 'origin'> & { hasOpenRuns: boolean },
): void {
  if (isReopened(job)) {
    if (run.origin === 'manual') throw conflict(job, 'is retried by its own run, and this one was beside it');
    if (run.hasOpenRuns) throw conflict(job, 'has a run yet that has not ended');
  } else {
    if (isFinal(job.status)) throw conflict(job, 'runs no more; submit it again to run it once more');
    refuseIfBegun(job);
  }
  if (run.outcome === 'waiting' || run.outcome === 'running') {
    throw new AppError('conflict', `The run is ${run.outcome}: it has not ended.`);
  }
  if (run.fireCount > 1) {
    throw new AppError('conflict', `The row tells of ${run.fireCount} fires: run them by a backfill of their stretch.`);
  }
}

/** Whether a retry takes the job out of the status in which it ended. */
function isReopened({ type, status }: JobToRetry): boolean {
  return type === 'one-time' && statusAfter(status, 'retry') !== undefined;
}

/** A run with its payload sealed for the run that does it again. */
export function payloadAgain<Run extends Pick<RunToRetry, 'payload'> & { runId: string }>(
  vault: Vault,
  projectId: string,
  run: Run,
  id: string,
): Omit<Run, 'payload'> & { payload: Sealed | undefined } {
  const payload = vault.openJson({ projectId, kind: 'run-payload', id: run.runId }, run.payload);
  return { ...run, payload: vault.sealJson({ projectId, kind: 'run-payload', id }, payload) };
}

export function decideRetry(
  job: JobRecord,
  run: Omit<RunToRetry, 'payload'> & {
    runId: string;
    payload: Sealed | undefined;
    hasOpenRuns: boolean;
    reason?: string;
  },
  id: string,
): JobChange {
  refuseRetry(job, run);
  const { runId, reason } = run;
  return {
    set: {},
    status: isReopened(job) ? (statusAfter(job.status, 'retry') ?? job.status) : job.status,
    newRuns: [
      {
        id,
        trigger: 'retry',
        scheduledFor: run.scheduledFor,
        payload: run.payload,
        ...(run.upstream === null ? {} : { upstream: run.upstream }),
        isParallel: job.overlap === 'allow_all',
        retryOf: runId,
      },
    ],
    event: { type: 'run.retried', data: { retryOf: runId, ...(reason === undefined ? {} : { reason }) } },
  };
}
