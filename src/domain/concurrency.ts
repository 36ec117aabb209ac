/**
 * What a run does that finds as many runs of its key under way as may be.
 *
 * - `wait`: it waits for its turn, first come first served. `skip`: it does not run. `cancel_running`: the oldest of those
 *   under way is cancelled, and the run waits for its end.
 */
export const onLimits = ['wait', 'skip', 'cancel_running'] as const;
export type OnLimit = (typeof onLimits)[number];

/** At most `limit` runs of a project that name `key` are under way at once, whichever jobs they are of. */
export interface Concurrency {
  key: string;
  limit: number;
  onLimit: OnLimit;
}
