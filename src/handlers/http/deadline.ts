import { HandlerError } from '../handler.js';
import { untilAborted } from '../shared/until-aborted.js';

/** The time that an attempt's exchange may take, spent only while `run` runs: waiting for a turn in between is free. */
export interface Deadline {
  /**
   * Runs `work` with a signal that aborts when the run's signal does, or when the time is spent. Rejects as soon as that
   * happens, even if the work goes on for a moment: a connection being made heeds no signal.
   *
   * @throws HandlerError `http_timeout` (retryable) when the time is spent; the run's own reason when its signal aborts
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Whole milliseconds spent so far. */
  spentMs(): number;
}

export function createDeadline(runSignal: AbortSignal, timeoutMs: number): Deadline {
  let spentBeforeMs = 0;
  let startedAt: number | undefined;
  const spentMs = (): number => spentBeforeMs + (startedAt === undefined ? 0 : performance.now() - startedAt);
  return {
    async run(work) {
      runSignal.throwIfAborted();
      const timeUp = new AbortController();
      const leftMs = Math.max(0, timeoutMs - spentMs());
      const timer = setTimeout(() => timeUp.abort(timeoutFailure(timeoutMs)), leftMs);
      const signal = AbortSignal.any([runSignal, timeUp.signal]);
      startedAt = performance.now();
      try {
        return await untilAborted(signal, work(signal));
      } catch (error) {
        // What the work rejects with on an abort is only an echo of it.
        signal.throwIfAborted();
        throw error;
      } finally {
        clearTimeout(timer);
        spentBeforeMs = spentMs();
        startedAt = undefined;
      }
    },
    spentMs: () => Math.round(spentMs()),
  };
}

const timeoutFailure = (timeoutMs: number): HandlerError =>
  new HandlerError('http_timeout', `The server gave no whole answer within ${timeoutMs} ms.`);
