import sql from 'sql-template-tag';
import type { Queries } from './database.js';

/** The database's own time at this moment, in epoch milliseconds. */
export async function readDatabaseTime(db: Queries): Promise<number> {
  const [row] = await db.query<{ now: number }>(
    sql`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`,
    'read-time',
  );
  if (!row) throw new Error('the database told no time');
  return row.now;
}
