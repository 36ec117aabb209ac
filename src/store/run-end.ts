import sql from 'sql-template-tag';
import { MAX_OPEN_RUNS_TOLD, type FinalOutcome, type RunError } from '../domain/run.js';
import { movesOf, type StatusMove } from '../domain/status.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { toJobRecord, type JobRecord, type JobRow } from './job-record.js';
import { endOfWaitingRuns } from './open-runs.js';
import { toJson } from './json.js';
import type { LogLine } from './run-logs.js';
import { insertOfSkips, type Skip } from './skips.js';

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
    ), finished as (
      select job_id as id, project_id, generation from run
    ), skips as (
      ${insertOfSkips(end.skips, sql`finished`)}
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
    ), ${endOfWaitingRuns(sql`moved`, now)}
    select moved.*, exists (select 1 from job) as current,
      array(select id::text from runs where job_id = ${run.jobId} and outcome in ('waiting', 'running') and id <> ${run.runId}
        order by id limit ${MAX_OPEN_RUNS_TOLD}) as open_runs
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
