import sql, { type Sql } from 'sql-template-tag';
import type { Fire } from '../domain/job.js';
import type { FinalOutcome, OpenRun, RunError } from '../domain/run.js';
import { movesOf, type StatusMove } from '../domain/status.js';
import { insertOfFollowUps } from './chains.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { jobColumns, nominalOf, toJobRecord, type JobRecord, type JobRow } from './job-record.js';
import { endOfWaitingRuns, openRunsJson } from './open-runs.js';
import { toJson } from './json.js';
import type { LogLine } from './run-logs.js';
import type { Sealed } from './stored.js';
import { insertOfSkips, type Skip } from './skips.js';

/** How a run ended, and what follows from it for its job. */
export interface RunEnd {
  outcome: FinalOutcome;
  reason: string | null;
  result?: Sealed | undefined;
  error?: RunError | undefined;
  /** When the handler of this attempt was called; undefined of an attempt that did not come to it. Epoch milliseconds. */
  handlerStartedAt?: number | undefined;
  /** What it means for the job's status. */
  move: StatusMove;
  next: Fire | null;
  /** Fires that passed while the run was under way: those that will not run, and those that wait for their turn now. */
  skips: Skip[];
  buffered: BufferedFire[];
  /** Log lines not written yet. */
  logs: LogLine[];
}

/** A fire that waits for the run before it to end. */
export interface BufferedFire extends Fire {
  runId: string;
}

export type FinishAnswer =
  | { kind: 'finished'; job: JobRecord; openRuns: OpenRun[]; concurrencyKey: string | null; isFollowed: boolean }
  /** The job was moved since: read it again and decide anew. */
  | { kind: 'job_changed' }
  /** The run is another attempt's by now, or has ended: this attempt's end is not written. */
  | { kind: 'not_ours' };

/**
 * Ends a run: its outcome, the job's status and next fire, the fires it overlapped, its last log lines and the event,
 * in one statement. Writes nothing unless the attempt still holds the run and nobody has moved the job
 * since it was decided what follows.
 */
export async function finishRun(
  db: Queries,
  run: { jobId: string; runId: string; attempt: number; statusNumber: number },
  end: RunEnd,
  at: number,
): Promise<FinishAnswer> {
  const now = toTimestamp(at);
  const passed = [...end.skips.map((skip) => skip.until ?? skip.fireAt), ...end.buffered.map((fire) => fire.fireAt)];
  const settledUntil = passed.length > 0 ? Math.max(...passed) : null;
  const failed = end.outcome === 'failed' || end.outcome === 'timed_out';
  const [row] = await db.query<
    Partial<JobRow> & { current: boolean; open_runs: OpenRun[]; concurrency_key: string | null; is_followed: boolean }
  >(
    sql`with job as (
      select id from jobs where id = ${run.jobId} and status_number = ${run.statusNumber} for update
    ), run as (
      update runs set outcome = ${end.outcome}::run_outcome, reason = ${end.reason}, finished_at = ${now},
        ${setHandlerStart(end.handlerStartedAt)},
        result_sealed = ${end.result?.sealed ?? null},
        error = ${toJson(end.error)}::jsonb
      from job
      where runs.id = ${run.runId} and runs.job_id = job.id and runs.attempts = ${run.attempt} and outcome = 'running'
      returning runs.id, runs.job_id, runs.project_id, runs.generation, runs.outcome, runs.attempts,
        runs.concurrency_key
    ), finished as (
      select job_id as id, project_id, generation from run
    ), skips as (
      ${insertOfSkips(end.skips, sql`finished`)}
    ), buffered as (
      ${insertOfBuffered(end.buffered, sql`finished`)}
    ), logs as (
      insert into run_logs (project_id, job_id, run_id, attempt, at, level, message, fields)
      select run.project_id, run.job_id, run.id, ${run.attempt}, l.at, l.level, l.message, l.fields
      from run, jsonb_to_recordset(${toJson(end.logs)}::jsonb)
        as l(at timestamptz, level log_level, message text, fields jsonb)
    ), event as (
      insert into events (project_id, job_id, run_id, type, at, actor, data)
      select project_id, job_id, id, 'run.finished', ${now}::timestamptz, 'scheduler',
        jsonb_build_object('outcome', ${end.outcome}::text) from run
    ), follow_up as (
      ${insertOfFollowUps(sql`run`, now)}
    ), moved as (
      update jobs set
        status = case when ${end.move === 'settle'} and running_runs > 1 then status else
          coalesce((${JSON.stringify(movesOf(end.move))}::jsonb ->> status::text)::job_status, status) end,
        status_number = status_number + 1,
        running_runs = greatest(running_runs - 1, 0),
        failure_count = failure_count + ${failed ? 1 : 0},
        settled_until = greatest(settled_until, ${toTimestamp(settledUntil)}::timestamptz),
        schedule_run_count = schedule_run_count + ${end.buffered.length},
        next_run_at = ${toTimestamp(end.next?.runAt ?? null)}::timestamptz,
        next_fire_at = ${toTimestamp(nominalOf(end.next))}::timestamptz,
        updated_at = ${now}::timestamptz
      from run where jobs.id = run.job_id
      returning jobs.*
    ), ${endOfWaitingRuns(sql`moved`, now)}
    select ${jobColumns('moved')}, exists (select 1 from job) as current,
      (select concurrency_key from run) as concurrency_key, exists (select 1 from follow_up) as is_followed,
      ${openRunsJson(sql`${run.jobId}::uuid`, sql`${run.runId}::uuid`)} as open_runs
    from (select 1) one left join moved on true`,
    'finish-run',
  );
  if (row && isJobRow(row)) {
    // A statement does not see what it writes itself.
    const openRuns = [...row.open_runs, ...end.buffered.map(({ runId }) => waitingForItsTurn(runId))];
    return {
      kind: 'finished',
      job: toJobRecord(row),
      openRuns,
      concurrencyKey: row.concurrency_key,
      isFollowed: row.is_followed,
    };
  }
  return { kind: row?.current ? 'not_ours' : 'job_changed' };
}

