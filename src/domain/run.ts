/**
 * How a run stands. Every expected fire has exactly one run, with exactly one outcome in the end.
 *
 * - `waiting`: asked for by hand, not begun. `running`: an attempt is under way or due.
 * - `completed`, `failed`, `timed_out`, `cancelled`: it ran, and ended so.
 * - `skipped_overlap`, `skipped_excluded`, `skipped_paused`: it did not run, by the job's own rules.
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
  'missed',
] as const;
export type RunOutcome = (typeof runOutcomes)[number];

/** How many runs of a job that were asked for by hand may wait at once. */
export const MAX_WAITING_RUNS = 100;

/** How many open runs a wish names. */
export const MAX_OPEN_RUNS_TOLD = 5;

/** How a run that began can end. */
export type FinalOutcome = Extract<RunOutcome, 'completed' | 'failed' | 'timed_out' | 'cancelled'>;

/** How a fire that never began is written down. */
export type SkipOutcome = Extract<
  RunOutcome,
  'cancelled' | 'skipped_overlap' | 'skipped_excluded' | 'skipped_paused' | 'missed'
>;

/** Why a run failed: `code` is stable and safe to show anywhere, `message` may hold what the handler saw. */
export interface RunError {
  code: string;
  message: string;
}
