import sql from 'sql-template-tag';
import type { FinalOutcome, RunError, RunOutcome, SkipOutcome } from '../domain/run.js';
import { finalStatuses, movesOf, type JobStatus, type StatusMove } from '../domain/status.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { toJson } from './json.js';
import { toJobRecord, type JobRecord, type JobRow } from './job-record.js';
import type { LogLine } from './run-logs.js';

/** Fires that did not run: one, or a stretch of them in one summary row. Instants are epoch milliseconds. */
export interface Skip {
  runId: string;
  fireAt: number;
  /** The last fire of the stretch and how many it has; left out for a single fire. */
  until?: number;
  count?: number;
  outcome: SkipOutcome;
  reason: string;
}

/** What a worker has to know before it begins a run: the job, and the run itself when it has begun before. */
export interface RunView {
  job: JobRecord;
  run: {
    id: string;
    outcome: RunOutcome;
    attempts: number;
    scheduledFor: number;
    isManual: boolean;
    payload?: unknown;
  } | null;
  openRuns: string[];
}

/** Which run: the one of a fire (epoch milliseconds), or one asked for by hand. */
export type RunKey = { fireAt: number } | { runId: string };

/** Reads a job, with one of its runs if a key is given. Undefined when the job does not exist. */
export async function readRun(db: Queries, jobId: string, key?: RunKey): Promise<RunView | undefined> {
  const fireAt = key && 'fireAt' in key ? toTimestamp(key.fireAt) : null;
  const runId = key && 'runId' in key ? key.runId : null;
  const [row] = await db.query<
    JobRow & {
      the_run_id: string | null;
      run_outcome: RunOutcome;
      run_attempts: number;
      run_scheduled_for: Date;
      run_payload: unknown;
      run_trigger: 'schedule' | 'manual';
      open_runs: string[];
    }
  >(
    sql`select jobs.*, runs.id as the_run_id, runs.outcome as run_outcome, runs.attempts as run_attempts,
        runs.scheduled_for as run_scheduled_for, runs.payload as run_payload, runs.trigger as run_trigger,
        array(select id::text from runs w where w.job_id = jobs.id and w.outcome in ('waiting', 'running') order by w.id) as open_runs
      from jobs left join lateral (
        select * from runs where job_id = ${jobId} and fire_at = ${fireAt}::timestamptz
        union all select * from runs where job_id = ${jobId} and id = ${runId}::uuid
        limit 1
      ) runs on true
      where jobs.id = ${jobId}`,
    'read-run',
  );
  if (!row) return undefined;
  return {
    job: toJobRecord(row),
    run:
      row.the_run_id === null
        ? null
        : {
            id: row.the_run_id,
            outcome: row.run_outcome,
            attempts: row.run_attempts,
            scheduledFor: row.run_scheduled_for.getTime(),
            isManual: row.run_trigger === 'manual',
            ...(row.run_payload === null ? {} : { payload: row.run_payload }),
          },
    openRuns: row.open_runs,
  };
}

/** An attempt that may begin. */
export interface Attempt {
  runId: string;
  attempt: number;
  /** The job as the claim left it. */
  job: JobRecord;
}

/**
 * The claim, the fence between what users wish and what begins: in one statement it writes the run of a fire, only if
 * the job still waits for its fires and its schedule is still the one that named this fire. Once a pause, cancel or
 * update has committed, no run of the old wish begins. Undefined when the claim is refused.
 */
