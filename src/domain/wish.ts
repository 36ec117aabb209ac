import { jobStatuses, type JobStatus } from './status.js';

/**
 * What the scheduler is to do with a job from now on: the facts its workflow goes by. Plain JSON, and nothing a user
 * wrote: it is kept in Temporal's history. The newest generation always wins.
 */
export interface Wish {
  generation: number;
  status: JobStatus;
  /** Counts the writes of the job's status: of two wishes of one generation the higher one is newer. */
  statusNumber?: number;
  /** The next fire, in epoch milliseconds; null when the schedule names none. */
  nextFire: number | null;
  /** When the run of the next fire begins, where that is later. */
  nextRunAt?: number;
  /**
   * Runs that have not ended and run one after another, oldest first. Only the first few of many: the end of each brings
   * the next ones, and every wish is kept in the workflow's history.
   */
  openRuns: string[];
  /** Runs that wait until no fire is due: those of a backfill. */
  backfill?: string[];
  /** Runs that have not ended and may run beside others. */
  parallel?: string[];
  /** Runs under way that are to be cancelled, by their ids and, where they have one, their fires. */
  stop?: RunToStop[];
  /** What a fire does that comes due during a run, where the workflow has to act at that moment. */
  overlap?: 'cancel_other' | 'allow_all';
  /** When a pause ends by itself, in epoch milliseconds. */
  pauseUntil?: number;
  /** Temporal's priority key, 1 (first) to 5. */
  priorityKey: number;
  /** The weight of its project beside others, where it is not 1. */
  weight?: number;
  /** The task queue of the workers that execute the job. */
  pool: string;
  /** The longest an attempt may take, in milliseconds. */
  timeoutMs: number;
}

/** A run that is to be cancelled. */
export interface RunToStop {
  runId: string;
  /** Epoch milliseconds. */
  fireAt?: number;
}

/** Whether a wish wants the end of a run, known by its id or its fire. */
export function isToStop({ stop = [] }: Pick<Wish, 'stop'>, run: { runId?: string; fireAt?: number }): boolean {
  return stop.some(({ runId, fireAt }) => runId === run.runId || (fireAt !== undefined && fireAt === run.fireAt));
}

/** Of two wishes the newer; the first when they are alike. */
export function newerWish(held: Wish, told: Wish): Wish {
  if (told.generation !== held.generation) return told.generation > held.generation ? told : held;
  return (told.statusNumber ?? 0) > (held.statusNumber ?? 0) ? told : held;
}

/** How Temporal orders what it hands out: by priority, and fairly between projects within one. */
export function orderOf(
  { priorityKey, weight }: Pick<Wish, 'priorityKey' | 'weight'>,
  projectId: string,
): { priorityKey: number; fairnessKey: string; fairnessWeight?: number } {
  return { priorityKey, fairnessKey: projectId, ...(weight === undefined ? {} : { fairnessWeight: weight }) };
}

/** Whether what came as a wish is one, as far as its form goes. */
export function isWish(told: unknown): told is Wish {
  if (typeof told !== 'object' || told === null) return false;
  const {
    generation,
    status,
    nextFire,
    nextRunAt,
    openRuns,
    backfill,
    parallel,
    stop,
    pauseUntil,
    priorityKey,
    weight = 1,
    pool,
    timeoutMs,
  } = told as Partial<Wish>;
  return (
    Number.isSafeInteger(generation) &&
    jobStatuses.some((known) => known === status) &&
    (nextFire === null || Number.isFinite(nextFire)) &&
    [nextRunAt, pauseUntil].every((instant) => instant === undefined || Number.isFinite(instant)) &&
    [openRuns, backfill ?? [], parallel ?? []].every(isListOfIds) &&
    (stop ?? []).every((run) => typeof run?.runId === 'string') &&
    Number.isSafeInteger(priorityKey) &&
    Number.isFinite(weight) &&
    typeof pool === 'string' &&
    Number.isFinite(timeoutMs)
  );
}

function isListOfIds(told: unknown): boolean {
  return Array.isArray(told) && told.every((id) => typeof id === 'string');
}
