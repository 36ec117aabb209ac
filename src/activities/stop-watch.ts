import type { Queries } from '../store/database.js';
import { readStopped } from '../store/run-facts.js';

/** How often the runs under way on a node are looked after, in milliseconds. */
const LOOK_EVERY_MS = 500;

/** Learns of the runs under way on this node that are to end, sooner than a heartbeat would tell. */
export interface StopWatch {
  /**
   * A signal that aborts when the run is cancelled, or is another attempt's by now. `forget` it when the handler has
   * ended.
   */
  watch(run: { runId: string; attempt: number }): { signal: AbortSignal; forget(): void };
}

/**
 * Asks the database for all runs of the node at once, while there are any. Temporal tells of a cancellation, too, in the
 * answer to a heartbeat: up to two seconds later, and not while it is away.
 */
export function createStopWatch(db: Queries, onFailure: (error: unknown) => void): StopWatch {
  const watched = new Map<AbortController, { runId: string; attempt: number }>();
  let timer: NodeJS.Timeout | undefined;

  const look = async () => {
    const stopped = new Set(await readStopped(db, [...watched.values()]));
    for (const [controller, { runId }] of watched) {
      if (stopped.has(runId)) controller.abort(new Error('the run is to end'));
    }
  };
  const lookSoon = () => {
    timer ??= setTimeout(() => {
      look()
        .catch(onFailure)
        .finally(() => {
          timer = undefined;
          if (watched.size > 0) lookSoon();
        });
    }, LOOK_EVERY_MS);
    timer.unref();
  };

  return {
    watch(run) {
      const controller = new AbortController();
      watched.set(controller, run);
      lookSoon();
      return { signal: controller.signal, forget: () => void watched.delete(controller) };
    },
  };
}
