import type { Waiting } from '../commands/index.js';
import type { Attempt, ProjectRun, Run, WholeRun } from '../contract/answers.js';
import type { RunError, RunOutcome } from '../domain/run.js';
import type { ProjectRunRecord } from '../store/project-runs.js';
import type { PastAttempt, RunRecord } from '../store/run-reads.js';
import type { PayloadReader } from './payload-reader.js';
import { at, atOrNone, optional, waitingAnswer } from './present.js';

/** Stands for what the handler of a failed run said, where the caller may not see what jobs work with. */
const HIDDEN = 'Shown only with the permission payload:read.';

export function runAnswer(run: RunRecord, reader: PayloadReader | null): Run {
  const result = reader?.resultOf(run);
  return {
    runId: run.id,
    jobId: run.jobId,
    trigger: run.trigger,
    scheduledFor: at(run.scheduledFor),
    ...optional('effectiveAt', atOrNone(run.effectiveAt)),
    ...optional('scheduledUntil', atOrNone(run.scheduledUntil)),
    fireCount: run.fireCount,
    ...optional('startedAt', atOrNone(run.startedAt)),
    ...optional('handlerStartedAt', atOrNone(run.handlerStartedAt)),
    ...optional('finishedAt', atOrNone(run.finishedAt)),
    outcome: run.outcome,
    ...optional('reason', run.reason),
    attempts: run.attempts,
    generation: run.generation,
    ...(result === undefined ? {} : { result }),
    ...(run.error && { error: shownError(run.error, reader !== null) }),
    ...optional('node', run.node),
    ...optional('retryOf', run.retryOf),
    ...(run.upstream ? { upstream: run.upstream } : {}),
    ...(run.outcome === 'running' && run.progress ? { progress: run.progress } : {}),
    ...(run.outcome === 'running' ? optional('nextAttemptAt', atOrNone(run.waitUntil)) : {}),
    ...(run.cancelRequest ? { cancelRequested: run.cancelRequest } : {}),
  };
}

export function projectRun(run: ProjectRunRecord, reader: PayloadReader | null): ProjectRun {
  return { ...runAnswer(run, reader), jobName: run.jobName };
}

/** A run with its attempts: those before the last one have rows of their own, the last one is the run's. */
export function wholeRun(
  run: RunRecord,
  { past, waiting }: { past: readonly PastAttempt[]; waiting: Waiting | null },
  reader: PayloadReader | null,
): WholeRun {
  const answer = runAnswer(run, reader);
  const isBetween = past.some((one) => one.attempt === run.attempts);
  const last: Attempt = {
    attempt: run.attempts,
    ...optional('startedAt', atOrNone(run.attemptStartedAt ?? run.startedAt)),
    ...optional('finishedAt', atOrNone(run.finishedAt)),
    outcome: attemptOutcomeOf(run.outcome),
    ...(answer.error ? { error: answer.error } : {}),
    ...optional('node', run.node),
  };
  const attemptList = past.map((one) => pastAttempt(one, reader !== null));
  return {
    ...answer,
    attemptList: run.attempts === 0 || isBetween ? attemptList : [...attemptList, last],
    ...(waiting ? { waiting: waitingAnswer(waiting) } : {}),
  };
}

function pastAttempt({ error, ...past }: PastAttempt, mayReadPayload: boolean): Attempt {
  return {
    attempt: past.attempt,
    ...optional('startedAt', atOrNone(past.startedAt)),
    finishedAt: at(past.finishedAt),
    outcome: past.outcome,
    ...(error ? { error: shownError(error, mayReadPayload) } : {}),
    ...optional('node', past.node),
  };
}

/** How the last attempt of a run ended: as the run did. */
function attemptOutcomeOf(outcome: RunOutcome): Attempt['outcome'] {
  switch (outcome) {
    case 'running':
    case 'completed':
    case 'failed':
    case 'timed_out':
      return outcome;
    default:
      return 'cancelled';
  }
}

function shownError({ code, message }: RunError, mayReadPayload: boolean): RunError {
  return { code, message: mayReadPayload ? message : HIDDEN };
}
