/** The time all nodes agree on, which is the database's. Instants are epoch milliseconds, with fractions. */
export interface Clock {
  now(): number;
  /** Resolves when `instant` has come, never before; rejects with the signal's reason when it aborts. */
  waitUntil(instant: number, signal: AbortSignal): Promise<void>;
}

/** setTimeout takes no longer wait; a longer one is slept in pieces. In milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const MEASURE_EVERY_MS = 30_000;
const SAMPLES = 5;

export interface DatabaseClock extends Clock {
  /** Measures anew how far this node's clock is from the database's. */
  measure(): Promise<void>;
  stop(): void;
}

/**
 * A clock that goes by the database's, so that nodes whose own clocks differ still agree on when an instant has come.
 * It may be late by a round trip, never early: of several samples it keeps the surest lower bound of the database's time.
 *
 * @param readDatabaseTime the database's time at this moment, in epoch milliseconds
 */
export async function startDatabaseClock(
  readDatabaseTime: () => Promise<number>,
  onError: (error: unknown) => void,
): Promise<DatabaseClock> {
  let offsetMs = 0;
  // Unlike Date.now(), it is not set back or forth under a wait, and it has fractions.
  const local = () => performance.timeOrigin + performance.now();

  const measure = async () => {
    let surest = -Infinity;
    for (let sample = 0; sample < SAMPLES; sample++) {
      const database = await readDatabaseTime();
      // The answer was true at some moment before now, so the database's time is by now at least this far from ours.
      surest = Math.max(surest, database - local());
    }
    offsetMs = surest;
  };
  await measure();
  const timer = setInterval(() => void measure().catch(onError), MEASURE_EVERY_MS);
  timer.unref();

  const now = () => local() + offsetMs;
  return {
    now,
    waitUntil: (instant, signal) => waitUntil(now, instant, signal),
    measure,
    stop: () => clearInterval(timer),
  };
}

async function waitUntil(now: () => number, instant: number, signal: AbortSignal): Promise<void> {
  for (let left = instant - now(); left > 0; left = instant - now()) {
    signal.throwIfAborted();
    await pause(Math.min(left, LONGEST_TIMER_MS), signal);
  }
  signal.throwIfAborted();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    const timer = setTimeout(done, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
