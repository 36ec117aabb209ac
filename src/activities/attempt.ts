import type { Handler, RunContext } from '../handlers/handler.js';
import { resultThatFits } from '../handlers/shared/result.js';
import type { JobRecord } from '../store/job-record.js';
import { attemptErrorOf, type AttemptError } from './failure.js';

/** How long a handler may take to heed its signal before the attempt ends without it, in milliseconds. */
export const ABORT_GRACE_MS = 10_000;

/** How one call of a handler ended. */
export type AttemptEnd =
  | { kind: 'completed'; result: unknown }
  | { kind: 'failed'; error: AttemptError }
  | { kind: 'timed_out'; error: AttemptError }
  /** Something outside stopped it: the run was cancelled, or the node shuts down. */
  | { kind: 'stopped' };

/** How long an attempt may take: what its job allows, or what is left of the deadline of its run, if that is less. */
export interface TimeLimit {
  limitMs: number;
  error: AttemptError;
}

/** The limit of an attempt that begins at `now`. Instants are epoch milliseconds. */
export function timeLimitOf(
  { timeoutMs, deadlineMs }: Pick<JobRecord, 'timeoutMs' | 'deadlineMs'>,
  startedAt: number,
  now: number,
): TimeLimit {
  const leftMs = deadlineMs === null ? Infinity : Math.max(0, startedAt + deadlineMs - now);
  const base = { retryAfterMs: undefined };
  if (deadlineMs !== null && leftMs <= timeoutMs) {
    const message = `The run took longer than ${deadlineMs} ms, all its attempts together.`;
    return { limitMs: leftMs, error: { ...base, code: 'deadline', message, retryable: false } };
  }
  const message = `The attempt took longer than ${timeoutMs} ms.`;
  return { limitMs: timeoutMs, error: { ...base, code: 'timeout', message, retryable: true } };
}

/**
 * Calls a handler once, for as long as `time` allows, until it answers, throws, or `stop` aborts. A handler that does not
 * heed its signal is left behind after a grace.
 */
export async function callHandler(
  handler: Handler,
  payload: unknown,
  time: TimeLimit,
  stop: AbortSignal,
  context: Omit<RunContext, 'signal'>,
): Promise<AttemptEnd> {
  if (stop.aborted) return { kind: 'stopped' };
  if (time.limitMs <= 0) return { kind: 'timed_out', error: time.error };
  const parsed = handler.definition.payloadSchema.safeParse(payload);
  if (!parsed.success) return { kind: 'failed', error: invalidPayload };

  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(new Error('the attempt took too long')), time.limitMs);
  const signal = AbortSignal.any([stop, timeout.signal]);
  try {
    const answer = await Promise.race([handler.run({ ...context, signal }, parsed.data), afterGrace(signal)]);
    return { kind: 'completed', result: resultThatFits(answer) };
  } catch (thrown) {
    if (stop.aborted) return { kind: 'stopped' };
    if (timeout.signal.aborted) return { kind: 'timed_out', error: time.error };
    return { kind: 'failed', error: attemptErrorOf(thrown) };
  } finally {
    clearTimeout(timer);
  }
}

/** Only a handler of a newer release can refuse what was accepted; another attempt would not help. */
const invalidPayload: AttemptError = {
  code: 'payload_invalid',
  message: 'The handler of this release does not take the payload of this job.',
  retryable: false,
  retryAfterMs: undefined,
};

/** Rejects when `signal` has been aborted for the length of the grace. */
function afterGrace(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener(
      'abort',
      () => setTimeout(() => reject(new Error('the handler did not heed its signal')), ABORT_GRACE_MS).unref(),
      { once: true },
    );
  });
}
