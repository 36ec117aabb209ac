import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import { AppError } from '../domain/errors.js';
import { MAX_OPEN_RUNS_TOLD, MAX_WAITING_RUNS } from '../domain/run.js';
import { isFinal, type JobStatus } from '../domain/status.js';
import type { Database, Queries } from './database.js';
import { insertEvent, type Actor, type EventType } from './events.js';
import { toTimestamp } from './instants.js';
import { toJson } from './json.js';
import { endOfWaitingRuns } from './open-runs.js';
import { toJobRecord, type JobRecord, type JobRow } from './job-record.js';
import { insertSkips, type Skip } from './skips.js';

/** What a new job starts with; the rest has its beginning in the schema. */
export type NewJob = Omit<
  JobRecord,
  | 'generation'
  | 'scheduleGeneration'
  | 'pauseReason'
  | 'pauseUntil'
  | 'status'
  | 'statusNumber'
  | 'runningRuns'
  | 'catchUpUntil'
  | 'lastRunId'
  | 'runCount'
  | 'failureCount'
  | 'updatedAt'
>;

/** Takes a job in, with its `job.submitted` event. When this returns the job is accepted and can't be lost. */
export async function insertJob(db: Queries, job: NewJob): Promise<void> {
  const at = toTimestamp(job.createdAt);
  await db.query(
    sql`with job as (
      insert into jobs (id, project_id, name, type, handler, payload, priority, tags, pool, execution_time, frequency,
        timezone, timeout_ms, retry, dispatch_after, settled_until, next_run_at, created_by, created_at, updated_at)
      values (${job.id}, ${job.projectId}, ${job.name}, ${job.type}, ${job.handler},
        ${toJson(job.payload)}, ${job.priority}, ${job.tags}, ${job.pool},
        ${toTimestamp(job.executionTime)}, ${job.frequency}, ${job.timezone}, ${job.timeoutMs},
        ${toJson(job.retry)}, ${at}, ${toTimestamp(job.settledUntil)}, ${toTimestamp(job.nextRunAt)},
        ${job.createdBy}, ${at}, ${at})
      returning id, project_id, created_at, created_by)
    insert into events (project_id, job_id, type, at, actor)
    select project_id, id, 'job.submitted', created_at, created_by from job`,
    'insert-job',
  );
}

/** The columns of `jobs` that a change may set, with the record's name for each. */
const settable = {
  name: 'name',
  handler: 'handler',
  payload: 'payload',
  priority: 'priority',
  tags: 'tags',
  pool: 'pool',
  executionTime: 'execution_time',
  frequency: 'frequency',
  timezone: 'timezone',
  timeoutMs: 'timeout_ms',
  retry: 'retry',
  pauseReason: 'pause_reason',
  pauseUntil: 'pause_until',
  settledUntil: 'settled_until',
  catchUpUntil: 'catch_up_until',
  nextRunAt: 'next_run_at',
} as const satisfies Partial<Record<keyof JobRecord, string>>;

/** One accepted change of a job: everything it writes. */
export interface JobChange {
  set: Partial<Pick<JobRecord, keyof typeof settable>>;
  status: JobStatus;
  /** Whether the schedule itself is another one now: claims under the old one are refused. */
  scheduleChanged?: boolean;
  /** Fires that will not run, to be written into the ledger. */
  skips?: Skip[];
  /** A run asked for by hand. */
  newRun?: { id: string; payload?: unknown };
  event: { type: EventType; data?: Record<string, unknown> };
  /** The change comes from the job's own workflow, which learns of it by the answer: nothing is left to dispatch. */
  alreadyObserved?: boolean;
}

/** What a change left behind; `changed` is false when there was nothing to change. */
export interface ChangedJob {
  job: JobRecord;
  changed: boolean;
  openRuns: string[];
}

/**
 * Changes a job in one transaction: locks its row, asks `decide` what to write (null: nothing), and writes it as the
 * next generation. Undefined when the project has no such job; what `decide` throws changes nothing.
 */
