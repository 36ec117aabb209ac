import { priorityKeyOf } from '../domain/job.js';
import { isByHand, MAX_OPEN_RUNS_TOLD, MAX_PARALLEL_RUNS, type OpenRun } from '../domain/run.js';
import type { RunToStop, Wish } from '../domain/wish.js';
import type { JobRecord } from './job-record.js';

/** The fields a wish is made of. */
export type WishFields = Pick<
  JobRecord,
  | 'generation'
  | 'status'
  | 'statusNumber'
  | 'next'
  | 'pauseUntil'
  | 'priority'
  | 'weight'
  | 'pool'
  | 'timeoutMs'
  | 'overlap'
>;

/** What the scheduler is to do with `job`; `openRuns` are its runs that have not ended. */
export function wishOf(job: WishFields, openRuns: readonly OpenRun[]): Wish {
  const { next, overlap } = job;
  // A pause holds back what waits, but for what somebody asked for since.
  const toRun = openRuns.filter(
    (run) => run.isRunning || (run.isBlocked !== true && (job.status !== 'paused' || isByHand(run.trigger))),
  );
  const stop = openRuns.filter((run) => run.isRunning && run.isToStop);
  const isBackfill = (run: OpenRun) => run.trigger === 'backfill' && !run.isRunning;
  const inTurn = toRun.filter((run) => !run.isParallel);
  const backfill = idsOf(inTurn.filter(isBackfill), MAX_OPEN_RUNS_TOLD);
  const parallel = idsOf(
    toRun.filter((run) => run.isParallel),
    MAX_PARALLEL_RUNS,
  );
  return {
    generation: job.generation,
    status: job.status,
    statusNumber: job.statusNumber,
    nextFire: next?.fireAt ?? null,
    ...(next === null || next.runAt === next.fireAt ? {} : { nextRunAt: next.runAt }),
    openRuns: idsOf(
      inTurn.filter((run) => !isBackfill(run)),
      MAX_OPEN_RUNS_TOLD,
    ),
    ...(backfill.length === 0 ? {} : { backfill }),
    ...(parallel.length === 0 ? {} : { parallel }),
    ...(stop.length === 0 ? {} : { stop: stop.map(runToStop) }),
    ...(overlap === 'cancel_other' || overlap === 'allow_all' ? { overlap } : {}),
    ...(job.pauseUntil === null ? {} : { pauseUntil: job.pauseUntil }),
    priorityKey: priorityKeyOf(job.priority),
    ...(job.weight === 1 ? {} : { weight: job.weight }),
    pool: job.pool,
    timeoutMs: job.timeoutMs,
  };
}

function runToStop({ id, fireAt }: OpenRun): RunToStop {
  return { runId: id, ...(fireAt == null ? {} : { fireAt }) };
}

function idsOf(runs: readonly OpenRun[], limit: number): string[] {
  return runs.slice(0, limit).map((run) => run.id);
}