/** Of the first attempt only: the others have their begin in `attempt_started_at`. */
function setHandlerStart(handlerStartedAt: number | undefined): Sql {
  return sql`handler_started_at = case when attempts = 1 then ${toTimestamp(handlerStartedAt ?? null)}::timestamptz
          else handler_started_at end`;
}

function waitingForItsTurn(id: string): OpenRun {
  return { id, trigger: 'schedule', isRunning: false, isParallel: false };
}

/** An insert of fires that wait for their turn, for a job that `from` (a CTE with its row) names. */
function insertOfBuffered(fires: readonly BufferedFire[], from: Sql): Sql {
  const rows = fires.map(({ runId, fireAt, runAt }) => ({
    id: runId,
    fire_at: toTimestamp(fireAt),
    effective_at: runAt === fireAt ? null : toTimestamp(runAt),
  }));
  return sql`insert into runs (id, project_id, job_id, trigger, fire_at, scheduled_for, effective_at, outcome, generation)
      select b.id, job.project_id, job.id, 'schedule', b.fire_at, b.fire_at, b.effective_at, 'waiting', job.generation
      from ${from} job, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as b(id uuid, fire_at timestamptz, effective_at timestamptz)
      on conflict (job_id, fire_at) do nothing`;
}

function isJobRow(row: Partial<JobRow>): row is JobRow {
  return row.id !== undefined && row.id !== null;
}

/** Why an attempt ended that did not end its run. */
export type AttemptOutcome = 'failed' | 'timed_out' | 'stopped';

/** Writes that an attempt ended and another will follow, at `nextAt` (epoch milliseconds). */
export async function noteAttempt(
  db: Queries,
  run: { jobId: string; runId: string; attempt: number },
  end: { outcome: AttemptOutcome; error: RunError | null; handlerStartedAt?: number; nextAt: number },
  at: number,
): Promise<void> {
  const now = toTimestamp(at);
  await db.query(
    sql`with run as (
      update runs set error = ${toJson(end.error ?? undefined)}::jsonb, wait_until = ${toTimestamp(end.nextAt)}::timestamptz,
        progress = null, ${setHandlerStart(end.handlerStartedAt)}
      where id = ${run.runId} and attempts = ${run.attempt} and outcome = 'running'
      returning id, project_id, coalesce(attempt_started_at, started_at) as started_at, node
    ), past as (
      insert into attempts (run_id, attempt, project_id, started_at, finished_at, outcome, error, node)
      select id, ${run.attempt}::int, project_id, started_at, ${now}::timestamptz, ${end.outcome}::attempt_outcome,
        ${toJson(end.error ?? undefined)}::jsonb, node from run
      on conflict do nothing
    )
    insert into events (project_id, job_id, run_id, type, at, actor, data)
    select project_id, ${run.jobId}::uuid, id, 'run.attempt_failed', ${now}::timestamptz,
      'scheduler', jsonb_build_object('attempt', ${run.attempt}::int, 'code', ${end.error?.code ?? null}::text)
    from run where ${end.outcome !== 'stopped'}`,
    'note-attempt',
  );
}
