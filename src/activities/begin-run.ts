import { decideLate, hasCondition, scheduleOf, upcoming, type LateDecision } from '../commands/index.js';
import type { Fire } from '../domain/job.js';
import type { RunTrigger } from '../domain/run.js';
import type { Queries } from '../store/database.js';
import { wishOf } from '../store/wish-of.js';
import { beginAttempt, claimFire, type Attempt } from '../store/claims.js';
import { readRun, type RunView } from '../store/run-view.js';
import { noteUpstream } from '../store/chains.js';
import { noteKey } from '../store/places.js';
import { settleFires, type Skip } from '../store/skips.js';
import type { Stored } from '../store/stored.js';
import type { ExecuteRunInput, WishAnswer } from '../workflows/messages.js';
import { claimOf, newRunId } from './claim-of.js';
import { findCondition, findObstacle, hasGate, turnAway, type Obstacle } from './gate.js';
import type { ExecutorPorts } from './ports.js';

/** An attempt that has begun, with all that performing it needs. */
export interface BegunRun extends Attempt {
  trigger: RunTrigger;
  scheduledFor: number;
  /** When a run on schedule was to begin; of one that waited for something else it says nothing. */
  dueAt?: number;
  /** The payload of a run by hand, where it has one of its own. */
  payload?: Stored;
}

/**
 * Claims a run whose time has come; answers with the newest wish instead when the claim is refused, or the run has to wait
 * for a place.
 */
export async function beginRun(
  ports: ExecutorPorts,
  input: ExecuteRunInput,
  view: RunView,
): Promise<BegunRun | WishAnswer> {
  const { job, run } = view;
  const hasPlaces = run !== null && (run.outcome === 'running' || run.isAdmitted);
  const begun =
    hasPlaces || !hasGate(job)
      ? await claimRun(ports, ports.db, input, view)
      : await ports.db.transaction((tx) => beginAtTheGate(ports, tx, input, view));
  if (begun) return begun;
  // What was asked to make place, and what was passed, is told.
  if (hasGate(job)) ports.onCommitted();
  return newestWish(ports, input.jobId);
}

/** Begins a run if there is a place for it; otherwise it is written down that it waits, or does not run. */
async function beginAtTheGate(
  ports: ExecutorPorts,
  tx: Queries,
  input: ExecuteRunInput,
  view: RunView,
): Promise<BegunRun | undefined> {
  const { job, run } = view;
  const now = ports.clock.now();
  const runId = run?.id ?? newRunId(now);
  const condition = await conditionOf(tx, input, view);
  const obstacle = 'waitsFor' in condition ? condition : await findObstacle(tx, job, runId);
  if (!obstacle) {
    const begun = await claimRun(ports, tx, input, view);
    if (begun && job.concurrency) await noteKey(tx, begun.runId, job.concurrency.key);
    if (begun && 'upstream' in condition) await noteUpstream(tx, begun.runId, condition.upstream);
    return begun;
  }
  if (run?.outcome === 'waiting') {
    await turnAway(ports, tx, job, { runId, trigger: run.trigger }, obstacle);
    return undefined;
  }
  if (input.fireAt === undefined) return undefined;
  const late = await settleLate(tx, view, input.fireAt, now);
  if (!late?.fire) return undefined;
  const { fire } = late;
  if (obstacle.until !== undefined && obstacle.until <= now) {
    await passFire(tx, view, fire, { outcome: 'skipped_condition', reason: obstacle.reason }, now);
    return undefined;
  }
  const { skip } = await turnAway(ports, tx, job, { runId, late: { ...late, fire } }, obstacle);
  if (skip !== undefined) await passFire(tx, view, fire, { outcome: 'skipped_overlap', reason: skip }, now);
  return undefined;
}

/** What a fire, or a run that waited for it, has to wait for besides places: only fires on schedule have conditions. */
async function conditionOf(
  tx: Queries,
  { fireAt }: ExecuteRunInput,
  { job, run }: RunView,
): Promise<Obstacle | { upstream: { jobId: string; runId: string }[] } | { none: true }> {
  const isOnSchedule = run === null ? fireAt !== undefined : run.trigger === 'schedule';
  if (!isOnSchedule || !hasCondition(job)) return { none: true };
  return findCondition(tx, job, run?.scheduledFor ?? fireAt ?? 0);
}

/** Writes down that a fire does not run, and goes on to the next one. */
async function passFire(
  tx: Queries,
  { job, openRuns }: RunView,
  { fireAt }: Fire,
  why: Pick<Skip, 'outcome' | 'reason'>,
  now: number,
): Promise<void> {
  const next = upcoming(job, scheduleOf(job), fireAt);
  const isOver = next === null && openRuns.length === 0;
  const move = job.type === 'one-time' ? 'miss' : isOver ? 'exhaust' : null;
  const skips: Skip[] = [{ runId: newRunId(now), fireAt, ...why }];
  await settleFires(tx, { ...job, fireAt }, { move, skips, next }, now);
}

async function claimRun(
  ports: ExecutorPorts,
  db: Queries,
  input: ExecuteRunInput,
  view: RunView,
): Promise<BegunRun | undefined> {
  const by = { node: ports.node, at: ports.clock.now() };
  const { run } = view;
  if (run?.outcome === 'running' || run?.outcome === 'waiting') {
    const { id: runId, attempts: attemptsBefore, isAdmitted } = run;
    const attempt = await beginAttempt(
      db,
      { jobId: input.jobId, runId, attemptsBefore, terms: view.job, isAdmitted },
      by,
    );
    // Read anew: a statement that waited for the job's row tells of its calendars as they were before.
    const now = attempt && (await readRun(db, input.jobId));
    if (!attempt || !now) return undefined;
    const { scheduledFor, payload, trigger } = run;
    return { ...attempt, job: now.job, trigger, scheduledFor, ...(payload === undefined ? {} : { payload }) };
  }
  if (input.fireAt === undefined) return undefined;

  const late = await settleLate(db, view, input.fireAt, by.at);
  if (!late?.fire) return undefined;
  const attempt = await claimFire(db, claimOf(view.job, { ...late, fire: late.fire }), by);
  return attempt && { ...attempt, trigger: 'schedule', scheduledFor: late.fire.fireAt, dueAt: late.fire.runAt };
}

/**
 * Decides about a fire whose time has come, and writes the fires before it that nothing could run in time. Undefined when
 * the job was moved meanwhile.
 */
export async function settleLate(
  db: Queries,
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

/** What the job is to do by now. */
export async function newestWish(ports: Pick<ExecutorPorts, 'db'>, jobId: string): Promise<WishAnswer> {
  const view = await readRun(ports.db, jobId);
  if (!view) throw new Error(`job ${jobId} went away`);
  return { wish: wishOf(view.job, view.openRuns) };
}
