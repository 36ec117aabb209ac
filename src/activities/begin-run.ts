import { v7 as uuidv7 } from 'uuid';
import { decideLate } from '../commands/index.js';
import type { RunTrigger } from '../domain/run.js';
import { wishOf } from '../store/job-record.js';
import { beginAttempt, claimFire, type Attempt } from '../store/claims.js';
import { readRun, type RunView } from '../store/run-view.js';
import { settleFires } from '../store/skips.js';
import type { ExecuteRunInput, WishAnswer } from '../workflows/messages.js';
import type { ExecutorPorts } from './ports.js';

/** An attempt that has begun, with all that performing it needs. */
export interface BegunRun extends Attempt {
  trigger: RunTrigger;
  scheduledFor: number;
  /** When a run on schedule was to begin; of one that waited for something else it says nothing. */
  dueAt?: number;
  /** The payload of a run by hand, where it has one of its own. */
  payload?: unknown;
}

/** Claims a run whose time has come; answers with the newest wish instead when the claim is refused. */
export async function beginRun(
  ports: ExecutorPorts,
  input: ExecuteRunInput,
  view: RunView,
): Promise<BegunRun | WishAnswer> {
  const by = { node: ports.node, at: ports.clock.now() };
  const { run } = view;
  if (run?.outcome === 'running' || run?.outcome === 'waiting') {
    const attempt = await beginAttempt(
      ports.db,
      { jobId: input.jobId, runId: run.id, attemptsBefore: run.attempts },
      by,
    );
    if (!attempt) return newestWish(ports, input.jobId);
    const { scheduledFor, payload, trigger } = run;
    return { ...attempt, trigger, scheduledFor, ...(payload === undefined ? {} : { payload }) };
  }
  if (input.fireAt === undefined) return newestWish(ports, input.jobId);

  const { job } = view;
  const late = decideLate(job, input.fireAt, by.at);
  if (late.skips.length > 0) {
    const next = late.fire ?? late.next;
    const move = late.fire !== null ? null : job.type === 'one-time' ? 'miss' : next === null ? 'exhaust' : null;
    const settled = await settleFires(
      ports.db,
      { ...job, fireAt: input.fireAt },
      { move, skips: late.skips, next },
      by.at,
    );
    if (!settled) return newestWish(ports, input.jobId);
  }
  if (late.fire === null) return newestWish(ports, input.jobId);
  const { fire, next, catchUpUntil } = late;
  const { id: jobId, scheduleGeneration } = job;
  const attempt = await claimFire(
    ports.db,
    { jobId, scheduleGeneration, fire, next, runId: uuidv7(), ...(catchUpUntil === undefined ? {} : { catchUpUntil }) },
    by,
  );
  return attempt
    ? { ...attempt, trigger: 'schedule', scheduledFor: fire.fireAt, dueAt: fire.runAt }
    : newestWish(ports, input.jobId);
}

/** What the job is to do by now. */
export async function newestWish(ports: Pick<ExecutorPorts, 'db'>, jobId: string): Promise<WishAnswer> {
  const view = await readRun(ports.db, jobId);
  if (!view) throw new Error(`job ${jobId} went away`);
  return { wish: wishOf(view.job, view.openRuns) };
}
