/** What a job's workflow does when a fire comes due while a run is under way, where that can't wait for the run's end. */
import { workflowInfo, type CancellationScope } from '@temporalio/workflow';
import type { Fire } from '../domain/job.js';
import { scheduler } from './executor.js';
import type { ExecuteRunInput, JobLife } from './messages.js';

/** How soon a fire is looked at again that could not be taken, in milliseconds. */
const LOOK_AGAIN_MS = 5_000;
/** In events: some 2,000 fires beside one run. Temporal ends a workflow at 51,200. */
const LONGEST_HISTORY = 20_000;
/** Longer than any fire is away (in milliseconds): nothing is awaited. */
const FOR_EVER_MS = 10 * 365 * 86_400_000;

/** The fire that is awaited during a run. */
export interface Watch {
  fire: Fire | null;
  /** When to act on it, in epoch milliseconds. */
  wakeAt: number;
}

/**
 * Begins to await the next fire during a run, if the job's overlap policy has to act when it comes; else undefined. A
 * backfill's run is no reason to: a fire that comes due meanwhile waits for its end.
 */
export async function beginWatch(life: JobLife, run: ExecuteRunInput): Promise<Watch | undefined> {
  const { wish, jobId } = life;
  if (wish.overlap === undefined) return undefined;
  const isBackfill = run.runId !== undefined && wish.backfill?.includes(run.runId);
  if (isBackfill && wish.overlap === 'cancel_other') return undefined;
  const watch: Watch = { fire: null, wakeAt: Infinity };
  // The wish still names the fire under way as the next one: its claim is yet to be made.
  if (run.fireAt !== undefined) awaitFire(watch, life, (await scheduler.planNext({ jobId, after: run.fireAt })).fire);
  else lookAhead(watch, life, run);
  return watch;
}

/** Goes by the newest wish: awaits its next fire, where that is not the one under way. */
export function lookAhead(watch: Watch, life: JobLife, run: ExecuteRunInput): void {
  const { nextFire, nextRunAt, status, overlap } = life.wish;
  if (overlap === undefined || status === 'paused' || nextFire === null) awaitFire(watch, life, null);
  else if (nextFire !== watch.fire?.fireAt && (run.fireAt === undefined || nextFire > run.fireAt)) {
    const runAt = nextRunAt ?? nextFire;
    // One that is due already is caught up with after this run: it cancels nothing.
    awaitFire(watch, life, overlap === 'cancel_other' && runAt <= Date.now() ? null : { fireAt: nextFire, runAt });
  }
}

function awaitFire(watch: Watch, { wish, leadMs }: JobLife, fire: Fire | null): void {
  watch.fire = fire;
  // A run is cancelled when the fire has come, not before; beside it, the fire is held until its instant.
  watch.wakeAt = fire === null ? Infinity : fire.runAt - (wish.overlap === 'allow_all' ? leadMs : 0);
}

/**
 * How long until the awaited fire is to be met, in milliseconds. With a long history it is met at the end of the run, as if
 * it were late: Temporal ends a workflow whose history is much longer, and none continues as new during a run.
 */
export function timeLeft({ wakeAt }: Watch): number {
  return wakeAt === Infinity || workflowInfo().historyLength > LONGEST_HISTORY
    ? FOR_EVER_MS
    : Math.max(wakeAt - Date.now(), 1);
}

/** The awaited fire has come: cancels the run under way, or takes the fire beside it. Answers whether it was cancelled. */
export async function meet(life: JobLife, watch: Watch, scope: CancellationScope): Promise<boolean> {
  const { fire } = watch;
  watch.wakeAt = Infinity;
  if (fire === null) return false;
  if (life.wish.overlap === 'cancel_other') {
    scope.cancel();
    return true;
  }
  const { jobId, wish } = life;
  const answer = await scheduler.takeBeside({ jobId, generation: wish.generation, fire });
  life.wish = answer.wish;
  // Not taken: the claim of an earlier fire is yet to be made, on a busy node.
  const { nextFire } = answer.wish;
  if (nextFire !== null && nextFire <= fire.fireAt) watch.wakeAt = Date.now() + LOOK_AGAIN_MS;
  return false;
}
