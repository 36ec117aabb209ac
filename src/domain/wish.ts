import type { JobStatus } from './status.js';

/**
 * What the scheduler is to do with a job from now on: the facts its workflow goes by. Plain JSON, and nothing a user
 * wrote: it is kept in Temporal's history. The newest generation always wins.
 */
export interface Wish {
  generation: number;
  status: JobStatus;
  /** The next fire, in epoch milliseconds; null when the schedule names none. */
  nextFire: number | null;
  /** Runs that have not ended, oldest first: asked for by hand and waiting, or under way. */
  openRuns: string[];
  /** When a pause ends by itself, in epoch milliseconds. */
  pauseUntil?: number;
  /** Temporal's priority key, 1 (first) to 5. */
  priorityKey: number;
  /** The task queue of the workers that execute the job. */
  pool: string;
  /** The longest an attempt may take, in milliseconds. */
  timeoutMs: number;
}

/** Of two wishes the newer; the first when they are of the same generation. */
export function newerWish(held: Wish, told: Wish): Wish {
  return told.generation > held.generation ? told : held;
}
