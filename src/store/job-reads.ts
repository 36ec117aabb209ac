import sql from 'sql-template-tag';
import type { RunOutcome } from '../domain/run.js';
import type { JobStatus } from '../domain/status.js';
import type { Queries } from './database.js';
import { jobColumns, toJobRecord, type JobRecord, type JobRow } from './job-record.js';

/** The newest run of a job that began. Instants are epoch milliseconds. */
export interface LastRun {
  runId: string;
  scheduledFor: number;
  startedAt: number | null;
  finishedAt: number | null;
  outcome: RunOutcome;
  reason: string | null;
}

/** What users ask for most. */
export interface JobStanding {
  jobId: string;
  status: JobStatus;
  updatedAt: number;
  nextRunAt: number | null;
  lastRun: LastRun | null;
}

interface LastRunColumns {
  last_id: string | null;
  last_scheduled_for: Date;
  last_started_at: Date | null;
  last_finished_at: Date | null;
  last_outcome: RunOutcome;
  last_reason: string | null;
}

const lastRunColumns = sql`last.id as last_id, last.scheduled_for as last_scheduled_for,
  last.started_at as last_started_at, last.finished_at as last_finished_at, last.outcome as last_outcome,
  last.reason as last_reason`;

/** How a job stands. Undefined when the project has no such job. */
export async function readJobStanding(db: Queries, projectId: string, jobId: string): Promise<JobStanding | undefined> {
  const [row] = await db.query<Pick<JobRow, 'id' | 'status' | 'updated_at' | 'next_run_at'> & LastRunColumns>(
    sql`select jobs.id, jobs.status, jobs.updated_at, jobs.next_run_at, ${lastRunColumns}
      from jobs left join runs last on last.id = jobs.last_run_id
      where jobs.id = ${jobId} and jobs.project_id = ${projectId}`,
    'read-job-standing',
  );
  return (
    row && {
      jobId: row.id,
      status: row.status,
      updatedAt: row.updated_at.getTime(),
      nextRunAt: row.next_run_at?.getTime() ?? null,
      lastRun: toLastRun(row),
    }
  );
}

/** The whole job. Undefined when the project has no such job. */
export async function readJob(
  db: Queries,
  projectId: string,
  jobId: string,
): Promise<{ job: JobRecord; lastRun: LastRun | null } | undefined> {
  const [row] = await db.query<JobRow & LastRunColumns & { has_payload: boolean }>(
    sql`select ${jobColumns()}, jobs.payload is not null as has_payload, ${lastRunColumns} from jobs left join runs last on last.id = jobs.last_run_id
      where jobs.id = ${jobId} and jobs.project_id = ${projectId}`,
    'read-job',
  );
  if (!row) return undefined;
  // The driver reads no payload and JSON's null alike.
  const job = { ...toJobRecord(row), payload: row.has_payload ? row.payload : undefined };
  return { job, lastRun: toLastRun(row) };
}

/** Whether the project has a job. */
export async function jobExists(db: Queries, projectId: string, jobId: string): Promise<boolean> {
  const rows = await db.query(sql`select 1 from jobs where id = ${jobId} and project_id = ${projectId}`, 'job-exists');
  return rows.length > 0;
}

function toLastRun(row: LastRunColumns): LastRun | null {
  if (row.last_id === null) return null;
  return {
    runId: row.last_id,
    scheduledFor: row.last_scheduled_for.getTime(),
    startedAt: row.last_started_at?.getTime() ?? null,
    finishedAt: row.last_finished_at?.getTime() ?? null,
    outcome: row.last_outcome,
    reason: row.last_reason,
  };
}

/** Jobs that wait to be handed to Temporal, in all projects: for the metrics. */
export async function countUndispatched(db: Queries): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`select count(*)::int as count from jobs where observed_generation < generation`,
    'count-undispatched',
  );
  return row?.count ?? 0;
}
