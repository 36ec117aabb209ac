import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../domain/errors.js';
import { MAX_WAITING_RUNS } from '../domain/run.js';
import type { Queries } from '../store/database.js';
import { insertEvent } from '../store/events.js';
import type { JobRecord } from '../store/job-record.js';
import { changeJobIn, type JobChange } from '../store/jobs.js';
import { countWaitingByHand, openRunsOf } from '../store/open-runs.js';
import { deleteRedrive, postponeRedrives, takeDueRedrive } from '../store/redrives.js';
import { readRunToRetry, wasDoneAgain } from '../store/retries.js';
import type { CommandPorts } from './ports.js';
import { decideRetry, payloadAgain } from './retry-run.js';

type RedrivePorts = Pick<CommandPorts, 'db' | 'clock' | 'vault' | 'onCommitted'>;

/** The most runs that one round puts to work; the next one goes on. */
const RUNS_A_ROUND = 200;
/** How many of a job's retries a redrive lets wait: people can still have a run of it done. */
const MAX_WAITING_OF_JOB = MAX_WAITING_RUNS / 2;
/** How soon a job is looked at again that has as many, in milliseconds. */
const LOOK_AGAIN_AFTER_MS = 5_000;
/** How soon what went wrong is tried again, in milliseconds. */
const TRY_AGAIN_AFTER_MS = 30_000;

/**
 * Does the runs again whose turn has come, each in a transaction of its own with the row that asks for it: once, whichever
 * process dies. `onFailure` is told of what went wrong, which is tried again.
 */
export async function redriveDueRuns(ports: RedrivePorts, onFailure: (error: unknown) => void): Promise<void> {
  for (let count = 0; count < RUNS_A_ROUND; count += 1) if (!(await redriveOne(ports, onFailure))) return;
}

/** Whether there was a run whose turn has come. */
async function redriveOne(ports: RedrivePorts, onFailure: (error: unknown) => void): Promise<boolean> {
  const now = ports.clock.now();
  let failedJob: string | undefined;
  try {
    const found = await ports.db.transaction(async (tx) => {
      const redrive = await takeDueRedrive(tx, now);
      if (!redrive) return false;
      const { runId, jobId, projectId, actor } = redrive;
      failedJob = jobId;
      const held: { verdict?: Verdict } = {};
      await changeJobIn(tx, { projectId, jobId }, actor, ports.clock, async (job) => {
        held.verdict = await decide(ports, tx, job, redrive);
        return 'change' in held.verdict ? held.verdict.change : null;
      });
      // There is none when the job is gone.
      const { verdict = {} } = held;
      if ('later' in verdict) await postponeRedrives(tx, jobId, { now, until: now + LOOK_AGAIN_AFTER_MS });
      else await deleteRedrive(tx, runId);
      if ('dropped' in verdict) {
        const data = { reason: verdict.dropped };
        await tx.query(insertEvent({ type: 'run.retry_dropped', projectId, jobId, runId, at: now, actor, data }));
      }
      return true;
    });
    if (found) ports.onCommitted();
    return found;
  } catch (error) {
    if (failedJob === undefined) throw error;
    onFailure(error);
    // What is wrong with one job keeps no other from its turn.
    await postponeRedrives(ports.db, failedJob, { now, until: now + TRY_AGAIN_AFTER_MS });
    return true;
  }
}

/** What becomes of a run whose turn has come: it is done again, its job has too many for now, or it can be no more. */
type Verdict = { change: JobChange } | { later: true } | { dropped: string };

async function decide(
  { vault }: RedrivePorts,
  tx: Queries,
  job: JobRecord,
  { runId, reason }: { runId: string; reason: string | null },
): Promise<Verdict> {
  const run = await readRunToRetry(tx, job.id, runId);
  if (!run) return { dropped: 'The run is gone.' };
  if (await wasDoneAgain(tx, job.id, { ...run, runId })) return { dropped: 'The run was done again meanwhile.' };
  if ((await countWaitingByHand(tx, job.id)) >= MAX_WAITING_OF_JOB) return { later: true };
  const hasOpenRuns = (await openRunsOf(tx, job.id)).length > 0;
  try {
    const id = uuidv7();
    const again = payloadAgain(vault, job.projectId, { ...run, runId }, id);
    return { change: decideRetry(job, { ...again, hasOpenRuns, ...(reason === null ? {} : { reason }) }, id) };
  } catch (error) {
    if (error instanceof AppError) return { dropped: error.message };
    throw error;
  }
}
