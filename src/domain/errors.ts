/** Every way a request can be refused: a stable code, and whether asking again later can help. */
export const errorCodes = {
  validation_failed: { status: 422, title: 'The request is not valid', retryable: false },
  malformed_request: { status: 400, title: 'The request cannot be read', retryable: false },
  unauthenticated: { status: 401, title: 'A valid API key or access token is needed', retryable: false },
  forbidden: { status: 403, title: 'This caller may not do that', retryable: false },
  project_unnamed: { status: 400, title: 'The request does not say which project is meant', retryable: false },
  not_found: { status: 404, title: 'There is nothing here', retryable: false },
  job_not_found: { status: 404, title: 'No such job', retryable: false },
  calendar_not_found: { status: 404, title: 'No such calendar', retryable: false },
  key_not_found: { status: 404, title: 'No such key', retryable: false },
  project_not_found: { status: 404, title: 'No such project', retryable: false },
  member_not_found: { status: 404, title: 'No such member', retryable: false },
  run_not_found: { status: 404, title: 'No such run', retryable: false },
  method_not_allowed: { status: 405, title: 'This method is not allowed here', retryable: false },
  not_acceptable: { status: 406, title: 'Only JSON is served here', retryable: false },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key was used for another request', retryable: false },
  idempotency_in_progress: { status: 409, title: 'The request of this Idempotency-Key is under way', retryable: true },
  idempotency_answer_not_kept: { status: 409, title: 'What was made is shown once', retryable: false },
  conflict: { status: 409, title: 'It is not in a state for that', retryable: false },
  precondition_failed: { status: 412, title: 'The job has changed since', retryable: false },
  payload_too_large: { status: 413, title: 'The request is too large', retryable: false },
  unsupported_media_type: { status: 415, title: 'The body is of another type than this call takes', retryable: false },
  quota_exceeded: { status: 429, title: 'A quota of the project is used up', retryable: false },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  headers_too_large: { status: 431, title: 'The request has too many headers', retryable: false },
  unavailable: { status: 503, title: 'Carillon cannot answer just now', retryable: true },
  internal: { status: 500, title: 'Something went wrong inside Carillon', retryable: true },
} as const;
export type ErrorCode = keyof typeof errorCodes;

/**
 * One thing that is wrong with a request. `pointer` is a JSON pointer into the body, `line` a line of a body of text,
 * `parameter` a path or query parameter.
 */
export interface Problem {
  pointer?: string;
  line?: number;
  parameter?: string;
  message: string;
}

/** A quota that stood in the way. */
export interface ExceededQuota {
  name: string;
  limit: number;
  used: number;
}

/** What there is to say of an error beside its code and sentence. */
export interface AppErrorOptions {
  problems?: readonly Problem[];
  quota?: ExceededQuota;
  /** When asking again can help at the earliest, from now on. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** An error with a public side (code, detail, problems, quota) and an inner one (cause), which is only logged. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];
  readonly quota: ExceededQuota | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.problems = options.problems ?? [];
    this.quota = options.quota;
    this.retryAfterMs = options.retryAfterMs;
  }
}
