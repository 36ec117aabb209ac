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
  /**
   * Whether it acts with the rights of its node (commands, containers, databases): then it works only on nodes whose
   * operator allows it (`CARILLON_ALLOW`), and jobs of it are taken from roles with the permission `handler:privileged` only.
   */
  readonly privileged?: boolean;
  /** Whether each run gets a process of its own, which can exhaust, hang or end without the node. Plugins: true when left out. */
  readonly isolated?: boolean;
}

/** A run whose end this one waited for. */
export interface UpstreamRun {
  readonly jobId: string;
  readonly runId: string;
  /** `completed`, `failed`, `timed_out` or `cancelled`. */
  readonly outcome: string;
  readonly result: unknown;
}

/** What a run hands its handler. */
export interface RunContext {
  readonly projectId: string;
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
  /** Tells how far the work is: 0 to 1, and a few words. Never blocks and never throws; written at most once a second. */
  progress(fraction: number, message?: string): void;
  /** The result of the job's last run that completed; undefined when there is none. */
  previousResult(): Promise<unknown>;
  /** The runs whose end this run waited for; none for a job that follows no other. */
  upstream(): Promise<readonly UpstreamRun[]>;
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

/**
 * Whether something thrown says more than an ordinary error does. By its shape: a plugin has this module of its own, so
 * that its errors are instances of another class of the same name.
 */
export function isHandlerError(thrown: unknown): thrown is HandlerError {
  if (!(thrown instanceof Error)) return false;
  const { code, retryable } = thrown as Partial<HandlerError>;
  return (
    thrown instanceof HandlerError || (ERROR_NAMES.has(thrown.name) && isCode(code) && typeof retryable === 'boolean')
  );
}

const ERROR_NAMES: ReadonlySet<string> = new Set(['HandlerError', 'NonRetryableError']);
const isCode = (code: unknown): boolean => typeof code === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(code);

/** Ends the run: no further attempt is made. */
export class NonRetryableError extends HandlerError {
  override readonly name = 'NonRetryableError';

  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(code, message, { ...options, retryable: false });
  }
}
