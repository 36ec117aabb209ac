import { ApplicationFailureCategory } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  log,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { CommandActor } from '../activities/activities.js';
import { commands, type Command } from '../domain/job.js';
import { isFinal } from '../domain/status.js';
import { isToStop, isWish, newerWish, type Wish } from '../domain/wish.js';
import { answerOfFailure, executeRun, scheduler } from './executor.js';
import { JOB_FAILED, searchAttributes, UPDATE_SIGNAL, type ExecuteRunInput, type JobLife } from './messages.js';
import { beginWatch, lookAhead, meet, timeLeft } from './overlap.js';
import { handOver } from './hand-over.js';

/** What a workflow is told: a newer wish by `dispatch`, or a command by an operator through Temporal's own tools. */
type Message =
  { wish: Wish; endedRun?: string | undefined } | { command: Command; actor: CommandActor; pauseUntil?: number };

/** A recurring job's fire costs a turn and about 11 events. */
const TURNS_PER_EXECUTION = 50;
/** How soon a run is looked at again whose workflow was open when it was to be started, in milliseconds. */
const LOOK_AGAIN_MS = 30_000;

/** The life of a job: sleep until shortly before the next fire, have it run, learn the next one, until nothing is left. */
export async function job(life: JobLife): Promise<void> {
  const inbox: Message[] = [];
  setHandler(defineSignal<[Wish, string?]>(UPDATE_SIGNAL), (wish, endedRun) => void inbox.push({ wish, endedRun }));
  for (const command of commands)
    setHandler(defineSignal(command), () => void inbox.push({ command, actor: 'operator' }));
  // Cancelling the workflow in Temporal is an operator's way to cancel the job.
  CancellationScope.current().cancelRequested.catch(() => inbox.push({ command: 'cancel', actor: 'operator' }));

  await CancellationScope.nonCancellable(async () => {
    for (let turn = 1; ; turn++) {
      if (hasMore(life, inbox)) await heed(life, inbox);
      show(life);
      const areHandedOver = !hasMore(life, inbox) || (await handOver(life));
      if (isFinal(life.wish.status)) break;
      if (shouldContinueAsNew(life, turn) && inbox.length === 0) await continueAsNew<typeof job>(life);

      const next = nextRun(life);
      if (next) {
        if (life.wish.backfill) life.owesBackfill = next.fireAt !== undefined;
        await runOne(life, inbox, next);
      } else await sleepUntilDueOrTold(life, inbox, areHandedOver ? undefined : LOOK_AGAIN_MS);
    }
  });
  if (life.wish.status === 'failed') {
    const message = 'the run of this job failed';
    const category = ApplicationFailureCategory.BENIGN;
    throw ApplicationFailure.create({ message, type: JOB_FAILED, nonRetryable: true, category });
  }
}

/**
 * Whether there is more to this turn than the one run. A worker keeps the stack of each promise that a workflow makes, and
 * traces it through the source map: awaiting what has nothing to do would cost as much again as all that a plain job does.
 */
function hasMore({ wish, handedOver }: JobLife, inbox: Message[]): boolean {
  const isBesideOthers = wish.overlap !== undefined || wish.parallel !== undefined || handedOver !== undefined;
  return inbox.length > 0 || isBesideOthers;
}

/** Takes in what was told meanwhile: the newest wish, and each command in its order. */
async function heed(life: JobLife, inbox: Message[]): Promise<void> {
  for (let message = inbox.shift(); message; message = inbox.shift()) {
    if ('wish' in message) hear(life, message);
    else await carryOut(life, message);
  }
}

/** What is no wish (a signal that an operator made up) would stop the workflow for good. */
function hear(life: JobLife, { wish: told, endedRun }: { wish: unknown; endedRun?: string | undefined }): void {
  // A run whose workflow has ended without it having run (its job was paused for a moment) is handed over again.
  if (endedRun !== undefined && life.handedOver) {
    life.handedOver = life.handedOver.filter((runId) => runId !== endedRun);
  }
  if (isWish(told)) life.wish = newerWish(life.wish, told);
  else log.warn('an update that is no wish is ignored');
}

async function carryOut(life: JobLife, message: Extract<Message, { command: Command }>): Promise<void> {
  const { command } = message;
  if (isFinal(life.wish.status)) {
    log.info('a command for a job that has ended is ignored', { command });
    return;
  }
  const { wish } = await scheduler.commandJob({ ...message, jobId: life.jobId, generation: life.wish.generation });
  life.wish = wish;
}

