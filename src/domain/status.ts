/**
 * A job's status, as users see it.
 *
 * - `pending`: waiting for its next fire. Left when a run begins, by a user (pause, cancel), or when nothing is left to fire.
 * - `running`: a run is under way. Left when it ends, or by a user.
 * - `paused`: no run begins on schedule; one under way goes on. Left by a user, or when the pause's time is over.
 * - `completed`, `failed`, `cancelled`: final. Nothing leaves them, but for one thing: somebody may have the run of a one-time
 *   job done again that failed.
 */
export type JobStatus = 'pending' | 'running' | 'completed' | 'failed' | 'paused' | 'cancelled';

/**
 * What moves a status.
 *
 * - `begin`: a run begins. `settle`: the last run under way has ended, and the schedule goes on.
 * - `succeed`, `fail`: the one run of a one-time job ended so. `miss`: it could not begin within its catch-up window.
 * - `exhaust`: the schedule names no further fire.
 * - `pause`, `resume`, `cancel`: asked for by a user or an operator.
 * - `retry`: so is this: the one run of a one-time job, which failed, is to be done again, and decides anew how the job ends.
 */
export type StatusMove =
  'begin' | 'settle' | 'succeed' | 'fail' | 'miss' | 'exhaust' | 'pause' | 'resume' | 'cancel' | 'retry';

/** The one table of legal moves. A move that is not in it is refused (API) or ignored (workflow, late writes). */
export const transitions = {
  pending: { begin: 'running', pause: 'paused', cancel: 'cancelled', miss: 'failed', exhaust: 'completed' },
  running: {
    begin: 'running',
    settle: 'pending',
    succeed: 'completed',
    fail: 'failed',
    miss: 'failed',
    exhaust: 'completed',
    pause: 'paused',
    cancel: 'cancelled',
  },
  paused: {
    begin: 'paused',
    settle: 'paused',
    succeed: 'completed',
    fail: 'failed',
    pause: 'paused',
    resume: 'pending',
    cancel: 'cancelled',
    exhaust: 'completed',
  },
  completed: {},
  failed: { retry: 'pending' },
  cancelled: {},
} as const satisfies Record<JobStatus, Partial<Record<StatusMove, JobStatus>>>;

export const jobStatuses = Object.keys(transitions) as readonly JobStatus[];

/** The statuses of jobs that have ended. */
export const finalStatuses = jobStatuses.filter((status) => isFinal(status));

/** Where `move` leads from `status`, or undefined when it is not legal. */
export function statusAfter(status: JobStatus, move: StatusMove): JobStatus | undefined {
  const moves: Partial<Record<StatusMove, JobStatus>> = transitions[status];
  return moves[move];
}

/** The row of the table for one move, from status to status: what a single SQL statement needs to apply it. */
export function movesOf(move: StatusMove): Partial<Record<JobStatus, JobStatus>> {
  return Object.fromEntries(
    jobStatuses.flatMap((status) => {
      const next = statusAfter(status, move);
      return next ? [[status, next]] : [];
    }),
  );
}

/** Whether a job of this status has ended: nothing leaves it, unless somebody asks for a `retry`. */
export function isFinal(status: JobStatus): boolean {
  return Object.keys(transitions[status]).every((move) => move === 'retry');
}
