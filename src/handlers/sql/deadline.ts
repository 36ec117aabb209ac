import { HandlerError } from '../handler.js';

/** The server ends a statement by itself at the timeout; this is how much longer its answer may take. */
const GRACE_MS = 2_000;

/** A signal that aborts when one of `others` does, or a moment after `timeoutMs` for a server that no longer answers. */
export function deadlineSignal(
  timeoutMs: number,
  others: readonly AbortSignal[],
): { signal: AbortSignal; clear(): void } {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(timeoutFailure(timeoutMs)), timeoutMs + GRACE_MS);
  return { signal: AbortSignal.any([deadline.signal, ...others]), clear: () => clearTimeout(timer) };
}

export const timeoutFailure = (timeoutMs: number): HandlerError =>
  new HandlerError(
    'sql_timeout',
    `The statement did not end within ${timeoutMs} ms, the wait for a connection included.`,
  );
