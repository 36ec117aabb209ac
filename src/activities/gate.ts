import { changeJobIn } from '../store/jobs.js';
import type { Fire } from '../domain/job.js';
import {
  MAX_WAITING_RUNS,
  type CancelRequest,
  type RunTrigger,
  type SkipOutcome,
  type WaitReason,
} from '../domain/run.js';
import { isFinal } from '../domain/status.js';
import { claimWaiting } from '../store/claims.js';
import type { Queries } from '../store/database.js';
import { lockJobs, type JobRecord } from '../store/job-record.js';
import { openRunsOf } from '../store/open-runs.js';
import { readRun } from '../store/run-view.js';
import { countHeldBack, countPlaces, holdBack, lockPlaces, oldestHolder, type Holder } from '../store/places.js';
import { conditionMet, hasCondition, originOf, statusWithout, type LateDecision } from '../commands/index.js';
import { lockFollowed } from '../store/chains.js';
import { claimOf } from './claim-of.js';
import type { ExecutorPorts } from './ports.js';

/** What a run is that stands before the gate: it has a row that waits, or is a fire yet to be claimed. */
export type AtTheGate = { runId: string; trigger: RunTrigger } | { runId: string; late: LateDecision & { fire: Fire } };

/** What holds a run back. */
export interface Obstacle {
  waitsFor: WaitReason;
  /** In words, for the ledger. */
  reason: string;
  /** Until when it waits at most; epoch milliseconds. */
  until?: number;
}

/** Whether the runs of a job may be held back: by places that they need, or jobs that they wait for. */
export function hasGate(job: JobRecord): boolean {
  return job.concurrency !== null || job.projectLimit !== null || hasCondition(job);
}

/** A fire's runs of the jobs that it waits for, or what it lacks; those jobs are locked until the transaction ends. */
export async function findCondition(
  tx: Queries,
  job: JobRecord,
  fireAt: number,
): Promise<{ upstream: { jobId: string; runId: string }[] } | Obstacle> {
  const followed = job.after?.jobs ?? [];
  await lockFollowed(
    tx,
    followed.map(({ jobId }) => jobId),
  );
  const upstream = await conditionMet(tx, job, fireAt);
  if (upstream) return { upstream };
  const reason = `The jobs that it waits for had not ended as they were to: ${followed.map(({ jobId }) => jobId).join(', ')}.`;
  return { waitsFor: 'condition', reason, until: fireAt + (job.after?.waitAtMostMs ?? 0) };
}

/** Looks for a place for a run, with the places locked until the transaction ends. Undefined when it may begin. */
export async function findObstacle(tx: Queries, job: JobRecord, runId: string): Promise<Obstacle | undefined> {
  const { projectId, concurrency, projectLimit } = job;
  if (concurrency) {
    const owner = { projectId, key: concurrency.key };
    await lockPlaces(tx, owner);
    const { held, ahead } = await countPlaces(tx, owner, runId);
    if (held + ahead >= concurrency.limit) {
      const reason = `As many runs of the key ${JSON.stringify(concurrency.key)} as may be were under way: ${concurrency.limit}.`;
      return { waitsFor: 'concurrency', reason };
    }
  }
  if (projectLimit === null) return undefined;
  const owner = { projectId, key: null };
  await lockPlaces(tx, owner);
  const { held, ahead } = await countPlaces(tx, owner, runId);
  const reason = `As many runs of the project as may be were under way: ${projectLimit}.`;
  return held + ahead >= projectLimit ? { waitsFor: 'project', reason } : undefined;
}

/** Does with a run that found no place what its job says: lets it wait in the line, or end without having begun. */
export async function turnAway(
  ports: ExecutorPorts,
  tx: Queries,
  job: JobRecord,
  at: AtTheGate,
  { waitsFor, reason, until }: Obstacle,
): Promise<{ skip?: string }> {
  const onLimit = waitsFor === 'concurrency' ? job.concurrency?.onLimit : 'wait';
  const now = ports.clock.now();
  const isInVain = until !== undefined && until <= now;
  if ((onLimit === 'skip' || isInVain) && !('late' in at)) {
    const outcome = isInVain ? 'skipped_condition' : 'skipped_overlap';
    await skipWaiting(ports, tx, job, { id: at.runId, trigger: at.trigger }, { outcome, reason });
    return {};
  }
  if (onLimit === 'skip') return { skip: reason };
  if ('late' in at && (await countHeldBack(tx, job.id)) >= mayWait(job)) {
    return { skip: `As many runs of the job as its overlap policy lets wait, wait already. ${reason}` };
  }
  const key = job.concurrency?.key ?? null;
  const heldBack = { by: waitsFor, key, until };
  const isParallel = job.overlap === 'allow_all';
  const holder = onLimit === 'cancel_running' ? await oldestHolder(tx, { projectId: job.projectId, key }) : undefined;
  if (holder) await lockJobs(tx, [job.id, holder.jobId]);
  const waits =
    'late' in at
      ? await claimWaiting(tx, claimOf(job, at.late, at.runId), { isParallel, heldBack }, now)
      : await holdBack(tx, at.runId, heldBack);
  if (waits && holder) await askToEnd(ports, tx, job, holder);
  return {};
}

/** Ends a run that waited, and its job with it where nothing else is to come of that. */
async function skipWaiting(
  ports: ExecutorPorts,
  tx: Queries,
  { projectId, id: jobId }: JobRecord,
  run: { id: string; trigger: RunTrigger },
  why: { outcome: Extract<SkipOutcome, 'skipped_overlap' | 'skipped_condition'>; reason: string },
): Promise<void> {
  await changeJobIn(tx, { projectId, jobId }, 'scheduler', ports.clock, async (job) => {
    const view = await readRun(tx, jobId, { runId: run.id });
    if (isFinal(job.status) || view?.run?.outcome !== 'waiting') return null;
    const others = (await openRunsOf(tx, jobId)).filter(({ id }) => id !== run.id);
    const origin = await originOf(tx, job, run);
    return {
      set: {},
      status: statusWithout(job, { ...run, origin }, others, 'miss'),
      endRuns: [{ runId: run.id, ...why }],
      event: { type: 'run.skipped', runId: run.id, data: { outcome: why.outcome } },
    };
  });
}

/** How many fires of a job may wait for a place: the one that would be under way, and those that would wait for its end. */
function mayWait({ overlap }: JobRecord): number {
  switch (overlap) {
    case 'skip':
    case 'cancel_other':
      return 1;
    case 'buffer_one':
      return 2;
    case 'buffer_all':
    case 'allow_all':
      return MAX_WAITING_RUNS;
  }
}

/** Asks the run that has held a place of the key longest to end. */
async function askToEnd(
  ports: ExecutorPorts,
  tx: Queries,
  { projectId, concurrency }: JobRecord,
  { runId, jobId }: Holder,
): Promise<void> {
  await changeJobIn(tx, { projectId, jobId }, 'scheduler', ports.clock, (holder, now) => {
    const request: CancelRequest = {
      by: 'scheduler',
      at: new Date(now).toISOString(),
      reason: `A later run of the key ${JSON.stringify(concurrency?.key)} takes its place.`,
    };
    const event = { type: 'run.cancel_requested', runId } as const;
    return { set: {}, status: holder.status, stopRuns: [{ runId, request }], event };
  });
}
