import { cancellationSignal } from '@temporalio/activity';
import { v7 as uuidv7 } from 'uuid';
import { scheduleOf, upcoming } from '../commands/index.js';
import { dueUntil } from '../schedule/index.js';
import type { Fire } from '../domain/job.js';
import { MAX_WAITING_RUNS } from '../domain/run.js';
import { isFinal } from '../domain/status.js';
import { claimBeside } from '../store/claims.js';
import type { JobRecord } from '../store/job-record.js';
import { wishOf } from '../store/wish-of.js';
import { countBuffered } from '../store/open-runs.js';
import { readRun } from '../store/run-view.js';
import { settleFires } from '../store/skips.js';
import type { EndRunInput, WishAnswer } from '../workflows/messages.js';
import type { SchedulerActivities } from './activities.js';
import { whyCancelled } from './cancelled.js';
import { newestWish, settleLate } from './begin-run.js';
import { claimOf } from './claim-of.js';
import { commandJob } from './command-job.js';
import { finish } from './end-run.js';
import { withoutUserText } from './failure.js';
import { keyOf, wishOfMissingJob } from './run-key.js';
import type { SchedulerPorts } from './ports.js';

/** Makes the short activities beside the job workflows. */
export function createSchedulerActivities(ports: SchedulerPorts): SchedulerActivities {
  return {
    commandJob: (input) => withoutUserText(ports.logger, () => commandJob(ports, input)),
    recordOutcome: (input) => withoutUserText(ports.logger, () => recordOutcome(ports, input)),
    planNext: (input) => withoutUserText(ports.logger, () => planNext(ports, input)),
    takeBeside: (input) => withoutUserText(ports.logger, () => takeBeside(ports, input)),
  };
}

/** Ends a run whose worker could not: it was cancelled between two attempts, or no heartbeat came after a cancellation. */
async function recordOutcome(ports: SchedulerPorts, input: EndRunInput): Promise<WishAnswer> {
  const view = await readRun(ports.db, input.jobId, keyOf(input));
  if (!view) return { wish: wishOfMissingJob(input) };
  const { job, run, openRuns } = view;
  if (run?.outcome !== 'running') return { wish: wishOf(job, openRuns) };

  const attempt = { runId: run.id, attempt: run.attempts, job, trigger: run.trigger };
  if (job.status === 'cancelled' || input.wasOverlapped || run.cancelRequest) {
    return finish(ports, attempt, { outcome: 'cancelled', reason: whyCancelled(job, run.cancelRequest) });
  }
  const error = { code: 'worker_failed', message: 'No worker could end this run.' };
  return finish(ports, attempt, { outcome: 'failed', reason: error.message, error });
}

/** By the schedule alone: the claim of the fire before it may not have been made yet. */
async function planNext(
  { db, clock }: SchedulerPorts,
  { jobId, after }: { jobId: string; after: number },
): Promise<{ fire: Fire | null }> {
  const view = await readRun(db, jobId);
  if (!view) return { fire: null };
  const { job } = view;
  const schedule = scheduleOf(job);
  const isClaimed = job.settledUntil >= after;
  // A fire that is due already is none that comes during the run: it is caught up with, or missed.
  const from = job.overlap === 'cancel_other' ? Math.max(after, dueUntil(schedule, clock.now(), jobId)) : after;
  return { fire: upcoming(job, schedule, from, isClaimed ? 0 : 1) };
}

async function takeBeside(
  ports: SchedulerPorts,
  { jobId, generation, fire }: { jobId: string; generation: number; fire: Fire },
): Promise<WishAnswer> {
  await ports.clock.waitUntil(fire.runAt, cancellationSignal());
  const view = await readRun(ports.db, jobId);
  if (!view) return { wish: wishOfMissingJob({ generation }) };
  const { job, openRuns } = view;
  const isAtWork = !isFinal(job.status) && job.status !== 'paused';
  if (!isAtWork || job.next?.fireAt !== fire.fireAt) return { wish: wishOf(job, openRuns) };
  const now = ports.clock.now();
  if ((await countBuffered(ports.db, jobId)) >= MAX_WAITING_RUNS) await passCrowded(ports, job, fire, now);
  else {
    const late = await settleLate(ports.db, view, fire.fireAt, now);
    if (late?.fire) await claimBeside(ports.db, claimOf(job, { ...late, fire: late.fire }), now);
  }
  return newestWish(ports, jobId);
}

/** Passes a fire for which there is no place any more, not even to wait. */
async function passCrowded({ db }: SchedulerPorts, job: JobRecord, fire: Fire, now: number): Promise<void> {
  const reason = `${MAX_WAITING_RUNS} runs of the job wait for a place beside others already.`;
  const skips = [{ runId: uuidv7(), fireAt: fire.fireAt, outcome: 'skipped_overlap', reason }] as const;
  const next = upcoming(job, scheduleOf(job), fire.fireAt);
  await settleFires(db, { ...job, fireAt: fire.fireAt }, { move: null, skips: [...skips], next }, now);
}
