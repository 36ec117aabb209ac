import { isHandlerError } from '../handlers/handler.js';
import { MAX_ERROR_LENGTH } from './limits.js';
import type { ThrownError } from './messages.js';

const CODE = /^[a-z][a-z0-9_]{0,63}$/;

/** What was thrown, as the worker is told of it. */
export function thrownError(thrown: unknown, what?: string): ThrownError {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const message = (what === undefined ? text : `${what}: ${text}`).slice(0, MAX_ERROR_LENGTH);
  if (!isHandlerError(thrown)) return { message };
  const { code, retryable, retryAfterMs } = thrown;
  const isTime = typeof retryAfterMs === 'number' && Number.isFinite(retryAfterMs) && retryAfterMs >= 0;
  return { code: CODE.test(code) ? code : 'handler_error', message, retryable, ...(isTime ? { retryAfterMs } : {}) };
}
