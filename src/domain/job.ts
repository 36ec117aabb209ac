/** What a job is: once, at an instant, or again and again. */
export type JobType = 'one-time' | 'recurring';

export const priorities = ['low', 'medium', 'high'] as const;
export type Priority = (typeof priorities)[number];

/** Temporal's priority keys: 1 is taken first, 5 last. */
const priorityKeys = { low: 5, medium: 3, high: 1 } as const satisfies Record<Priority, number>;

export function priorityKeyOf(priority: Priority): number {
  return priorityKeys[priority];
}

/** How a run's failed attempts are tried again. Durations in milliseconds. */
export interface RetryPolicy {
  maxAttempts: number;
  initialIntervalMs: number;
  backoffCoefficient: number;
  maxIntervalMs: number;
}

/** What a user or an operator may ask of a job that exists. */
export const commands = ['pause', 'resume', 'cancel', 'trigger'] as const;
export type Command = (typeof commands)[number];

/** A fire that is later than this does not run any more, unless a user asked for it: it is `missed`. In milliseconds. */
export const CATCH_UP_WINDOW_MS = 3_600_000;

/** Which of the fires that passed while a job was paused are run when it resumes. */
export const catchUps = ['none', 'last', 'all'] as const;
export type CatchUp = (typeof catchUps)[number];