export async function claimFire(
  db: Queries,
  claim: { jobId: string; scheduleGeneration: number; fireAt: number; nextFire: number | null; runId: string },
  by: { node: string; at: number },
): Promise<Attempt | undefined> {
  const at = toTimestamp(by.at);
  const fireAt = toTimestamp(claim.fireAt);
  const [row] = await db.query<JobRow & { the_run_id: string; run_attempts: number }>(
    sql`with job as (
      select id, project_id, generation from jobs
      where id = ${claim.jobId} and status in ('pending', 'running') and schedule_generation = ${claim.scheduleGeneration}
      for update
    ), run as (
      insert into runs (id, project_id, job_id, trigger, fire_at, scheduled_for, outcome, generation, attempts,
        started_at, node)
      select ${claim.runId}, project_id, id, 'schedule', ${fireAt}, ${fireAt}, 'running', generation, 1, ${at}, ${by.node}
      from job
      -- A fire that was skipped, and is named again by a later wish, runs after all.
      on conflict (job_id, fire_at) do update set outcome = 'running', reason = null, attempts = 1,
        started_at = excluded.started_at, node = excluded.node, generation = excluded.generation
        where runs.attempts = 0
      returning id, job_id, project_id, attempts
    ), event as (
      insert into events (project_id, job_id, run_id, type, at, actor)
      select project_id, job_id, id, 'run.started', ${at}, 'scheduler' from run
    )
    update jobs set
      status = (${JSON.stringify(movesOf('begin'))}::jsonb ->> status::text)::job_status,
      status_number = status_number + 1,
      running_runs = running_runs + 1,
      run_count = run_count + 1,
      settled_until = greatest(settled_until, ${fireAt}),
      next_run_at = ${toTimestamp(claim.nextFire)},
      last_run_id = run.id,
      updated_at = ${at}
    from run where jobs.id = run.job_id
    returning jobs.*, run.id as the_run_id, run.attempts as run_attempts`,
    'claim-fire',
  );
  return row && { runId: row.the_run_id, attempt: row.run_attempts, job: toJobRecord(row) };
}

/**
 * Begins the next attempt of a run that has a row already: one under way whose attempt failed or whose node died, or
 * one asked for by hand. Undefined when the run or its job has ended.
 */
export async function beginAttempt(
  db: Queries,
  run: { jobId: string; runId: string },
  by: { node: string; at: number },
): Promise<Attempt | undefined> {
  const at = toTimestamp(by.at);
  const [row] = await db.query<JobRow & { the_run_id: string; run_attempts: number }>(
    sql`with job as (
      select id from jobs where id = ${run.jobId} and status in ('pending', 'running', 'paused') for update
    ), run as (
      update runs set outcome = 'running', attempts = attempts + 1, started_at = coalesce(started_at, ${at}),
        node = ${by.node}
      from job where runs.id = ${run.runId} and runs.job_id = job.id and outcome in ('waiting', 'running')
      returning runs.id, runs.job_id, runs.project_id, runs.attempts
    ), event as (
      insert into events (project_id, job_id, run_id, type, at, actor)
      select project_id, job_id, id, 'run.started', ${at}, 'scheduler' from run where attempts = 1
    )
    update jobs set
      status = (${JSON.stringify(movesOf('begin'))}::jsonb ->> status::text)::job_status,
      status_number = status_number + 1,
      running_runs = running_runs + case when run.attempts = 1 then 1 else 0 end,
      run_count = run_count + case when run.attempts = 1 then 1 else 0 end,
      last_run_id = run.id,
      updated_at = ${at}
    from run where jobs.id = run.job_id
    returning jobs.*, run.id as the_run_id, run.attempts as run_attempts`,
    'begin-attempt',
  );
  return row && { runId: row.the_run_id, attempt: row.run_attempts, job: toJobRecord(row) };
}

/** How a run ended, and what follows from it for its job. */
export interface RunEnd {
  outcome: FinalOutcome;
  reason: string | null;
  result?: unknown;
  error?: RunError | undefined;
  /** When the handler of the first attempt was begun, more exactly than the claim could say. */
  begunAt?: number | undefined;
  /** What it means for the job's status. */
  move: StatusMove;
  nextFire: number | null;
  /** Fires that passed while the run was under way. */
  skips: Skip[];
  /** Log lines not written yet. */
  logs: LogLine[];
}

export type FinishAnswer =
  | { kind: 'finished'; job: JobRecord; openRuns: string[] }
  /** The job changed since `generation`: read it again and decide anew. */
  | { kind: 'job_changed' }
  /** The run is another attempt's by now, or has ended: this attempt's end is not written. */
  | { kind: 'not_ours' };

/**
 * Ends a run: its outcome, the job's status and next fire, the fires it overlapped, its last log lines and the event,
 * in one statement. Writes nothing unless the attempt still holds the run and the job is at `generation`.
 */
