import { AppError } from '../domain/errors.js';
import type { CancelRequest, OpenRun, RunOutcome, RunTrigger } from '../domain/run.js';
import type { JobRecord } from '../store/job-record.js';
import type { JobChange } from '../store/jobs.js';
import { openRunsOf } from '../store/open-runs.js';
import { readRun } from '../store/run-view.js';
import { change } from './change.js';
import { originOf, statusWithout } from './lost-run.js';
import type { Caller, CommandPorts } from './ports.js';

/** Ends one run, and leaves its job as it is. One that waits ends at once; one under way is told. Doing it again changes nothing. */
export async function cancelRun(
  ports: CommandPorts,
  caller: Caller,
  jobId: string,
  runId: string,
  input: { reason?: string | undefined },
): Promise<void> {
  await change(ports, caller, jobId, async (job, now, tx) => {
    const view = await readRun(tx, jobId, { runId });
    if (!view?.run) throw new AppError('run_not_found', `The job has no run ${runId}.`);
    const request: CancelRequest = {
      by: caller.actor,
      at: new Date(now).toISOString(),
      ...(input.reason === undefined ? {} : { reason: input.reason }),
    };
    const others = (await openRunsOf(tx, jobId)).filter((run) => run.id !== runId);
    const origin = await originOf(tx, job, view.run);
    return decideCancelRun(job, { ...view.run, origin }, others, request);
  });
}

/** A run whose end is asked for, as far as that matters. */
export interface RunToCancel {
  id: string;
  outcome: RunOutcome;
  trigger: RunTrigger;
  origin: RunTrigger;
  cancelRequest: CancelRequest | null;
}

export function decideCancelRun(
  job: JobRecord,
  run: RunToCancel,
  others: readonly OpenRun[],
  request: CancelRequest,
): JobChange | null {
  if (run.outcome === 'cancelled' || run.cancelRequest) return null;
  const { by, reason } = request;
  const data = { ...(reason === undefined ? {} : { reason }) };
  if (run.outcome === 'running') {
    return {
      set: {},
      status: job.status,
      stopRuns: [{ runId: run.id, request }],
      event: { type: 'run.cancel_requested', runId: run.id, data },
    };
  }
  if (run.outcome !== 'waiting') throw new AppError('conflict', `The run is ${run.outcome}: it has ended.`);
  const why = `It was cancelled by ${by} before it began${reason === undefined ? '.' : `: ${reason}`}`;
  return {
    set: {},
    status: statusWithout(job, run, others, 'cancel'),
    endRuns: [{ runId: run.id, outcome: 'cancelled', reason: why }],
    event: { type: 'run.finished', runId: run.id, data: { ...data, outcome: 'cancelled' } },
  };
}