/** The run to hand to a worker now, if any: one that is open already, else the next fire once it is near, else a backfill. */
function nextRun(life: JobLife): ExecuteRunInput | undefined {
  const { jobId, wish, leadMs } = life;
  const { generation, openRuns, backfill, nextFire } = wish;
  const open = openRuns[0];
  if (open !== undefined) return { jobId, generation, runId: open };
  if (wish.status === 'paused') return undefined;
  const filled = backfill?.[0];
  if (nextFire !== null && Date.now() >= dueAt(wish, nextFire) - leadMs) {
    // Where there is always a fire near, one that has not come yet lets a backfill's run go first, every other time.
    const isInTurn = filled !== undefined && life.owesBackfill === true && Date.now() < dueAt(wish, nextFire);
    if (!isInTurn) return { jobId, generation, fireAt: nextFire };
  }
  return filled === undefined ? undefined : { jobId, generation, runId: filled };
}

/** When the run of the next fire begins. */
function dueAt(wish: Wish, nextFire: number): number {
  return wish.nextRunAt ?? nextFire;
}

async function sleepUntilDueOrTold(
  { wish, leadMs }: JobLife,
  inbox: Message[],
  atMostMs: number | undefined,
): Promise<void> {
  const told = () => inbox.length > 0;
  if (wish.status !== 'paused' && wish.nextFire !== null) {
    const untilDue = Math.max(dueAt(wish, wish.nextFire) - leadMs - Date.now(), 1);
    await condition(told, Math.min(untilDue, atMostMs ?? untilDue));
  } else if (atMostMs !== undefined) {
    await condition(told, atMostMs);
  } else if (wish.pauseUntil !== undefined && wish.status === 'paused') {
    const woken = wish.pauseUntil > Date.now() && (await condition(told, wish.pauseUntil - Date.now()));
    if (!woken) inbox.push({ command: 'resume', actor: 'scheduler', pauseUntil: wish.pauseUntil });
  } else {
    await condition(told);
  }
}

/** Has one run executed, and follows what is told meanwhile: a job or a run that is cancelled stops it, and so may a fire that overlaps. */
async function runOne(life: JobLife, inbox: Message[], run: ExecuteRunInput): Promise<void> {
  const scope = new CancellationScope({ cancellable: true });
  const handed = life.wish;
  let ended = false;
  let wasOverlapped = false;
  const running = scope
    .run(() => executeRun(life, run))
    .catch((error: unknown) => answerOfFailure(error, wasOverlapped ? { ...run, wasOverlapped } : run))
    .finally(() => (ended = true));
  const endedOrTold = () => ended || inbox.length > 0;
  const watch = life.wish.overlap === undefined ? undefined : await beginWatch(life, run);
  while (!ended) {
    const woken = watch ? await condition(endedOrTold, timeLeft(watch)) : (await condition(endedOrTold), true);
    if (!woken && watch) wasOverlapped = (await meet(life, watch, scope)) || wasOverlapped;
    if (watch || hasMore(life, inbox)) await heed(life, inbox);
    if (life.wish.status === 'cancelled' || isToStop(life.wish, run)) scope.cancel();
    if (watch) lookAhead(watch, life, run);
    if (watch || hasMore(life, inbox)) await handOver(life);
  }
  const { wish } = await running;
  // What the run learnt of its job when it ended is the newest there is, unless a newer wish was told meanwhile.
  life.wish = life.wish === handed ? wish : newerWish(wish, life.wish);
}

/** Shows the job's status to operators; costs an event, so only when it changes, and not for the success that ends most jobs. */
function show(life: JobLife): void {
  const status = life.wish.status === 'running' ? 'pending' : life.wish.status;
  if (status === life.shownStatus || status === 'completed') return;
  upsertSearchAttributes([{ key: searchAttributes.jobStatus, value: status }]);
  life.shownStatus = status;
}

/**
 * Temporal suggests it only after thousands of events; reading so many again, for many jobs at once, is what a worker
 * that has just started can't do within a workflow task's time.
 */
function shouldContinueAsNew({ turnsPerExecution = TURNS_PER_EXECUTION }: JobLife, turn: number): boolean {
  return turn > turnsPerExecution || workflowInfo().continueAsNewSuggested;
}
