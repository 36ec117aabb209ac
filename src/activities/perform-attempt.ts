import { cancellationDetails, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { RunContext } from '../handlers/handler.js';
import { LOG_LINE_OVERHEAD } from '../handlers/shared/run-limits.js';
import { noteAttempt, type AttemptOutcome } from '../store/run-end.js';
import type { JobRecord } from '../store/job-record.js';
import { readRun } from '../store/run-view.js';
import { writeProgress } from '../store/run-facts.js';
import { appendRunLogs, readLogLength } from '../store/run-logs.js';
import { RUN_FAILED, type WishAnswer } from '../workflows/messages.js';
import { callHandler, timeLimitOf, type AttemptEnd } from './attempt.js';
import type { BegunRun } from './begin-run.js';
import { whyCancelled } from './cancelled.js';
import { finish } from './end-run.js';
import { backoffMs, executeAgain, type AttemptError } from './failure.js';
import { beatEvery, BUSY_HEARTBEAT_MS } from './heartbeat.js';
import { openPayload, openPreviousResult, openUpstream, sealResult } from './sealed-values.js';
import type { ExecutorPorts } from './ports.js';
import { SealError } from '../security/encryption/vault.js';
import { createRunLog, type RunLog } from './run-log.js';
import { createRunProgress, type RunProgress } from './run-progress.js';

/** Calls the handler of a run that has begun, and writes how the attempt ended. */
export async function performAttempt(ports: ExecutorPorts, run: BegunRun): Promise<WishAnswer> {
  const { job, runId, attempt } = run;
  const where = { projectId: job.projectId, jobId: job.id, runId, attempt };
  const used = attempt > 1 ? await readLogLength(ports.db, runId, LOG_LINE_OVERHEAD) : 0;
  const log = createRunLog(
    {
      now: ports.clock.now,
      append: (lines) => appendRunLogs(ports.db, where, lines),
      takeBytes: (bytes) => ports.logQuota.take(job.projectId, bytes),
    },
    used,
  );
  const progress = createRunProgress(ports.clock.now, (told) => writeProgress(ports.db, where, told));
  const stopBeating = beatEvery(BUSY_HEARTBEAT_MS);
  const watch = ports.stopWatch.watch({ runId, attempt });
  try {
    const handlerStartedAt = ports.clock.now();
    ports.observer.began({ handler: job.handler, latenessMs: latenessOf(run, handlerStartedAt) });
    const end = await callOnce(ports, run, log, progress, watch.signal);
    ports.observer.attemptEnded({ handler: job.handler, durationMs: ports.clock.now() - handlerStartedAt });
    const isToEnd = watch.signal.aborted || cancellationDetails()?.cancelRequested === true;
    return await endAttempt(ports, run, end, { handlerStartedAt, isToEnd }, log);
  } finally {
    watch.forget();
    stopBeating();
  }
}

/** How late a first attempt begins, in milliseconds; of a run beside the schedule, a retry or a fire caught up, nothing. */
function latenessOf(run: BegunRun, handlerStartedAt: number): number | undefined {
  const isCaughtUp = run.job.catchUpUntil !== null && run.scheduledFor <= run.job.catchUpUntil;
  return run.dueAt === undefined || run.attempt > 1 || isCaughtUp ? undefined : handlerStartedAt - run.dueAt;
}

async function callOnce(
  ports: ExecutorPorts,
  run: BegunRun,
  log: RunLog,
  progress: RunProgress,
  toEnd: AbortSignal,
): Promise<AttemptEnd> {
  const { job } = run;
  const handler = ports.handlers.get(job.handler);
  if (!handler) {
    const message = `This node has no handler ${JSON.stringify(job.handler)}.`;
    return { kind: 'failed', error: { code: 'handler_missing', message, retryable: true, retryAfterMs: undefined } };
  }
  const context: Omit<RunContext, 'signal'> = {
    projectId: job.projectId,
    jobId: job.id,
    runId: run.runId,
    attempt: run.attempt,
    scheduledFor: new Date(run.scheduledFor),
    log: log.write,
    progress: progress.report,
    previousResult: () => openPreviousResult(ports, run),
    upstream: () => openUpstream(ports, run),
  };
  const payload = payloadOf(ports, run);
  if ('error' in payload) return { kind: 'failed', error: payload.error };
  const time = timeLimitOf(job, run.startedAt, ports.clock.now());
  try {
    const stop = AbortSignal.any([cancellationSignal(), toEnd]);
    return await callHandler(handler, payload.value, time, stop, context);
  } finally {
    // However it ended: what a handler that was left behind still tells is no longer of this attempt.
    await progress.stop();
  }
}

/** Another attempt may be made by a node that has the key. */
function payloadOf(ports: ExecutorPorts, run: BegunRun): { value: unknown } | { error: AttemptError } {
  try {
    return { value: openPayload(ports, run) };
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    ports.logger.error({ err: error, jobId: run.job.id, runId: run.runId }, 'a payload could not be opened');
    return {
      error: { code: 'payload_unreadable', message: error.message, retryable: true, retryAfterMs: undefined },
    };
  }
}

async function endAttempt(
  ports: ExecutorPorts,
  run: BegunRun,
  end: AttemptEnd,
  { handlerStartedAt, isToEnd }: { handlerStartedAt: number; isToEnd: boolean },
  log: RunLog,
): Promise<WishAnswer> {
  if (end.kind === 'completed') {
    const logs = await log.take();
    return finish(ports, run, {
      outcome: 'completed',
      result: sealResult(ports, run, end.result),
      handlerStartedAt,
      logs,
    });
  }
  if (end.kind === 'stopped') {
    // Of a run that is another attempt's by now nothing is written: `finish` names the attempt.
    if (isToEnd) {
      log.note('warn', 'The run was cancelled.');
      const logs = await log.take();
      const view = await readRun(ports.db, run.job.id, { runId: run.runId });
      const reason = (now: JobRecord) => whyCancelled(now, view?.run?.cancelRequest ?? null);
      return finish(ports, run, { outcome: 'cancelled', reason, handlerStartedAt, logs });
    }
    const why = cancellationDetails()?.workerShutdown ? 'its node shuts down' : 'Temporal took it from its node';
    log.note('warn', `Attempt ${run.attempt} was stopped: ${why}. Another node makes the next one.`);
    await writeRest(ports, run, log);
    await writeDown(ports, run, { outcome: 'stopped', error: null, handlerStartedAt, waitMs: 0 });
    throw executeAgain(`attempt ${run.attempt} was stopped: ${why}`, 1);
  }
  return endFailed(ports, run, end, handlerStartedAt, log);
}

async function endFailed(
  ports: ExecutorPorts,
  run: BegunRun,
  end: Extract<AttemptEnd, { error: AttemptError }>,
  handlerStartedAt: number,
  log: RunLog,
): Promise<WishAnswer> {
  const { job, attempt } = run;
  const { code, message, retryAfterMs } = end.error;
  const retryable = end.error.retryable && !job.retry.nonRetryable?.includes(code);
  const of = `Attempt ${attempt} of ${job.retry.maxAttempts}`;
  const waitMs = backoffMs(job.retry, attempt, retryAfterMs);
  const isPastDeadline = job.deadlineMs !== null && ports.clock.now() + waitMs >= run.startedAt + job.deadlineMs;
  if (retryable && attempt < job.retry.maxAttempts && !isPastDeadline) {
    log.note('warn', `${of} failed (${code}): ${message} The next one begins in ${waitMs} ms.`);
    await writeRest(ports, run, log);
    await writeDown(ports, run, { outcome: end.kind, error: { code, message }, handlerStartedAt, waitMs });
    throw executeAgain(`${of} failed: ${code}`, waitMs);
  }
  log.note('error', `${of} failed (${code}): ${message}`);
  const answer = await finish(ports, run, {
    outcome: end.kind,
    // A reason is for everyone who may see the job; what the handler said is for those who may see its payload.
    reason: `${of} failed (${code})${whyTheLast(job, attempt, { retryable, isPastDeadline })}.`,
    error: { code, message },
    handlerStartedAt,
    logs: await log.take(),
  });
  // Failing the activity shows operators that the run failed; the workflow finds the wish in the details.
  // Benign: a user's job failed, which the ledger tells, not the worker.
  throw ApplicationFailure.create({
    message: `${of} failed: ${code}`,
    type: RUN_FAILED,
    nonRetryable: true,
    details: [answer],
    category: ApplicationFailureCategory.BENIGN,
  });
}

function whyTheLast(
  { retry }: JobRecord,
  attempt: number,
  { retryable, isPastDeadline }: { retryable: boolean; isPastDeadline: boolean },
): string {
  if (attempt >= retry.maxAttempts) return '';
  if (!retryable) return ', and is not tried again';
  return isPastDeadline ? ', and another one would come after the deadline of the run' : '';
}

/** Writes an attempt down that another one follows. */
async function writeDown(
  ports: ExecutorPorts,
  { job, runId, attempt }: BegunRun,
  {
    waitMs,
    ...end
  }: {
    outcome: AttemptOutcome;
    error: { code: string; message: string } | null;
    handlerStartedAt: number;
    waitMs: number;
  },
): Promise<void> {
  const now = ports.clock.now();
  await noteAttempt(ports.db, { jobId: job.id, runId, attempt }, { ...end, nextAt: now + waitMs }, now);
}

async function writeRest(ports: ExecutorPorts, run: BegunRun, log: RunLog): Promise<void> {
  const lines = await log.take();
  const where = { projectId: run.job.projectId, jobId: run.job.id, runId: run.runId, attempt: run.attempt };
  if (lines.length > 0) await appendRunLogs(ports.db, where, lines);
}
