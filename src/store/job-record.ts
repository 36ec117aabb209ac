import sql, { raw, type Sql } from 'sql-template-tag';
import type { CatchUp, CatchUpPolicy, Fire, JobType, OverlapPolicy, Priority, RetryPolicy } from '../domain/job.js';
import type { After } from '../domain/after.js';
import type { Concurrency } from '../domain/concurrency.js';
import type { JobStatus } from '../domain/status.js';
import type { Queries } from './database.js';
import { storedOf, type Stored } from './stored.js';

/**
 * What a job says about when beside its execution time, frequency and time zone. Plain JSON; instants are epoch
 * milliseconds.
 */
export interface ScheduleDetails {
  startAt?: number;
  endAt?: number;
  jitterMs?: number;
  spreadMs?: number;
  dst?: { gap?: 'shift' | 'skip' | undefined; overlap?: 'first' | 'both' | undefined };
  /** Where a fire on an excluded day moves to. */
  shift?: 'next' | 'previous';
}

/** A calendar, as the jobs that exclude it know it. */
export interface CalendarRecord {
  id: string;
  name: string;
  /** Its days as src/schedule/calendar understood them. */
  days: unknown;
}

/** A job as stored. Instants are epoch milliseconds. What each field is for stands in prisma/schema.prisma. */
export interface JobRecord {
  id: string;
  projectId: string;
  name: string;
  type: JobType;
  handler: string;
  payload: Stored | undefined;
  priority: Priority;
  tags: string[];
  pool: string;
  executionTime: number | null;
  frequency: string | string[] | null;
  timezone: string;
  schedule: ScheduleDetails;
  calendars: CalendarRecord[];
  maxRuns: number | null;
  overlap: OverlapPolicy;
  catchUp: CatchUpPolicy;
  timeoutMs: number;
  /** The longest a run may take, from its first attempt on; null: as long as its attempts take. */
  deadlineMs: number | null;
  retry: RetryPolicy;
  concurrency: Concurrency | null;
  /** The most runs of its project that may be under way at once. */
  projectLimit: number | null;
  after: After | null;
  generation: number;
  scheduleGeneration: number;
  pauseReason: string | null;
  pauseUntil: number | null;
  status: JobStatus;
  statusNumber: number;
  runningRuns: number;
  settledUntil: number;
  catchUpUntil: number | null;
  /** The next fire and when its run begins; null when the schedule names none. */
  next: Fire | null;
  settleAt: number | null;
  lastRunId: string | null;
  runCount: number;
  scheduleRunCount: number;
  failureCount: number;
  createdBy: string;
  createdAt: number;
  updatedAt: number;
  /** Its project's share of the workers. */
  weight: number;
}

/** A row of `jobs` as the driver gives it, with its calendars. */
export interface JobRow {
  id: string;
  project_id: string;
  name: string;
  type: JobType;
  handler: string;
  payload: unknown;
  payload_sealed: Buffer | null;
  priority: Priority;
  tags: string[];
  pool: string;
  execution_time: Date | null;
  frequency: string | null;
  timezone: string;
  schedule: StoredSchedule;
  calendars: CalendarRecord[];
  project_limit: number | null;
  max_runs: number | null;
  overlap: OverlapPolicy;
  catch_up: CatchUp;
  catch_up_window_ms: string;
  timeout_ms: number;
  deadline_ms: number | null;
  retry: RetryPolicy;
  concurrency: Concurrency | null;
  after: After | null;
  generation: number;
  schedule_generation: number;
  pause_reason: string | null;
  pause_until: Date | null;
  status: JobStatus;
  status_number: number;
  running_runs: number;
  settled_until: Date;
  catch_up_until: Date | null;
  next_run_at: Date | null;
  next_fire_at: Date | null;
  settle_at: Date | null;
  last_run_id: string | null;
  run_count: number;
  schedule_run_count: number;
  failure_count: number;
  created_by: string;
  created_at: Date;
  updated_at: Date;
  weight: number;
}

/** The column `schedule`: the details, and the frequency where it is a list. */
type StoredSchedule = ScheduleDetails & { frequencies?: string[] };

/** By name: a prepared statement over `jobs.*` fails when a migration has added a column. */
const columns = [
  ...['id', 'project_id', 'name', 'type', 'handler', 'payload', 'payload_sealed', 'priority', 'tags', 'pool'],
  ...['execution_time', 'frequency', 'timezone', 'schedule', 'max_runs', 'overlap', 'catch_up', 'catch_up_window_ms'],
  ...[
    'timeout_ms',
    'deadline_ms',
    'retry',
    'concurrency',
    'after',
    'generation',
    'schedule_generation',
    'pause_reason',
    'pause_until',
  ],
  ...['status', 'status_number', 'running_runs', 'settled_until', 'catch_up_until', 'next_run_at', 'next_fire_at'],
  ...['settle_at', 'last_run_id', 'run_count', 'schedule_run_count', 'failure_count'],
  ...['created_by', 'created_at', 'updated_at'],
] as const satisfies readonly Exclude<keyof JobRow, 'calendars' | 'weight' | 'project_limit'>[];

