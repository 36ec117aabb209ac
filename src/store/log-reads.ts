import sql, { join } from 'sql-template-tag';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { sliceOf, type Slice } from './pages.js';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** A line that a run wrote. `at` is in epoch milliseconds. */
export interface LogRecord {
  at: number;
  level: Level;
  message: string;
  runId: string;
  attempt: number;
  fields: unknown;
}

/** Which lines: those of `level` and above, from `since` (epoch milliseconds) on. */
export interface LogFilter {
  runId?: string | undefined;
  level?: Level | undefined;
  since?: number | undefined;
}

interface Row {
  id: string;
  at: Date;
  level: Level;
  message: string;
  run_id: string;
  attempt: number;
  fields: unknown;
}

/** A page of what a job's runs wrote, oldest first. A position is a line's number, as text: it can outgrow a JS number. */
export async function listLogs(
  db: Queries,
  of: { projectId: string; jobId: string },
  filter: LogFilter,
  page: { limit: number; after?: string | undefined },
): Promise<Slice<LogRecord, string>> {
  const conditions = [sql`job_id = ${of.jobId}`, sql`project_id = ${of.projectId}`];
  if (filter.runId !== undefined) conditions.push(sql`run_id = ${filter.runId}`);
  if (filter.level !== undefined) conditions.push(sql`level >= ${filter.level}::log_level`);
  if (filter.since !== undefined) conditions.push(sql`at >= ${toTimestamp(filter.since)}::timestamptz`);
  if (page.after !== undefined) conditions.push(sql`id > ${page.after}::bigint`);
  const rows = await db.query<Row>(
    sql`select id, at, level, message, run_id, attempt, fields from run_logs where ${join(conditions, ' and ')}
      order by id limit ${page.limit + 1}`,
  );
  return sliceOf(rows, page.limit, toLogRecord, (row) => row.id);
}

function toLogRecord(row: Row): LogRecord {
  const { level, message, attempt, fields } = row;
  return { at: row.at.getTime(), level, message, runId: row.run_id, attempt, fields };
}
