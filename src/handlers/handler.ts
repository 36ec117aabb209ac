import type { ZodType } from 'zod';

/** The largest result of a run that is kept whole, in bytes of JSON. */
export const MAX_RESULT_BYTES = 64 * 1024;

/** How loud a log line of a run is. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** How a failed attempt is tried again, unless the job says otherwise. Durations in milliseconds. */
export interface RetryDefaults {
  maxAttempts: number;
  initialIntervalMs: number;
  backoffCoefficient: number;
  maxIntervalMs: number;
}

/**
 * What a job type is, apart from doing it: pure, so that the API can check a payload without loading the code that
 * runs it. `Payload` is what `payloadSchema` makes of the submitted JSON.
 */
export interface HandlerDefinition<Payload = unknown> {
  /** Lower case letters, digits, `-`; what a job's `handler` field names. */
  readonly name: string;
  readonly description: string;
  readonly payloadSchema: ZodType<Payload>;
  readonly defaults: { readonly timeoutMs: number; readonly retry: RetryDefaults };
}

/** What a run hands its handler. */
export interface RunContext {
  readonly jobId: string;
  /** The same for every attempt of a run: use it to make the work idempotent. */
  readonly runId: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** The instant the schedule named. */
  readonly scheduledFor: Date;
  /** Aborts on cancellation, at the attempt's timeout and when the node shuts down. A handler must heed it. */
  readonly signal: AbortSignal;
  /** Writes a line to the run's log; never blocks and never throws. `fields` must be plain JSON. */
  log(level: LogLevel, message: string, fields?: Record<string, unknown>): void;
}

/** The code of a job type. What `run` returns (JSON, at most 64 KiB) is the run's result; what it throws fails the attempt. */
export interface Handler<Payload = unknown> {
  readonly definition: HandlerDefinition<Payload>;
  run(context: RunContext, payload: Payload): Promise<unknown>;
}

/** What a handler throws to say more about a failure than an ordinary error does. */
export class HandlerError extends Error {
  override readonly name: string = 'HandlerError';
  /** A short stable code in snake_case (`http_status`, `address_denied`); the only part that leaves the database. */
  readonly code: string;
  readonly retryable: boolean;
  /** The shortest wait before the next attempt, in milliseconds, when the other side named one. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    options: { retryable?: boolean; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? true;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Ends the run: no further attempt is made. */
export class NonRetryableError extends HandlerError {
  override readonly name = 'NonRetryableError';

  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(code, message, { ...options, retryable: false });
  }
}
