import sql, { type Sql } from 'sql-template-tag';
import { MAX_PARALLEL_RUNS, type CancelRequest, type OpenRun, type SkipOutcome } from '../domain/run.js';
import { finalStatuses } from '../domain/status.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { toJson } from './json.js';

/** More than a wish names, so that the few of each kind are among them. */
const READ_AT_MOST = 2 * MAX_PARALLEL_RUNS;

/**
 * The first runs of a job that have not ended, as `OpenRun[]` in JSON, oldest first; those of a backfill that wait come
 * later, being many, by their fires; last those that are blocked. While one of them is in line for a place, those of its kind
 * behind it (one after another, or beside each other) are blocked, too: they come to the gate when it has got its place.
 * `jobId` names the job; `except` a run that is left out.
 */
export function openRunsJson(jobId: Sql, except: Sql = sql`null::uuid`): Sql {
  return sql`(select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'trigger', o.trigger,
        'isRunning', o.outcome = 'running', 'isParallel', o.parallel, 'isBlocked', o.is_blocked,
        'isToStop', o.cancel_request is not null, 'fireAt', (extract(epoch from o.fire_at) * 1000)::bigint)), '[]')
      from (
        select id, trigger, outcome, parallel, cancel_request, fire_at,
          waits_for is not null or outcome = 'waiting' and not admitted and parallel = any(line.kinds) as is_blocked
        from runs, (
          select coalesce(array_agg(distinct parallel), '{}') as kinds from runs
          where job_id = ${jobId} and outcome = 'waiting' and waits_for in ('concurrency', 'project')
            and id is distinct from ${except}
        ) line
        where job_id = ${jobId} and outcome in ('waiting', 'running') and id is distinct from ${except}
        order by is_blocked, (trigger = 'backfill' and outcome = 'waiting' and not admitted),
          -- Those of a backfill may have rows of different ages: of fires that were skipped, and new ones.
          case when trigger = 'backfill' and outcome = 'waiting' and not admitted then scheduled_for end, id
        limit ${READ_AT_MOST}
      ) o)`;
}

/** The first runs of a job that have not ended. */
export async function openRunsOf(db: Queries, jobId: string): Promise<OpenRun[]> {
  const [row] = await db.query<{ open_runs: OpenRun[] }>(
    sql`select ${openRunsJson(sql`${jobId}::uuid`)} as open_runs`,
    'open-runs-of-job',
  );
  return row?.open_runs ?? [];
}

/** How many fires of a job came due and wait for the run before them. */
export async function countBuffered(db: Queries, jobId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`select count(*)::int as count from runs where job_id = ${jobId} and outcome = 'waiting' and trigger = 'schedule'`,
  );
  return row?.count ?? 0;
}

/** How many runs of a job wait, whatever for. */
export async function countWaiting(db: Queries, jobId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`select count(*)::int as count from runs where job_id = ${jobId} and outcome = 'waiting'`,
  );
  return row?.count ?? 0;
}

/** How many runs of a job that were asked for by hand wait. */
export async function countWaitingByHand(db: Queries, jobId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`select count(*)::int as count from runs
      where job_id = ${jobId} and outcome = 'waiting' and trigger in ('manual', 'retry')`,
  );
  return row?.count ?? 0;
}

/**
 * Ends the runs that wait, for a job that has ended: it runs nothing any more. Two CTEs for a statement in which `from`
 * names the job's new row (id, status); they write the runs and, with them, their events.
 */
export function endOfWaitingRuns(from: Sql, at: string): Sql {
  return sql`abandoned as (
      update runs set outcome = 'cancelled', reason = 'The job ended before this run began.',
        finished_at = ${at}::timestamptz, waits_for = null, wait_until = null, admitted = false
      from ${from} job
      where runs.job_id = job.id and outcome = 'waiting' and job.status = any(${finalStatuses}::job_status[])
      returning runs.id, runs.job_id, runs.project_id
    ), abandoned_events as (
      insert into events (project_id, job_id, run_id, type, at, actor, data)
      select project_id, job_id, id, 'run.finished', ${at}::timestamptz, 'scheduler',
        jsonb_build_object('outcome', 'cancelled') from abandoned
    )`;
}

/** Notes of runs under way that their end was asked for; of one that was asked before, nothing. */
export async function requestCancels(
  db: Queries,
  jobId: string,
  runs: readonly { runId: string; request: CancelRequest }[],
): Promise<void> {
  await db.query(
    sql`update runs set cancel_request = r.request
      from jsonb_to_recordset(${toJson(runs)}::jsonb) as r("runId" uuid, request jsonb)
      where runs.id = r."runId" and job_id = ${jobId} and outcome = 'running' and cancel_request is null`,
  );
}

/** Ends runs that wait, without their having begun. */
export async function endWaitingRuns(
  db: Queries,
  jobId: string,
  runs: readonly { runId: string; outcome: SkipOutcome; reason: string }[],
  at: number,
): Promise<void> {
  await db.query(
    sql`update runs set outcome = r.outcome, reason = r.reason, finished_at = ${toTimestamp(at)}, waits_for = null,
        wait_until = null, admitted = false
      from jsonb_to_recordset(${toJson(runs)}::jsonb) as r("runId" uuid, outcome run_outcome, reason text)
      where runs.id = r."runId" and job_id = ${jobId} and runs.outcome = 'waiting'`,
  );
}
