import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  proxyActivities,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { ExecutorActivities, SchedulerActivities } from '../activities/activities.js';
import { executorTaskQueueOf } from '../domain/ids.js';
import { agedKey } from '../domain/job.js';
import { orderOf, type Wish } from '../domain/wish.js';
import { RUN_FAILED, type EndRunInput, type ExecuteRunInput, type JobLife, type WishAnswer } from './messages.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** How long a run waits for a worker before it counts as one class more urgent, in milliseconds. */
const AGE_AFTER_MS = 5 * MINUTE;

export const scheduler = proxyActivities<SchedulerActivities>({
  startToCloseTimeout: 30 * SECOND,
  retry: { initialInterval: SECOND, maximumInterval: 30 * SECOND },
});

/** What the execution of a run goes by: of the life of its job, or of its own. */
type Order = Pick<JobLife, 'projectId' | 'ageAfterMs'> & {
  wish: Pick<Wish, 'pool' | 'timeoutMs' | 'priorityKey' | 'weight'>;
};

/**
 * Has a run executed by a worker of its pool. One that nobody has taken after `AGE_AFTER_MS` is scheduled again one class
 * up, so that none waits for ever behind what is more urgent. It may be a further attempt: the ledger counts those, and their backoff
 * is no part of the wait.
 */
export async function executeRun(
  { wish, projectId, ageAfterMs = AGE_AFTER_MS }: Order,
  run: ExecuteRunInput,
): Promise<WishAnswer> {
  let { priorityKey } = wish;
  for (;;) {
    const nextKey = agedKey(priorityKey);
    const waitAtMostMs = nextKey === undefined ? undefined : ageAfterMs;
    try {
      return await executorFor({ ...wish, priorityKey }, projectId, waitAtMostMs).executeRun(run);
    } catch (error) {
      if (nextKey === undefined || !wasNotTaken(error)) throw error;
      priorityKey = nextKey;
    }
  }
}

function wasNotTaken(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === 'SCHEDULE_TO_START'
  );
}

/** The pool's workers, with the priority of the job. Attempts are counted in the ledger, not by Temporal's retries. */
function executorFor(
  wish: Order['wish'],
  projectId: string,
  scheduleToStartTimeout: number | undefined,
): ExecutorActivities {
  return proxyActivities<ExecutorActivities>({
    taskQueue: executorTaskQueueOf(wish.pool),
    // Heartbeats tell of a dead node; this only bounds how long a live one may hold, queue and run.
    startToCloseTimeout: wish.timeoutMs + 60 * MINUTE,
    ...(scheduleToStartTimeout === undefined ? {} : { scheduleToStartTimeout }),
    heartbeatTimeout: 10 * SECOND,
    retry: { initialInterval: SECOND, backoffCoefficient: 2, maximumInterval: MINUTE },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    priority: orderOf(wish, projectId),
  });
}

/** A run that failed for good brings its answer along; of one that ended otherwise the outcome is yet to be written. */
export async function answerOfFailure(error: unknown, run: EndRunInput): Promise<WishAnswer> {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && cause.type === RUN_FAILED) {
    const [answer] = (cause.details ?? []) as [WishAnswer?];
    if (answer) return answer;
  }
  return scheduler.recordOutcome(run);
}
