import { jobStatuses, type JobStatus } from './status.js';

/**
 * What the scheduler is to do with a job from now on: the facts its workflow goes by. Plain JSON, and nothing a user
 * wrote: it is kept in Temporal's history. The newest generation always wins.
 */
export interface Wish {
  generation: number;
  status: JobStatus;
  /** The next fire, in epoch milliseconds; null when the schedule names none. */
  nextFire: number | null;
  /**
   * Runs that have not ended, oldest first: asked for by hand and waiting, or under way. Only the first few of many:
   * the end of each brings the next ones, and every wish is kept in the workflow's history.
   */
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

/** Whether what came as a wish is one, as far as its form goes. */
export function isWish(told: unknown): told is Wish {
  if (typeof told !== 'object' || told === null) return false;
  const { generation, status, nextFire, openRuns, pauseUntil, priorityKey, pool, timeoutMs } = told as Partial<Wish>;
  return (
    Number.isSafeInteger(generation) &&
    jobStatuses.some((known) => known === status) &&
    (nextFire === null || Number.isFinite(nextFire)) &&
    (pauseUntil === undefined || Number.isFinite(pauseUntil)) &&
    Array.isArray(openRuns) &&
    openRuns.every((id) => typeof id === 'string') &&
    Number.isSafeInteger(priorityKey) &&
    typeof pool === 'string' &&
    Number.isFinite(timeoutMs)
  );
}
