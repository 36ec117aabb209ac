import sql from 'sql-template-tag';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { jobColumns, toJobRecord, type JobRecord, type JobRow } from './job-record.js';
import { insertSkips, type Skip } from './skips.js';

/** Locks up to `limit` jobs with an excluded fire that the ledger does not tell of yet, longest due first. */
export async function takeJobsToSettle(tx: Queries, now: number, limit: number): Promise<JobRecord[]> {
  const locked = await tx.query<{ id: string }>(
    sql`select id from jobs where settle_at <= ${toTimestamp(now)}
      order by settle_at limit ${limit} for update skip locked`,
    'lock-jobs-to-settle',
  );
  // Read after the lock: the calendars of a job are then those that its row names.
  const rows = await tx.query<JobRow>(
    sql`select ${jobColumns()} from jobs where id = any(${locked.map(({ id }) => id)}::uuid[])`,
    'read-jobs-to-settle',
  );
  return rows.map(toJobRecord);
}

/** Writes excluded fires of a job, and when to look again (null: never). */
export async function settleExcluded(
  tx: Queries,
  jobId: string,
  skips: Skip[],
  settleAt: number | null,
  now: number,
): Promise<void> {
  if (skips.length > 0) await insertSkips(tx, jobId, skips, now);
  await tx.query(sql`update jobs set settle_at = ${toTimestamp(settleAt)} where id = ${jobId}`);
}
