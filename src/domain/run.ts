/**
 * How a run stands. Every expected fire has exactly one run, with exactly one outcome in the end.
 *
 * - `waiting`: it is to run, and has not begun. `running`: an attempt is under way or due.
 * - `completed`, `failed`, `timed_out`, `cancelled`: it ran, and ended so.
 * - `skipped_overlap`, `skipped_excluded`, `skipped_paused`: it did not run, by the job's own rules.
 * - `skipped_condition`: what it was to wait for did not come in time.
 * - `missed`: nothing could run it within its catch-up window.
 */
export const runOutcomes = [
  'waiting',
  'running',
  'completed',
  'failed',
  'timed_out',
  'cancelled',
  'skipped_overlap',
  'skipped_excluded',
  'skipped_paused',
  'skipped_condition',
  'missed',
] as const;
export type RunOutcome = (typeof runOutcomes)[number];

/**
 * Why there is a run: its fire came, somebody asked for it, for the fires of a stretch of time, for another run to be
 * done again, or the jobs that its job follows have ended their runs.
 */
export const runTriggers = ['schedule', 'manual', 'backfill', 'retry', 'chain'] as const;
export type RunTrigger = (typeof runTriggers)[number];

/** Whether a run was asked for by hand, beside the schedule: it begins even while its job is paused. */
export function isByHand(trigger: RunTrigger): boolean {
  return trigger === 'manual' || trigger === 'retry';
}

/** How many runs of a job that were asked for by hand may wait at once, and how many fires that overlapped. */
export const MAX_WAITING_RUNS = 100;

/** How many open runs a wish names of those that run one after another. */
export const MAX_OPEN_RUNS_TOLD = 5;

/** How many runs of a job may be under way beside each other. */
export const MAX_PARALLEL_RUNS = 20;

/**
 * What holds a run back that waits, beside its turn among the runs of its job: a place of its concurrency key, a place of
 * its project, or the jobs that it is to wait for.
 */
export type WaitReason = 'concurrency' | 'project' | 'condition';

/** A run that has not ended. */
export interface OpenRun {
  id: string;
  trigger: RunTrigger;
  /** Whether it has begun. */
  isRunning: boolean;
  /** Whether it may run beside others. */
  isParallel: boolean;
  /** Whether something holds it back, or a run before it that is in line for a place: its workflow has nothing to do for it. */
  isBlocked?: boolean;
  /** Whether somebody asked for its end. */
  isToStop?: boolean;
  /** The fire that it is of (epoch milliseconds): its workflow may know it by that alone. */
  fireAt?: number | null;
}

/** Who asked for the end of a run, when (RFC 3339) and why. */
export interface CancelRequest {
  by: string;
  at: string;
  reason?: string;
}

/** How a run that began can end. */
export type FinalOutcome = Extract<RunOutcome, 'completed' | 'failed' | 'timed_out' | 'cancelled'>;

/** How a fire that never began is written down. */
export type SkipOutcome = Extract<
  RunOutcome,
  'cancelled' | 'skipped_overlap' | 'skipped_excluded' | 'skipped_paused' | 'skipped_condition' | 'missed'
>;

/** Why a run failed: `code` is stable and safe to show anywhere, `message` may hold what the handler saw. */
export interface RunError {
  code: string;
  message: string;
}