export async function changeJob(
  db: Database,
  which: { projectId: string; jobId: string },
  actor: Actor,
  clock: { now(): number },
  decide: (job: JobRecord, now: number) => JobChange | null,
): Promise<ChangedJob | undefined> {
  return db.transaction(async (tx) => {
    const [row] = await tx.query<JobRow>(
      sql`select * from jobs where id = ${which.jobId} and project_id = ${which.projectId} for update`,
    );
    if (!row) return undefined;
    const before = toJobRecord(row);
    // The time is read under the lock: a change that had to wait must not decide by an earlier time than the one before it.
    const at = Math.floor(clock.now());
    const change = decide(before, at);
    if (!change) return { job: before, changed: false, openRuns: await openRunsOf(tx, before.id) };

    if (change.skips?.length) await insertSkips(tx, before.id, change.skips, at);
    if (change.newRun) {
      await refuseTooManyWaitingRuns(tx, before.id);
      await tx.query(sql`insert into runs (id, project_id, job_id, trigger, scheduled_for, outcome, generation, payload)
        values (${change.newRun.id}, ${before.projectId}, ${before.id}, 'manual', ${toTimestamp(at)}, 'waiting',
          ${before.generation + 1}, ${toJson(change.newRun.payload)})`);
    }
    const [after] = await tx.query<JobRow>(updateStatement(before, change, at));
    if (isFinal(change.status)) {
      const ended = sql`(select id, status from jobs where id = ${before.id})`;
      await tx.query(sql`with ${endOfWaitingRuns(ended, toTimestamp(at))} select`);
    }
    await tx.query(
      insertEvent({
        ...change.event,
        projectId: before.projectId,
        jobId: before.id,
        runId: change.newRun?.id,
        at,
        actor,
      }),
    );
    if (!after) throw new Error(`job ${before.id} went away while its row was locked`);
    return { job: toJobRecord(after), changed: true, openRuns: await openRunsOf(tx, before.id) };
  });
}

function updateStatement(before: JobRecord, change: JobChange, at: number): Sql {
  const generation = before.generation + 1;
  const columns = Object.entries(settable).flatMap(([field, column]) => {
    const value = change.set[field as keyof typeof settable];
    return value === undefined ? [] : [sql`${raw(column)} = ${columnValue(column, value)}, `];
  });
  return sql`update jobs set ${columns.length > 0 ? join(columns, '') : empty}
      generation = ${generation},
      schedule_generation = ${change.scheduleChanged ? generation : before.scheduleGeneration},
      observed_generation = case when ${change.alreadyObserved ?? false} then ${generation} else observed_generation end,
      dispatch_after = ${toTimestamp(at)},
      status = ${change.status},
      status_number = status_number + 1,
      updated_at = ${toTimestamp(at)}
    where id = ${before.id} returning *`;
}

function columnValue(column: string, value: unknown): unknown {
  if (column === 'payload' || column === 'retry') return toJson(value);
  const isInstant = ['execution_time', 'pause_until', 'settled_until', 'catch_up_until', 'next_run_at'].includes(
    column,
  );
  return isInstant && typeof value === 'number' ? toTimestamp(value) : value;
}

async function refuseTooManyWaitingRuns(tx: Queries, jobId: string): Promise<void> {
  const [row] = await tx.query<{ count: number }>(
    sql`select count(*)::int as count from runs where job_id = ${jobId} and outcome = 'waiting'`,
  );
  if (row && row.count >= MAX_WAITING_RUNS) {
    throw new AppError('conflict', `The job has ${row.count} runs that wait already: ask again when some have begun.`);
  }
}

/** The first runs of a job that have not ended, oldest first. */
export async function openRunsOf(db: Queries, jobId: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    sql`select id from runs where job_id = ${jobId} and outcome in ('waiting', 'running') order by id limit ${MAX_OPEN_RUNS_TOLD}`,
  );
  return rows.map((row) => row.id);
}
