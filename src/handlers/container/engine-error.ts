import { STATUS_CODES } from 'node:http';
import { HandlerError } from '../handler.js';
import type { Sayable } from './sayable.js';

/** A request to the engine that failed. Inside this folder only: its text may quote the payload. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** Undefined: there was no (whole) answer. */
  readonly status: number | undefined;
  /** The system's code where there was no answer. */
  readonly code: string;
  /** The engine's own words. */
  readonly text: string;

  constructor(
    readonly doing: string,
    { status, code = 'unknown', text = '' }: { status?: number; code?: string; text?: string },
  ) {
    super(`The container engine failed while ${doing}.`);
    this.status = status;
    this.code = code;
    this.text = text;
  }
}

export const hasStatus = (error: unknown, ...statuses: number[]): boolean =>
  error instanceof EngineError && error.status !== undefined && statuses.includes(error.status);

/** Whether the engine gave no (whole) answer, so that what it did is not known. */
export const isUnanswered = (error: unknown): boolean => error instanceof EngineError && error.status === undefined;

/** What a request failed with, as dockerode or the connection says it. A run that is over keeps its own reason. */
export function unanswered(doing: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return isTimeout(signal.reason) ? new EngineError(doing, { code: 'ETIMEDOUT' }) : signal.reason;
  const { statusCode: status, code, message = '' } = error as { statusCode?: number; code?: string; message?: string };
  if (status === undefined) return new EngineError(doing, { code: code ?? 'unknown' });
  return new EngineError(doing, { status, text: message.replace(/^\(HTTP code \d+\) unexpected - /, '').trim() });
}

const isTimeout = (reason: unknown): boolean => reason instanceof DOMException && reason.name === 'TimeoutError';

/**
 * Answers besides 5xx that may be different next time. 404: somebody has removed the container; 409: another container of
 * the run is in the way, or being removed.
 */
const RETRYABLE_STATUS: ReadonlySet<number> = new Set([404, 408, 409, 425, 429]);

/** What an attempt fails with: a code, a status and as much of the engine's words as can be told. */
export function engineFailure(error: unknown, sayable: Sayable): unknown {
  if (!(error instanceof EngineError)) return error;
  const { doing, status, code } = error;
  if (status === undefined) {
    return new HandlerError(
      'engine_unreachable',
      `The container engine could not be reached while ${doing} (${code}).`,
    );
  }
  const words = sayable(error.text);
  const answer = [status, STATUS_CODES[status]].filter(Boolean).join(' ');
  return new HandlerError(
    'engine_error',
    `The container engine answered ${answer} while ${doing}${words === '' ? '.' : `: ${words}`}`,
    { retryable: status >= 500 || RETRYABLE_STATUS.has(status) },
  );
}
