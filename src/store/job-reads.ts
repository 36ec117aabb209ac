import sql from 'sql-template-tag';
import { reasonOfEnd } from '../domain/after.js';
import type { RunOutcome } from '../domain/run.js';
import { finalStatuses } from '../domain/status.js';
import type { Queries } from './database.js';
import { jobColumns, toFire, toJobRecord, type JobRecord, type JobRow } from './job-record.js';

/** The newest run of a job that began; of a one-time job that ended without, its only one. Instants are epoch milliseconds. */
export interface LastRun {
  runId: string;
  scheduledFor: number;
  startedAt: number | null;
  finishedAt: number | null;
  outcome: RunOutcome;
  reason: string | null;
}

/** What users ask for most. */
export interface JobStanding extends Pick<JobRecord, 'id' | 'status' | 'updatedAt' | 'next' | 'executionTime'> {
  lastRun: LastRun | null;
  endReason: string | null;
}

/** A whole job, and what of other tables is shown with it. */
export interface JobRead {
  job: JobRecord;
  lastRun: LastRun | null;
  /** Why it ended, where that was because of a job that it follows. */
  endReason: string | null;
}

type StandingColumns = Pick<JobRow, 'id' | 'status' | 'updated_at' | 'next_run_at' | 'next_fire_at' | 'execution_time'>;

interface FollowedColumn {
  followed: string | null;
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

/** The run that is told as the job's last: `last` beside `jobs`. */
const lastRunJoin = sql`left join runs last on last.id = coalesce(jobs.last_run_id,
  case when jobs.type = 'one-time' and jobs.status = any(${finalStatuses}::job_status[]) then (
    select id from runs skipped where skipped.job_id = jobs.id order by scheduled_for desc, id desc limit 1) end)`;

/** The job because of which one without a schedule ended. Nothing came after that: its newest event tells it. */
const followedColumn = sql`case when jobs.follows <> '{}' and jobs.status in ('completed', 'failed') then (
    select data ->> 'followed' from events where events.job_id = jobs.id order by events.id desc limit 1) end as followed`;

/** How a job stands. Undefined when the project has no such job. */
export async function readJobStanding(db: Queries, projectId: string, jobId: string): Promise<JobStanding | undefined> {
  const [row] = await db.query<StandingColumns & LastRunColumns & FollowedColumn>(
    sql`select jobs.id, jobs.status, jobs.updated_at, jobs.next_run_at, jobs.next_fire_at, jobs.execution_time,
        ${lastRunColumns}, ${followedColumn}
      from jobs ${lastRunJoin}
      where jobs.id = ${jobId} and jobs.project_id = ${projectId}`,
    'read-job-standing',
  );
  return (
    row && {
      id: row.id,
      status: row.status,
      updatedAt: row.updated_at.getTime(),
      next: toFire(row),
      executionTime: row.execution_time?.getTime() ?? null,
      lastRun: toLastRun(row),
      endReason: toEndReason(row),
    }
  );
}

/** The whole job. Undefined when the project has no such job. */
export async function readJob(db: Queries, projectId: string, jobId: string): Promise<JobRead | undefined> {
  const [row] = await db.query<JobRow & LastRunColumns & FollowedColumn>(
    sql`select ${jobColumns()}, ${lastRunColumns}, ${followedColumn}
      from jobs ${lastRunJoin}
      where jobs.id = ${jobId} and jobs.project_id = ${projectId}`,
    'read-job',
  );
  return row && { job: toJobRecord(row), lastRun: toLastRun(row), endReason: toEndReason(row) };
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

function toEndReason({ followed }: FollowedColumn): string | null {
  return followed === null ? null : reasonOfEnd(followed);
}

/** Jobs that wait to be handed to Temporal, in all projects: for the metrics. */
export async function countUndispatched(db: Queries): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`select count(*)::int as count from jobs where observed_generation < generation`,
    'count-undispatched',
  );
  return row?.count ?? 0;
}
