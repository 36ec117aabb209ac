import { ApplicationFailure, ApplicationFailureCategory, TemporalFailure } from '@temporalio/common';
import type { Logger } from 'pino';
import type { RetryPolicy } from '../domain/job.js';
import type { RunError } from '../domain/run.js';
import { isHandlerError } from '../handlers/handler.js';

const MAX_MESSAGE_LENGTH = 2_048;

/** A failed attempt, as the ledger tells it. */
export interface AttemptError extends RunError {
  retryable: boolean;
  retryAfterMs: number | undefined;
}

/** What a handler threw, as an error of the attempt: an ordinary error may be tried again. */
export function attemptErrorOf(thrown: unknown): AttemptError {
  const isKnown = isHandlerError(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: isKnown ? thrown.code : 'handler_error',
    message: message.slice(0, MAX_MESSAGE_LENGTH),
    retryable: isKnown ? thrown.retryable : true,
    retryAfterMs: isKnown ? thrown.retryAfterMs : undefined,
  };
}

/** How long to wait before the next attempt, in milliseconds: exponential, with up to a tenth of jitter. */
export function backoffMs(retry: RetryPolicy, attempt: number, retryAfterMs: number | undefined): number {
  const exponential = retry.initialIntervalMs * retry.backoffCoefficient ** (attempt - 1);
  const wait = Math.min(exponential, retry.maxIntervalMs) * (1 + Math.random() / 10);
  return Math.ceil(Math.max(wait, retryAfterMs ?? 0));
}

/**
 * Fails this execution of the activity so that Temporal has it executed again after `waitMs`. Its message is all that
 * Temporal's history learns of the failure: numbers and fixed words, nothing a handler wrote.
 */
export function executeAgain(message: string, waitMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'ExecuteAgain',
    nextRetryDelay: waitMs,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/**
 * Runs an activity so that nothing of an unexpected error (a statement's values, a user's expression) gets into
 * Temporal's history: it is logged here, and Temporal learns that there was one, and executes the activity again.
 */
export async function withoutUserText<T>(logger: Logger, activity: () => Promise<T>): Promise<T> {
  try {
    return await activity();
  } catch (error) {
    if (error instanceof TemporalFailure) throw error;
    logger.error({ err: error }, 'an activity failed; it will be executed again');
    throw ApplicationFailure.retryable('the activity failed; the log of the worker says why', 'Unexpected');
  }
}
