import sql from 'sql-template-tag';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';

/**
 * Adds to the count that all replicas share of a key in a window, and gives what it is by then. A window that has begun
 * takes the place of the one before it.
 *
 * @param windowStart epoch milliseconds
 */
export async function addToRateCount(
  db: Queries,
  key: string,
  windowStart: number,
  count: number,
): Promise<number | undefined> {
  const [row] = await db.query<{ used: number }>(
    sql`insert into rate_counts as c (key, window_start, used) values (${key}, ${toTimestamp(windowStart)}, ${count})
      on conflict (key) do update set window_start = greatest(c.window_start, excluded.window_start),
        used = case when c.window_start < excluded.window_start then excluded.used else c.used + excluded.used end
      returning used`,
    'add-to-rate-count',
  );
  return row?.used;
}

/** Forgets the counts of windows that began before `instant` (epoch milliseconds). */
export async function deleteRateCounts(db: Queries, instant: number): Promise<void> {
  await db.query(sql`delete from rate_counts where window_start < ${toTimestamp(instant)}`);
}
