import { followUp, grantPlaces, whatFollows, type EndedRun, type Following } from '../commands/index.js';
import type { Database } from '../store/database.js';
import { countBuffered, openRunsOf } from '../store/open-runs.js';
import type { FinalOutcome, RunError, RunTrigger } from '../domain/run.js';
import type { JobRecord } from '../store/job-record.js';
import { wishOf } from '../store/wish-of.js';
import { type Attempt } from '../store/claims.js';
import { finishRun, type FinishAnswer, type RunEnd } from '../store/run-end.js';
import { readOrigin } from '../store/retries.js';
import { readRun } from '../store/run-view.js';
import type { LogLine } from '../store/run-logs.js';
import type { Sealed } from '../store/stored.js';
import type { WishAnswer } from '../workflows/messages.js';
import type { ExecutorPorts, SchedulerPorts } from './ports.js';

/** How an attempt ended its run. */
export interface AttemptResult {
  outcome: FinalOutcome;
  /** Told of the job as it is when the end is written. */
  reason?: string | ((job: JobRecord) => string);
  result?: Sealed | undefined;
  error?: RunError;
  handlerStartedAt?: number;
  logs?: LogLine[];
}

/** How long the end of a run is tried to be written before the attempt counts as lost, in milliseconds. */
const WRITE_FOR_MS = 60_000;
const WRITE_AGAIN_AFTER_MS = 1_000;
/** How many ends of runs, its own and others', the end of a run sees to: the run's workflow waits meanwhile, and a place is taken. */
const FOLLOW_UPS_AT_AN_END = 10;

/** Writes the end of a run with all that follows from it, and answers with the newest wish of its job. */
export async function finish(
  ports: SchedulerPorts,
  run: Omit<Attempt, 'startedAt'> & { trigger: RunTrigger },
  end: AttemptResult,
): Promise<WishAnswer> {
  let { job } = run;
  for (;;) {
    const now = ports.clock.now();
    const following = await decideFollowing(
      ports.db,
      job,
      { runId: run.runId, trigger: run.trigger, outcome: end.outcome },
      now,
    );
    const answer = await persistently(ports, () =>
      finishRun(
        ports.db,
        { jobId: job.id, runId: run.runId, attempt: run.attempt, statusNumber: job.statusNumber },
        runEndOf(end, job, following),
        now,
      ),
    );
    if (answer.kind === 'finished') {
      ports.observer.finished({ handler: job.handler, outcome: end.outcome });
      await freePlaces(ports, answer);
      if (answer.isFollowed) await tellFollowers(ports);
      return { wish: wishOf(answer.job, answer.openRuns) };
    }
    const view = await readRun(ports.db, job.id, { runId: run.runId });
    if (!view) throw new Error(`job ${job.id} went away`);
    if (answer.kind === 'not_ours') return { wish: wishOf(view.job, view.openRuns) };
    job = view.job;
  }
}

/** Gives on the places that a run held. Where that fails, the schedulers' next round does it. */
async function freePlaces(
  ports: SchedulerPorts,
  { job, concurrencyKey }: Extract<FinishAnswer, { kind: 'finished' }>,
): Promise<void> {
  const { projectId } = job;
  const keys = [...(concurrencyKey === null ? [] : [concurrencyKey]), ...(job.projectLimit === null ? [] : [null])];
  try {
    for (const key of keys) await grantPlaces(ports, { projectId, key });
  } catch (error) {
    ports.logger.warn({ err: error }, 'a place that a run left was not given on; it will be');
  }
}

/** Has the jobs that follow begin what they have to. Where that fails, the schedulers' next round does it. */
async function tellFollowers(ports: SchedulerPorts): Promise<void> {
  try {
    await followUp(ports, FOLLOW_UPS_AT_AN_END);
  } catch (error) {
    ports.logger.warn({ err: error }, 'the jobs that follow a run were not told; they will be');
  }
}

/** Decides what follows. The job's other runs are read only where that depends on them. */
async function decideFollowing(
  db: Database,
  job: JobRecord,
  { runId, ...run }: Pick<EndedRun, 'outcome' | 'trigger'> & { runId: string },
  now: number,
): Promise<Following> {
  const buffered = job.overlap.startsWith('buffer') ? await countBuffered(db, job.id) : 0;
  const isRetryOfOne = job.type === 'one-time' && run.trigger === 'retry';
  const ended = { ...run, buffered, ...(isRetryOfOne ? { origin: await readOrigin(db, job.id, runId) } : {}) };
  const following = whatFollows(job, { ...ended, othersAreOpen: false }, now);
  if (following.move !== 'exhaust' && !isRetryOfOne) return following;
  const othersAreOpen = (await openRunsOf(db, job.id)).some((other) => other.id !== runId);
  return othersAreOpen ? whatFollows(job, { ...ended, othersAreOpen }, now) : following;
}

function runEndOf(end: AttemptResult, job: JobRecord, following: Following): RunEnd {
  const reason = typeof end.reason === 'function' ? end.reason(job) : (end.reason ?? null);
  const { outcome, result, error, handlerStartedAt, logs = [] } = end;
  return { outcome, reason, result, error, handlerStartedAt, logs, ...following };
}

/**
 * A handler's work is done, and running it again because the database was away for a moment would be worse than
 * waiting: the end is tried to be written for a minute.
 */
async function persistently(
  ports: Pick<ExecutorPorts, 'clock' | 'logger'>,
  write: () => Promise<FinishAnswer>,
): Promise<FinishAnswer> {
  const giveUpAt = ports.clock.now() + WRITE_FOR_MS;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (ports.clock.now() > giveUpAt) throw error;
      ports.logger.warn({ err: error }, 'the end of a run could not be written; trying again');
      await ports.clock.waitUntil(ports.clock.now() + WRITE_AGAIN_AFTER_MS, new AbortController().signal);
    }
  }
}
