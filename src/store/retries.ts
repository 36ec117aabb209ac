/** Runs that are done again, and those that do it. */
import sql from 'sql-template-tag';
import type { RunOutcome, RunTrigger } from '../domain/run.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import type { RunRecord, RunRow } from './run-reads.js';

/** The newest run that did another one again; undefined when none did. */
export async function readNewestRetry(
  db: Queries,
  jobId: string,
  run: Pick<RunRecord, 'id' | 'scheduledFor'>,
): Promise<Pick<RunRecord, 'id' | 'outcome'> | undefined> {
  // By its time, which is the other's and indexed.
  const [row] = await db.query<Pick<RunRow, 'id' | 'outcome'>>(
    sql`select id, outcome from runs where job_id = ${jobId} and scheduled_for = ${toTimestamp(run.scheduledFor)}
      and retry_of = ${run.id} order by id desc limit 1`,
    'read-newest-retry',
  );
  return row;
}

/** What of a run matters when it is to be done again. */
export interface RunToRetry {
  outcome: RunOutcome;
  scheduledFor: number;
  fireCount: number;
  /** Its own payload; undefined where it had the job's. */
  payload: unknown;
  /** Why there was the first run that it does again, which may be itself. */
  origin: RunTrigger;
}

/** A run of a job that is to be done again. Undefined when the job has no such run. */
export async function readRunToRetry(db: Queries, jobId: string, runId: string): Promise<RunToRetry | undefined> {
  const [row] = await db.query<
    Pick<RunRow, 'outcome' | 'trigger' | 'retry_of' | 'scheduled_for' | 'fire_count'> & {
      payload: unknown;
      has_payload: boolean;
    }
  >(
    sql`select outcome, trigger, retry_of, scheduled_for, fire_count, payload, payload is not null as has_payload from runs
      where id = ${runId} and job_id = ${jobId}`,
  );
  if (!row) return undefined;
  return {
    outcome: row.outcome,
    scheduledFor: row.scheduled_for.getTime(),
    fireCount: row.fire_count,
    payload: row.has_payload ? row.payload : undefined,
    origin: row.retry_of === null ? row.trigger : await readOrigin(db, jobId, runId),
  };
}

/**
 * Why there was the first of the runs that a run does again, over all retries between; its own trigger when it is none. Where
 * the first one is no more in the ledger, `retry`.
 */
export async function readOrigin(db: Queries, jobId: string, runId: string): Promise<RunTrigger> {
  const [row] = await db.query<{ trigger: RunTrigger }>(
    sql`with recursive way as (
        select trigger, retry_of, 0 as steps from runs where id = ${runId} and job_id = ${jobId}
        union all
        select runs.trigger, runs.retry_of, steps + 1 from way join runs on runs.id = way.retry_of
      ) select trigger from way order by steps desc limit 1`,
  );
  if (!row) throw new Error(`run ${runId} went away`);
  return row.trigger;
}
