import { cancellationSignal } from '@temporalio/activity';
import { wishOf } from '../store/wish-of.js';
import { readRun, type RunView } from '../store/run-view.js';
import type { ExecuteRunInput, WishAnswer } from '../workflows/messages.js';
import { isFinal } from '../domain/status.js';
import { priorityKeyOf } from '../domain/job.js';
import { isByHand } from '../domain/run.js';
import type { ExecutorActivities } from './activities.js';
import { beginRun } from './begin-run.js';
import { whyCancelled } from './cancelled.js';
import { finish } from './end-run.js';
import { executeAgain, withoutUserText } from './failure.js';
import { beatEvery, IDLE_HEARTBEAT_MS } from './heartbeat.js';
import { performAttempt } from './perform-attempt.js';
import type { ExecutorPorts } from './ports.js';
import { keyOf, wishOfMissingJob } from './run-key.js';

/** Makes the activities of a worker of a pool. */
export function createExecutorActivities(ports: ExecutorPorts): ExecutorActivities {
  return { executeRun: (input) => withoutUserText(ports.logger, () => executeRun(ports, input)) };
}

/**
 * One run, from before its instant to its end: read what there is to know, hold until the instant, wait for a place on
 * this node, claim, run the handler, write how it ended. Always answers with the newest wish of the job.
 */
async function executeRun(ports: ExecutorPorts, input: ExecuteRunInput): Promise<WishAnswer> {
  const stopWaiting = AbortSignal.any([cancellationSignal(), ports.draining]);
  const release = ports.observer.held();
  const stopBeating = beatEvery(IDLE_HEARTBEAT_MS);
  try {
    const view = await readRun(ports.db, input.jobId, keyOf(input));
    const settled = view && (await alreadyDecided(ports, input, view));
    if (!view) return { wish: wishOfMissingJob(input) };
    if (settled) return settled;
    await ports.clock.waitUntil(dueAt(view, input), stopWaiting);

    return await ports.slots.run(priorityKeyOf(view.job.priority), stopWaiting, async () => {
      release();
      const begun = await beginRun(ports, input, view);
      return 'wish' in begun ? begun : performAttempt(ports, begun);
    });
  } catch (error) {
    // Held or waiting when the node began to stop or the job was cancelled: nothing has begun, and another node goes on.
    if (stopWaiting.aborted && error === stopWaiting.reason) throw executeAgain('stopped before it began', 1);
    throw error;
  } finally {
    release();
    stopBeating();
  }
}

/** When the run is to begin: a fire that is yet to be claimed at its effective time; a further attempt, or what waits, at once. */
function dueAt({ job, run }: RunView, { fireAt }: ExecuteRunInput): number {
  const hasBegun = run !== null && run.attempts > 0;
  return job.next === null || job.next.fireAt !== fireAt || hasBegun ? 0 : job.next.runAt;
}

/** The answer when there is nothing to begin: the job or the run has ended, or the job waits for another fire by now. */
async function alreadyDecided(
  ports: ExecutorPorts,
  input: ExecuteRunInput,
  view: RunView,
): Promise<WishAnswer | undefined> {
  const { job, run, openRuns } = view;
  const answer = { wish: wishOf(job, openRuns) };
  if (!run)
    return isFinal(job.status) || job.status === 'paused' || job.next?.fireAt !== input.fireAt ? answer : undefined;
  if (run.outcome === 'running') {
    const attempt = { runId: run.id, attempt: run.attempts, job, trigger: run.trigger };
    if (isFinal(job.status) || run.cancelRequest) {
      return finish(ports, attempt, { outcome: 'cancelled', reason: whyCancelled(job, run.cancelRequest) });
    }
    if (run.attempts < job.retry.maxAttempts) return undefined;
    const error = { code: 'node_lost', message: 'The node that ran the last attempt stopped before it ended.' };
    return finish(ports, attempt, { outcome: 'failed', reason: error.message, error });
  }
  if (run.outcome === 'waiting') {
    const isHeldBack = job.status === 'paused' && !isByHand(run.trigger);
    return isFinal(job.status) || isHeldBack || run.waitsFor !== null ? answer : undefined;
  }
  const isNamedAgain = run.attempts === 0 && job.next?.fireAt === input.fireAt && !isFinal(job.status);
  return isNamedAgain ? undefined : answer;
}
