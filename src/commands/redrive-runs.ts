import type { RedriveRuns } from '../contract/redrive.js';
import { AppError } from '../domain/errors.js';
import {
  cancelRedrives,
  countRunsToRedrive,
  findRunsToRedrive,
  insertRedrives,
  type Redrive,
  type RunFound,
} from '../store/redrives.js';
import { readJobsToRetry, type JobToRetry } from '../store/retries.js';
import type { Caller, CommandPorts } from './ports.js';
import { refuseRetry } from './retry-run.js';
import { validationFailed } from './validate.js';

/** The most runs of one redrive. */
export const MAX_REDRIVEN = 10_000;

/** What a redrive does, or would do. */
export interface Redriven {
  count: number;
  notRetryable: number;
  /** When the turn of the last run comes, in epoch milliseconds; null when there is none. */
  until: number | null;
}

/**
 * Has the runs of a filter that ended so done again, oldest first, so many a minute. They are written down in one
 * transaction; schedulers do each when its turn comes. A run that was done again, or is to be, is left out.
 */
export async function redriveRuns(
  ports: Pick<CommandPorts, 'db' | 'clock' | 'audit'>,
  { projectId, actor }: Caller,
  input: RedriveRuns,
): Promise<Redriven> {
  const { dryRun, perMinute, reason = null, ...filter } = input;
  if (filter.to !== undefined && filter.to <= filter.from) {
    throw validationFailed([{ pointer: '/to', message: 'must be later than from' }]);
  }
  return ports.db.transaction(async (tx) => {
    const found = await findRunsToRedrive(tx, projectId, filter, MAX_REDRIVEN + 1);
    if (found.length > MAX_REDRIVEN) throw tooMany(await countRunsToRedrive(tx, projectId, filter));
    const jobs = await readJobsToRetry(tx, [...new Set(found.map((run) => run.jobId))]);
    const runs = found.filter((run) => canBeRetried(jobs.get(run.jobId), run));
    const now = Math.floor(ports.clock.now());
    const redrives = runs.map(({ runId, jobId }, place): Redrive => ({
      runId,
      jobId,
      projectId,
      dueAt: now + Math.floor((place * 60_000) / perMinute),
      actor,
      requestedAt: now,
      reason,
    }));
    const count = dryRun ? redrives.length : await insertRedrives(tx, redrives);
    ports.audit?.note({ isUnchanged: dryRun, after: { ...toldFilter(filter), perMinute, count } });
    const until = count === 0 ? null : (redrives.at(-1)?.dueAt ?? null);
    return { count, notRetryable: found.length - runs.length, until };
  });
}

/** Stops the redrives of a project: what was not put to work yet stays as it ended. Answers how many runs. */
export async function stopRedrives(
  ports: Pick<CommandPorts, 'db' | 'clock' | 'audit'>,
  { projectId, actor }: Caller,
): Promise<number> {
  return ports.db.transaction(async (tx) => {
    const count = await cancelRedrives(tx, projectId, { actor, at: ports.clock.now() });
    ports.audit?.note({ after: { count } });
    return count;
  });
}

function toldFilter({ from, to, ...rest }: Omit<RedriveRuns, 'dryRun' | 'perMinute' | 'reason'>) {
  return { ...rest, from: new Date(from).toISOString(), ...(to !== undefined && { to: new Date(to).toISOString() }) };
}

function canBeRetried(job: JobToRetry | undefined, run: RunFound): boolean {
  if (!job) return false;
  try {
    // Whether its job has other runs is looked at when its turn comes.
    refuseRetry(job, { ...run, hasOpenRuns: false });
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

function tooMany(count: number): AppError {
  const message = `matches ${count} runs with the rest of the filter, and at most ${MAX_REDRIVEN} are retried at a time: narrow it`;
  return validationFailed([{ pointer: '/from', message }]);
}
