import type { RunContext } from '../handler.js';
import type { OutgoingRequest } from './request.js';

/** What an attempt's log line tells of it. */
export interface Seen {
  status?: number;
  error?: string;
  /** Whether it had to wait for its turn at a host. */
  waited: boolean;
}

/** Said at the beginning of a wait, so that whoever looks at a run that does nothing learns why. */
export function logWait(context: RunContext, host: string): void {
  context.log('debug', `Waiting for a turn: ${host} has as many requests from this node as it may have`, { host });
}

/** One line an attempt, without the URL's query, header values or bodies: those hold secrets. */
export function logAttempt(
  context: RunContext,
  { method, url }: OutgoingRequest,
  { waited, ...seen }: Seen,
  durationMs: number,
  waitedMs: number,
): void {
  const where = `${url.origin}${url.pathname}`;
  const outcome = seen.status === undefined ? `failed (${seen.error ?? 'unknown'})` : `answered ${seen.status}`;
  // Of a denied address not even a time is told: nothing was sent, and nothing there can be learnt from it.
  const isDenied = seen.error === 'address_denied';
  context.log('info', `${method} ${where} ${outcome}${isDenied ? '' : ` after ${durationMs} ms`}`, {
    method,
    url: where,
    ...(isDenied ? {} : { durationMs }),
    ...(waited && !isDenied ? { waitedMs } : {}),
    ...seen,
  });
}