export async function finishRun(
  db: Queries,
  run: { jobId: string; runId: string; attempt: number; generation: number },
  end: RunEnd,
  at: number,
): Promise<FinishAnswer> {
  const now = toTimestamp(at);
  const skipRows = skipRowsOf(end.skips);
  const settledUntil = end.skips.length > 0 ? Math.max(...end.skips.map((s) => s.until ?? s.fireAt)) : null;
  const failed = end.outcome === 'failed' || end.outcome === 'timed_out';
  const [row] = await db.query<Partial<JobRow> & { current: boolean; open_runs: string[] }>(
    sql`with job as (
      select id from jobs where id = ${run.jobId} and generation = ${run.generation} for update
    ), run as (
      update runs set outcome = ${end.outcome}::run_outcome, reason = ${end.reason}, finished_at = ${now},
        started_at = case when attempts = 1 then coalesce(${toTimestamp(end.begunAt ?? null)}::timestamptz, started_at)
          else started_at end,
        result = ${toJson(end.result)}::jsonb,
        error = ${toJson(end.error)}::jsonb
      from job
      where runs.id = ${run.runId} and runs.job_id = job.id and runs.attempts = ${run.attempt} and outcome = 'running'
      returning runs.id, runs.job_id, runs.project_id, runs.generation
    ), skips as (
      insert into runs (id, project_id, job_id, trigger, fire_at, scheduled_for, scheduled_until, fire_count, outcome,
        reason, generation)
      select s.id, run.project_id, run.job_id, 'schedule', s.fire_at, s.fire_at, s.until, s.count, s.outcome, s.reason,
        run.generation
      from run, jsonb_to_recordset(${skipRows}::jsonb)
        as s(id uuid, fire_at timestamptz, until timestamptz, count int, outcome run_outcome, reason text)
      on conflict (job_id, fire_at) do nothing
    ), logs as (
      insert into run_logs (project_id, job_id, run_id, attempt, at, level, message, fields)
      select run.project_id, run.job_id, run.id, ${run.attempt}, l.at, l.level, l.message, l.fields
      from run, jsonb_to_recordset(${toJson(end.logs)}::jsonb)
        as l(at timestamptz, level log_level, message text, fields jsonb)
    ), event as (
      insert into events (project_id, job_id, run_id, type, at, actor, data)
      select project_id, job_id, id, 'run.finished', ${now}::timestamptz, 'scheduler',
        jsonb_build_object('outcome', ${end.outcome}::text) from run
    ), moved as (
      update jobs set
        status = case when ${end.move === 'settle'} and running_runs > 1 then status else
          coalesce((${JSON.stringify(movesOf(end.move))}::jsonb ->> status::text)::job_status, status) end,
        status_number = status_number + 1,
        running_runs = greatest(running_runs - 1, 0),
        failure_count = failure_count + ${failed ? 1 : 0},
        settled_until = greatest(settled_until, ${toTimestamp(settledUntil)}::timestamptz),
        next_run_at = ${toTimestamp(end.nextFire)}::timestamptz,
        updated_at = ${now}::timestamptz
      from run where jobs.id = run.job_id
      returning jobs.*
    ), abandoned as (
      update runs set outcome = 'cancelled', reason = 'The job ended before this run began.', finished_at = ${now}
      from moved where runs.job_id = moved.id and outcome = 'waiting' and moved.status = any(${finalStatuses}::job_status[])
    )
    select moved.*, exists (select 1 from job) as current,
      array(select id::text from runs where job_id = ${run.jobId} and outcome in ('waiting', 'running') and id <> ${run.runId}
        order by id) as open_runs
    from (select 1) one left join moved on true`,
    'finish-run',
  );
  if (row && isJobRow(row)) return { kind: 'finished', job: toJobRecord(row), openRuns: row.open_runs };
  return { kind: row?.current ? 'not_ours' : 'job_changed' };
}

function isJobRow(row: Partial<JobRow>): row is JobRow {
  return row.id !== undefined && row.id !== null;
}

