/** What a job is: once, at an instant, or again and again. */
export type JobType = 'one-time' | 'recurring';

export const priorities = ['low', 'medium', 'high'] as const;
export type Priority = (typeof priorities)[number];

/** Temporal's priority keys: 1 is taken first, 5 last. */
const priorityKeys = { low: 5, medium: 3, high: 1 } as const satisfies Record<Priority, number>;

export function priorityKeyOf(priority: Priority): number {
  return priorityKeys[priority];
}

/** The key of the next class up, for a run that nobody took in time; undefined for one that has the first already. */
export function agedKey(priorityKey: number): number | undefined {
  return priorityKey <= 1 ? undefined : Math.max(1, priorityKey - 2);
}

/** How a run's failed attempts are tried again. Durations in milliseconds. */
export interface RetryPolicy {
  maxAttempts: number;
  initialIntervalMs: number;
  backoffCoefficient: number;
  maxIntervalMs: number;
  /** Error codes after which no further attempt is made, besides those that the handler itself gives up on. */
  nonRetryable?: string[];
}

/** What a user or an operator may ask of a job that exists. */
export const commands = ['pause', 'resume', 'cancel', 'trigger'] as const;
export type Command = (typeof commands)[number];

/**
 * Which of several fires that are due together still run: of those that passed while a job was paused, and of those that
 * nothing could run in time.
 */
export const catchUps = ['none', 'last', 'all'] as const;
export type CatchUp = (typeof catchUps)[number];

/** What becomes of late fires: those within `windowMs` as `policy` says, those beyond it are `missed`. */
export interface CatchUpPolicy {
  policy: CatchUp;
  windowMs: number;
}

export const DEFAULT_CATCH_UP: CatchUpPolicy = { policy: 'last', windowMs: 3_600_000 };

/** So late a fire counts as on time, whatever the policy, in milliseconds: what a busy node or a restart may cost. */
export const ON_TIME_WITHIN_MS = 60_000;

/** The most fires that are run after the fact at a time: by one resume, after one outage, by one backfill. */
export const MAX_CAUGHT_UP = 1_000;

/**
 * What becomes of a fire that comes due while a run of its job is under way.
 *
 * - `skip`: it does not run. `buffer_one`, `buffer_all`: it waits for the end of that run; of several the first one, or all.
 * - `cancel_other`: that run is cancelled, and the fire runs. `allow_all`: it runs beside it.
 */
export const overlapPolicies = ['skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all'] as const;
export type OverlapPolicy = (typeof overlapPolicies)[number];

/** An instant that a schedule names, and when its run is to begin: later, where spread or jitter put it off. */
export interface Fire {
  fireAt: number;
  runAt: number;
}