/**
 * The columns of a job's row with its calendars and what its project has of its own, for statements that read it as `jobs`, or as a CTE of that shape. Not
 * for one that may have to wait for the row: it then sees the row as it is after the wait, and the calendars as they were
 * before.
 */
export function jobColumns(from = 'jobs'): Sql {
  return sql`${raw(columns.map((column) => `${from}.${column}`).join(', '))}, case when ${raw(from)}.calendar_ids = '{}' then '[]'::jsonb else (
    select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name, 'days', c.days) order by c.name), '[]')
    from calendars c where c.id = any(${raw(from)}.calendar_ids)) end as calendars, ${projectWeight(from)} as weight,
    ${limitOfProject(from)} as project_limit`;
}

/** The most runs of the project of a row that may be under way at once: by its own limit, and by its quota. */
export function limitOfProject(from = 'jobs'): Sql {
  return sql`(select least(max_running_runs, quota_running_runs) from projects where projects.id = ${raw(from)}.project_id)`;
}

/** The weight of the project of a job's row. */
export function projectWeight(from = 'jobs'): Sql {
  return sql`(select weight from projects where projects.id = ${raw(from)}.project_id)`;
}

/** Locks a project's job until the transaction ends, and reads it as it is then. */
export async function lockJob(tx: Queries, projectId: string, jobId: string): Promise<JobRecord | undefined> {
  const locked = await tx.query(
    sql`select 1 from jobs where id = ${jobId} and project_id = ${projectId} for update`,
    'lock-job',
  );
  if (locked.length === 0) return undefined;
  const [row] = await tx.query<JobRow>(sql`select ${jobColumns()} from jobs where id = ${jobId}`, 'read-locked-job');
  return row && toJobRecord(row);
}

/** Locks jobs until the transaction ends, in the order of their ids, in which everybody locks several. */
export async function lockJobs(tx: Queries, jobIds: readonly string[]): Promise<void> {
  await tx.query(sql`select 1 from jobs where id = any(${jobIds}::uuid[]) order by id for update`);
}

export function toJobRecord(row: JobRow): JobRecord {
  const { frequencies, ...schedule } = row.schedule;
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    type: row.type,
    handler: row.handler,
    payload: storedOf(row.payload_sealed, row.payload),
    priority: row.priority,
    tags: row.tags,
    pool: row.pool,
    executionTime: row.execution_time?.getTime() ?? null,
    frequency: frequencies ?? row.frequency,
    timezone: row.timezone,
    schedule,
    calendars: row.calendars,
    maxRuns: row.max_runs,
    overlap: row.overlap,
    catchUp: { policy: row.catch_up, windowMs: Number(row.catch_up_window_ms) },
    timeoutMs: row.timeout_ms,
    deadlineMs: row.deadline_ms,
    retry: row.retry,
    concurrency: row.concurrency,
    projectLimit: row.project_limit,
    after: row.after,
    generation: row.generation,
    scheduleGeneration: row.schedule_generation,
    pauseReason: row.pause_reason,
    pauseUntil: row.pause_until?.getTime() ?? null,
    status: row.status,
    statusNumber: row.status_number,
    runningRuns: row.running_runs,
    settledUntil: row.settled_until.getTime(),
    catchUpUntil: row.catch_up_until?.getTime() ?? null,
    next: toFire(row),
    settleAt: row.settle_at?.getTime() ?? null,
    lastRunId: row.last_run_id,
    runCount: row.run_count,
    scheduleRunCount: row.schedule_run_count,
    failureCount: row.failure_count,
    createdBy: row.created_by,
    createdAt: row.created_at.getTime(),
    updatedAt: row.updated_at.getTime(),
    weight: row.weight,
  };
}

/** The next fire of a row. */
export function toFire(row: Pick<JobRow, 'next_run_at' | 'next_fire_at'>): Fire | null {
  const runAt = row.next_run_at?.getTime();
  return runAt === undefined ? null : { fireAt: row.next_fire_at?.getTime() ?? runAt, runAt };
}

/** The fire as `next_fire_at` holds it: only where it is not when the run begins. */
export function nominalOf(next: Fire | null): number | null {
  return next === null || next.fireAt === next.runAt ? null : next.fireAt;
}

/** A frequency and the details as the two columns that hold them. */
export function scheduleColumns(
  frequency: JobRecord['frequency'],
  details: ScheduleDetails,
): { frequency: string | null; schedule: StoredSchedule } {
  return Array.isArray(frequency)
    ? { frequency: null, schedule: { ...details, frequencies: frequency } }
    : { frequency, schedule: details };
}
