/** Runs that are done again, and those that do it. */
import sql, { type Sql } from 'sql-template-tag';
import type { RunOutcome, RunTrigger } from '../domain/run.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { toFire, type JobRecord, type JobRow } from './job-record.js';
import type { RunRecord, RunRow } from './run-reads.js';
import { storedOf, type Stored } from './stored.js';

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
  payload: Stored | undefined;
  /** The runs whose end it followed. */
  upstream: RunRecord['upstream'];
  /** Why there was the first run that it does again, which may be itself. */
  origin: RunTrigger;
}

/** A run of a job that is to be done again. Undefined when the job has no such run. */
export async function readRunToRetry(db: Queries, jobId: string, runId: string): Promise<RunToRetry | undefined> {
  const [row] = await db.query<
    Pick<RunRow, 'outcome' | 'scheduled_for' | 'fire_count' | 'upstream'> & {
      origin: RunTrigger;
      payload: unknown;
      payload_sealed: Buffer | null;
    }
  >(
    sql`select outcome, ${originOfRun} as origin, scheduled_for, fire_count, upstream, payload, payload_sealed from runs
      where id = ${runId} and job_id = ${jobId}`,
  );
  if (!row) return undefined;
  return {
    outcome: row.outcome,
    scheduledFor: row.scheduled_for.getTime(),
    fireCount: row.fire_count,
    payload: storedOf(row.payload_sealed, row.payload),
    upstream: row.upstream,
    origin: row.origin,
  };
}

/**
 * Why there was the first of the runs that a run of `runs` does again, over all retries between; its own trigger when it is
 * none. Where the first one is no more in the ledger, `retry`.
 */
export const originOfRun: Sql = sql`case when runs.retry_of is null then runs.trigger else (
    with recursive way as (
      select runs.trigger, runs.retry_of, 0 as steps
      union all
      select before.trigger, before.retry_of, steps + 1 from way join runs before on before.id = way.retry_of
    ) select trigger from way order by steps desc limit 1) end`;

export async function readOrigin(db: Queries, jobId: string, runId: string): Promise<RunTrigger> {
  const [row] = await db.query<{ origin: RunTrigger }>(
    sql`select ${originOfRun} as origin from runs where id = ${runId} and job_id = ${jobId}`,
  );
  if (!row) throw new Error(`run ${runId} went away`);
  return row.origin;
}

/** What of a job decides whether a run of it can be done again. */
export type JobToRetry = Pick<
  JobRecord,
  'status' | 'type' | 'next' | 'after' | 'frequency' | 'executionTime' | 'lastRunId'
>;

/** The jobs of these ids, by them. */
export async function readJobsToRetry(db: Queries, jobIds: readonly string[]): Promise<Map<string, JobToRetry>> {
  const rows = await db.query<
    Pick<
      JobRow,
      | 'id'
      | 'status'
      | 'type'
      | 'next_run_at'
      | 'next_fire_at'
      | 'after'
      | 'frequency'
      | 'schedule'
      | 'execution_time'
      | 'last_run_id'
    >
  >(
    sql`select id, status, type, next_run_at, next_fire_at, after, frequency, schedule, execution_time, last_run_id
      from jobs where id = any(${jobIds}::uuid[])`,
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        status: row.status,
        type: row.type,
        next: toFire(row),
        after: row.after,
        frequency: row.schedule.frequencies ?? row.frequency,
        executionTime: row.execution_time?.getTime() ?? null,
        lastRunId: row.last_run_id,
      },
    ]),
  );
}

/** Whether a run was done again, or is to be. */
export async function wasDoneAgain(
  tx: Queries,
  jobId: string,
  run: { runId: string; scheduledFor: number },
): Promise<boolean> {
  return (await readNewestRetry(tx, jobId, { id: run.runId, scheduledFor: run.scheduledFor })) !== undefined;
}