/** Writes that an attempt failed and another will follow. */
export async function noteFailedAttempt(
  db: Queries,
  run: { projectId: string; jobId: string; runId: string; attempt: number },
  error: RunError,
  at: number,
): Promise<void> {
  await db.query(
    sql`with run as (
      update runs set error = ${toJson(error)}::jsonb
      where id = ${run.runId} and attempts = ${run.attempt} and outcome = 'running' returning id)
    insert into events (project_id, job_id, run_id, type, at, actor, data)
    select ${run.projectId}::uuid, ${run.jobId}::uuid, id, 'run.attempt_failed', ${toTimestamp(at)}::timestamptz,
      'scheduler', jsonb_build_object('attempt', ${run.attempt}::int, 'code', ${error.code}::text) from run`,
  );
}

/** Ends a job whose one fire can no more run, or moves a recurring one past fires that were missed. */
export async function settleFires(
  db: Queries,
  job: { id: string; generation: number },
  end: { move: StatusMove | null; skips: Skip[]; nextFire: number | null },
  at: number,
): Promise<JobRecord | undefined> {
  const settledUntil = Math.max(0, ...end.skips.map((s) => s.until ?? s.fireAt));
  const moves: Partial<Record<JobStatus, JobStatus>> = end.move === null ? {} : movesOf(end.move);
  const now = toTimestamp(at);
  const [row] = await db.query<JobRow>(
    sql`with moved as (
      update jobs set
        status = coalesce((${JSON.stringify(moves)}::jsonb ->> status::text)::job_status, status),
        status_number = status_number + 1,
        settled_until = greatest(settled_until, ${toTimestamp(settledUntil)}::timestamptz),
        next_run_at = ${toTimestamp(end.nextFire)}::timestamptz,
        updated_at = ${now}::timestamptz
      where id = ${job.id} and generation = ${job.generation}
      returning *
    ), skips as (
      insert into runs (id, project_id, job_id, trigger, fire_at, scheduled_for, scheduled_until, fire_count, outcome,
        reason, generation)
      select s.id, moved.project_id, moved.id, 'schedule', s.fire_at, s.fire_at, s.until, s.count, s.outcome, s.reason,
        moved.generation
      from moved, jsonb_to_recordset(${skipRowsOf(end.skips)}::jsonb)
        as s(id uuid, fire_at timestamptz, until timestamptz, count int, outcome run_outcome, reason text)
      on conflict (job_id, fire_at) do nothing
      returning id, project_id, job_id, outcome
    ), event as (
      insert into events (project_id, job_id, run_id, type, at, actor, data)
      select project_id, job_id, id, 'run.skipped', ${now}::timestamptz, 'scheduler',
        jsonb_build_object('outcome', outcome) from skips
    ), abandoned as (
      update runs set outcome = 'cancelled', reason = 'The job ended before this run began.', finished_at = ${now}
      from moved where runs.job_id = moved.id and outcome = 'waiting' and moved.status = any(${finalStatuses}::job_status[])
    )
    select * from moved`,
  );
  return row && toJobRecord(row);
}

/** Writes fires that did not run into the ledger; one that is there already stays as it is. */
export async function insertSkips(
  db: Queries,
  job: { id: string; projectId: string; generation: number },
  skips: Skip[],
  at: number,
): Promise<void> {
  await db.query(
    sql`with skips as (
      insert into runs (id, project_id, job_id, trigger, fire_at, scheduled_for, scheduled_until, fire_count, outcome,
        reason, generation)
      select s.id, ${job.projectId}::uuid, ${job.id}::uuid, 'schedule', s.fire_at, s.fire_at, s.until, s.count,
        s.outcome, s.reason, ${job.generation}::int
      from jsonb_to_recordset(${skipRowsOf(skips)}::jsonb)
        as s(id uuid, fire_at timestamptz, until timestamptz, count int, outcome run_outcome, reason text)
      on conflict (job_id, fire_at) do nothing
      returning id, project_id, job_id, outcome
    )
    insert into events (project_id, job_id, run_id, type, at, actor, data)
    select project_id, job_id, id, 'run.skipped', ${toTimestamp(at)}::timestamptz, 'scheduler',
      jsonb_build_object('outcome', outcome) from skips`,
  );
}

function skipRowsOf(skips: Skip[]): string {
  return JSON.stringify(
    skips.map((skip) => ({
      id: skip.runId,
      fire_at: toTimestamp(skip.fireAt),
      until: toTimestamp(skip.until ?? null),
      count: skip.count ?? 1,
      outcome: skip.outcome,
      reason: skip.reason,
    })),
  );
}
