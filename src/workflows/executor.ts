import { ActivityCancellationType, ActivityFailure, ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { ExecutorActivities, SchedulerActivities } from '../activities/activities.js';
import { executorTaskQueueOf } from '../domain/ids.js';
import { orderOf, type Wish } from '../domain/wish.js';
import { RUN_FAILED, type EndRunInput, type WishAnswer } from './messages.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export const scheduler = proxyActivities<SchedulerActivities>({
  startToCloseTimeout: 30 * SECOND,
  retry: { initialInterval: SECOND, maximumInterval: 30 * SECOND },
});

/** The pool's workers, with the priority of the job. Attempts are counted in the ledger, not by Temporal's retries. */
export function executorFor(
  wish: Pick<Wish, 'pool' | 'timeoutMs' | 'priorityKey' | 'weight'>,
  projectId: string,
): ExecutorActivities {
  return proxyActivities<ExecutorActivities>({
    taskQueue: executorTaskQueueOf(wish.pool),
    // Heartbeats tell of a dead node; this only bounds how long a live one may hold, queue and run.
    startToCloseTimeout: wish.timeoutMs + 60 * MINUTE,
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
