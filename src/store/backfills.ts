import sql from 'sql-template-tag';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';

/** Which of these fires (epoch milliseconds) of a job have run, or are to run already; a retry that completed counts. */
export async function ranAlready(db: Queries, jobId: string, fires: readonly number[]): Promise<number[]> {
  const rows = await db.query<{ fire_at: Date }>(
    sql`select fire_at from runs where job_id = ${jobId} and fire_at = any(${fires.map((fire) => toTimestamp(fire))}::timestamptz[])
      and (attempts > 0 or outcome in ('waiting', 'running'))
      union select scheduled_for from runs where job_id = ${jobId} and trigger = 'retry'
        and scheduled_for = any(${fires.map((fire) => toTimestamp(fire))}::timestamptz[])
        and outcome in ('waiting', 'running', 'completed')`,
  );
  return rows.map((row) => row.fire_at.getTime());
}

/** How many runs of backfills of a job wait. */
export async function countWaitingBackfill(db: Queries, jobId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`select count(*)::int as count from runs where job_id = ${jobId} and outcome = 'waiting' and trigger = 'backfill'`,
  );
  return row?.count ?? 0;
}

/**
 * Takes fires that are to run after all out of the rows that tell of long stretches: those then count fewer, and one
 * that counts none is gone. One that stopped counting at `countedTo` stays as it is: it tells of more.
 */
export async function takeOutOfSummaries(
  tx: Queries,
  jobId: string,
  fires: readonly number[],
  countedTo: number,
): Promise<void> {
  const instants = fires.map((fire) => toTimestamp(fire));
  await tx.query(
    sql`with taken as (
      select runs.id, count(*)::int as count from runs, unnest(${instants}::timestamptz[]) as f(fire_at)
      where job_id = ${jobId} and scheduled_until is not null and outcome <> 'skipped_excluded'
        and f.fire_at between runs.scheduled_for and runs.scheduled_until group by runs.id
    )
    update runs set
      fire_count = case when fire_count < ${countedTo} then greatest(fire_count - taken.count, 0) else fire_count end,
      -- Its first fire may get a row of its own.
      fire_at = case when fire_at = any(${instants}::timestamptz[]) then null else fire_at end,
      reason = reason || ' A backfill took ' || taken.count || ' of them out.'
    from taken where runs.id = taken.id`,
  );
  await tx.query(
    sql`delete from runs where job_id = ${jobId} and scheduled_until is not null and fire_count = 0
      and outcome <> 'skipped_excluded'`,
  );
}
