import { v7 as uuidv7 } from 'uuid';
import { decideLate, type LateDecision } from '../commands/index.js';
import type { Fire } from '../domain/job.js';
import type { RunTrigger } from '../domain/run.js';
import type { Database } from '../store/database.js';
import { wishOf, type JobRecord } from '../store/job-record.js';
import { beginAttempt, claimFire, type Attempt, type Claim } from '../store/claims.js';
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
    // Read anew: a statement that waited for the job's row tells of its calendars as they were before.
    const now = attempt && (await readRun(ports.db, input.jobId));
    if (!attempt || !now) return newestWish(ports, input.jobId);
    const { scheduledFor, payload, trigger } = run;
    return { ...attempt, job: now.job, trigger, scheduledFor, ...(payload === undefined ? {} : { payload }) };
  }
  if (input.fireAt === undefined) return newestWish(ports, input.jobId);

  const late = await settleLate(ports.db, view, input.fireAt, by.at);
  if (!late?.fire) return newestWish(ports, input.jobId);
  const attempt = await claimFire(ports.db, claimOf(view.job, { ...late, fire: late.fire }), by);
  return attempt
    ? { ...attempt, trigger: 'schedule', scheduledFor: late.fire.fireAt, dueAt: late.fire.runAt }
    : newestWish(ports, input.jobId);
}

/**
 * Decides about a fire whose time has come, and writes the fires before it that nothing could run in time. Undefined when
 * the job was moved meanwhile.
 */
export async function settleLate(
  db: Database,
  { job, openRuns }: Pick<RunView, 'job' | 'openRuns'>,
  fireAt: number,
  now: number,
): Promise<LateDecision | undefined> {
  const late = decideLate(job, fireAt, now);
  if (late.skips.length === 0) return late;
  const next = late.fire ?? late.next;
  // A job whose last fire was missed ends with the runs that it still has.
  const isOver = next === null && openRuns.length === 0;
  const move = late.fire !== null ? null : job.type === 'one-time' ? 'miss' : isOver ? 'exhaust' : null;
  const settled = await settleFires(db, { ...job, fireAt }, { move, skips: late.skips, next }, now);
  return settled && late;
}

/** The claim of the fire that was decided to run. */
export function claimOf(job: JobRecord, late: LateDecision & { fire: Fire }): Claim {
  const { fire, next, catchUpUntil } = late;
  const { id: jobId, scheduleGeneration } = job;
  return {
    jobId,
    scheduleGeneration,
    fire,
    next,
    runId: uuidv7(),
    ...(catchUpUntil === undefined ? {} : { catchUpUntil }),
  };
}

/** What the job is to do by now. */
export async function newestWish(ports: Pick<ExecutorPorts, 'db'>, jobId: string): Promise<WishAnswer> {
  const view = await readRun(ports.db, jobId);
  if (!view) throw new Error(`job ${jobId} went away`);
  return { wish: wishOf(view.job, view.openRuns) };
}
