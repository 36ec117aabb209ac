import sql, { type Sql } from 'sql-template-tag';
import type { SkipOutcome } from '../domain/run.js';
import { movesOf, type JobStatus, type StatusMove } from '../domain/status.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import type { Fire } from '../domain/job.js';
import { jobColumns, nominalOf, toJobRecord, type JobRecord, type JobRow } from './job-record.js';
import { endOfWaitingRuns } from './open-runs.js';

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

/**
 * Ends a job whose one fire can no more run, or moves a recurring one past fires that were missed. Undefined when anything
 * moved the job since it was decided: whether it ends depends on its other runs.
 */
export async function settleFires(
  db: Queries,
  job: { id: string; generation: number; statusNumber: number; fireAt: number },
  end: { move: StatusMove | null; skips: Skip[]; next: Fire | null },
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
        next_run_at = ${toTimestamp(end.next?.runAt ?? null)}::timestamptz,
        next_fire_at = ${toTimestamp(nominalOf(end.next))}::timestamptz,
        updated_at = ${now}::timestamptz
      where id = ${job.id} and generation = ${job.generation} and status_number = ${job.statusNumber}
        and coalesce(next_fire_at, next_run_at) = ${toTimestamp(job.fireAt)}
      returning *
    ), skips as (
      ${insertOfSkips(end.skips, sql`moved`)}
    ), event as (
      ${eventsOfSkips(now)}
    ), ${endOfWaitingRuns(sql`moved`, now)}
    select ${jobColumns('moved')} from moved`,
  );
  return row && toJobRecord(row);
}

/** Writes fires that did not run into the ledger; one that is there already stays as it is. */
export async function insertSkips(db: Queries, jobId: string, skips: Skip[], at: number): Promise<void> {
  await db.query(
    sql`with job as (select id, project_id, generation from jobs where id = ${jobId}),
    skips as (${insertOfSkips(skips, sql`job`)})
    ${eventsOfSkips(toTimestamp(at))}`,
  );
}

/** An insert of fires that did not run, for a job that `from` (a table or CTE with its row) names. */
export function insertOfSkips(skips: readonly Skip[], from: Sql): Sql {
  return sql`insert into runs (id, project_id, job_id, trigger, fire_at, scheduled_for, scheduled_until, fire_count,
      outcome, reason, generation)
    select s.id, job.project_id, job.id, 'schedule', s.fire_at, s.fire_at, s.until, s.count, s.outcome, s.reason,
      job.generation
    from ${from} job, jsonb_to_recordset(${rowsOf(skips)}::jsonb)
      as s(id uuid, fire_at timestamptz, until timestamptz, count int, outcome run_outcome, reason text)
    on conflict (job_id, fire_at) do nothing
    returning id, project_id, job_id, outcome`;
}

/** The events of fires that `skips` (a CTE around `insertOfSkips`) wrote. */
function eventsOfSkips(at: string): Sql {
  return sql`insert into events (project_id, job_id, run_id, type, at, actor, data)
    select project_id, job_id, id, 'run.skipped', ${at}::timestamptz, 'scheduler',
      jsonb_build_object('outcome', outcome) from skips`;
}

function rowsOf(skips: readonly Skip[]): string {
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
