import sql from 'sql-template-tag';
import type { Queries } from './database.js';
import { toJson } from './json.js';

/** A line of a run's log. `at` is RFC 3339; `fields` plain JSON. */
export interface LogLine {
  at: string;
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields?: Record<string, unknown> | undefined;
}

/** How much a run has logged, in characters; each line counts for `lineOverhead` more. */
export async function readLogLength(db: Queries, runId: string, lineOverhead: number): Promise<number> {
  const [row] = await db.query<{ length: number }>(
    sql`select coalesce(sum(length(message) + coalesce(length(fields::text), 0) + ${lineOverhead}::int), 0)::int as length
      from run_logs where run_id = ${runId}`,
    'read-log-length',
  );
  return row?.length ?? 0;
}

/** Writes a batch of lines, in their order. */
export async function appendRunLogs(
  db: Queries,
  run: { projectId: string; jobId: string; runId: string; attempt: number },
  lines: LogLine[],
): Promise<void> {
  await db.query(
    sql`insert into run_logs (project_id, job_id, run_id, attempt, at, level, message, fields)
      select ${run.projectId}, ${run.jobId}, ${run.runId}, ${run.attempt}, l.at, l.level, l.message, l.fields
      from jsonb_to_recordset(${toJson(lines)}::jsonb)
        as l(at timestamptz, level log_level, message text, fields jsonb)`,
    'append-run-logs',
  );
}
