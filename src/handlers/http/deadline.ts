import { HandlerError } from '../handler.js';

/**
 * Runs `work` with a signal that aborts when the run's signal does, or after `timeoutMs`. Rejects as soon as that
 * happens, even if the work goes on for a moment: a connection being made heeds no signal.
 *
 * @throws HandlerError `http_timeout` (retryable) at the timeout; the run's own reason when its signal aborts
 */
export async function withDeadline<T>(
  runSignal: AbortSignal,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  runSignal.throwIfAborted();
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(timeoutFailure(timeoutMs)), timeoutMs);
  const signal = AbortSignal.any([runSignal, deadline.signal]);
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(signal), aborted]);
  } catch (error) {
    // What the work rejects with on an abort is only an echo of it.
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const timeoutFailure = (timeoutMs: number): HandlerError =>
  new HandlerError('http_timeout', `The server gave no whole answer within ${timeoutMs} ms.`);
