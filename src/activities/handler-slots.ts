import { AsyncResource } from 'node:async_hooks';
import PQueue from 'p-queue';

/**
 * The places in which handlers run on this node. Runs that are due and find none wait in the order of their priority,
 * then of their arrival.
 */
export interface HandlerSlots {
  /** Runs `work` as soon as there is a place; rejects, without having begun, when `signal` aborts while it waits. */
  run<T>(priorityKey: number, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** How many handlers may run at once. */
  readonly places: number;
  /** How many due runs wait for a place. */
  readonly waiting: number;
  /** How many handlers run. */
  readonly busy: number;
  /** Calls `listener` after each change of `waiting` or `busy`. */
  onChange(listener: () => void): void;
}

/** @param places how many handlers may run at once on this node */
export function createHandlerSlots(places: number): HandlerSlots {
  const queue = new PQueue({ concurrency: places });
  return {
    places,
    run(priorityKey, signal, work) {
      // The queue's own signal would also end the wait for work that has begun.
      const waiting = new AbortController();
      const stopWaiting = () => waiting.abort(signal.reason);
      signal.addEventListener('abort', stopWaiting, { once: true });
      if (signal.aborted) stopWaiting();
      // The queue may begin the work when another one's ends: bound, it still finds its own activity's context.
      const begin = AsyncResource.bind(() => {
        signal.removeEventListener('abort', stopWaiting);
        return work();
      });
      // Temporal's key 1 goes first; the queue's highest number does.
      return queue.add(begin, { priority: -priorityKey, signal: waiting.signal });
    },
    get waiting() {
      return queue.size;
    },
    get busy() {
      return queue.pending;
    },
    onChange(listener) {
      for (const event of ['add', 'active', 'next'] as const) queue.on(event, listener);
    },
  };
}
