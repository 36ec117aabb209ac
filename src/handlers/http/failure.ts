import { STATUS_CODES } from 'node:http';
import { HandlerError, NonRetryableError } from '../handler.js';
import { isTlsCode } from '../shared/tls-code.js';
import { retryAfterMs } from './retry-after.js';

/** Answers that may be different next time; every other one outside 2xx would only repeat. */
const RETRYABLE_STATUS: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * The failure of an answered request: 408, 425, 429 and 5xx may be tried again, not before `Retry-After` if it says so.
 *
 * @param expected the statuses that the payload names in place of 2xx
 */
export function statusFailure(
  status: number,
  retryAfter: string | undefined,
  nowMs: number,
  expected?: readonly number[],
): HandlerError {
  const reason = STATUS_CODES[status];
  const instead = expected ? `, where ${expected.join(' or ')} was expected` : '';
  const message = `The server answered ${status}${reason ? ` ${reason}` : ''}${instead}.`;
  if (status < 500 && !RETRYABLE_STATUS.has(status)) return new NonRetryableError('http_status', message);
  const waitMs = retryAfter === undefined ? undefined : retryAfterMs(retryAfter, nowMs);
  return new HandlerError('http_status', message, waitMs === undefined ? {} : { retryAfterMs: waitMs });
}

/** The failure of a request that got no (whole) answer. Only the cause's code is told: its text may hold addresses. */
export function networkFailure(error: unknown): HandlerError {
  if (error instanceof HandlerError) return error;
  const code = codeOf(error);
  if (isTlsCode(code)) {
    return new NonRetryableError('http_tls', `No secure connection to the server could be made (${code}).`, {
      cause: error,
    });
  }
  return new HandlerError('http_network', `The exchange with the server failed (${code}).`, { cause: error });
}

/** The system's, OpenSSL's or undici's code. When several addresses were tried, that of the first. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('errors' in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return 'name' in error && typeof error.name === 'string' ? error.name : 'unknown';
}
