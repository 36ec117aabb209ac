import type { RunObserver } from '../activities/ports.js';
import type { DispatchObserver } from '../dispatch/dispatcher.js';
import type { Clock } from './clock.js';
import type { Metrics } from './metrics.js';

/** Turns what the executor tells into the node's metrics. */
export function observeRuns(metrics: Metrics): RunObserver {
  return {
    held() {
      metrics.heldRuns.inc();
      let released = false;
      return () => {
        if (!released) metrics.heldRuns.dec();
        released = true;
      };
    },
    began({ latenessMs }) {
      metrics.runningRuns.inc();
      if (latenessMs !== undefined) metrics.startLatenessSeconds.observe(latenessMs / 1_000);
    },
    attemptEnded({ handler, durationMs }) {
      metrics.runningRuns.dec();
      metrics.runSeconds.observe({ handler }, durationMs / 1_000);
    },
    finished({ handler, outcome }) {
      metrics.runsFinished.inc({ handler, outcome });
    },
  };
}

/** Turns what a dispatcher tells into the process's metrics. */
export function observeDispatch(metrics: Metrics, clock: Pick<Clock, 'now'>): DispatchObserver {
  return ({ dispatched, failed }) => {
    const now = clock.now();
    for (const { changedAt } of dispatched) metrics.dispatchSeconds.observe(Math.max(0, now - changedAt) / 1_000);
    if (failed > 0) metrics.dispatchFailures.inc(failed);
  };
}
