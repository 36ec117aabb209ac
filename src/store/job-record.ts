import type { JobType, Priority, RetryPolicy } from '../domain/job.js';
import type { JobStatus } from '../domain/status.js';
import type { Wish } from '../domain/wish.js';
import { priorityKeyOf } from '../domain/job.js';

/** A job as stored. Instants are epoch milliseconds. What each field is for stands in prisma/schema.prisma. */
export interface JobRecord {
  id: string;
  projectId: string;
  name: string;
  type: JobType;
  handler: string;
  payload: unknown;
  priority: Priority;
  tags: string[];
  pool: string;
  executionTime: number | null;
  frequency: string | null;
  timezone: string;
  timeoutMs: number;
  retry: RetryPolicy;
  generation: number;
  scheduleGeneration: number;
  pauseReason: string | null;
  pauseUntil: number | null;
  status: JobStatus;
  statusNumber: number;
  runningRuns: number;
  settledUntil: number;
  catchUpUntil: number | null;
  nextRunAt: number | null;
  lastRunId: string | null;
  runCount: number;
  failureCount: number;
  createdBy: string;
  createdAt: number;
  updatedAt: number;
}

/** A row of `jobs` as the driver gives it. */
export interface JobRow {
  id: string;
  project_id: string;
  name: string;
  type: JobType;
  handler: string;
  payload: unknown;
  priority: Priority;
  tags: string[];
  pool: string;
  execution_time: Date | null;
  frequency: string | null;
  timezone: string;
  timeout_ms: number;
  retry: RetryPolicy;
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
  last_run_id: string | null;
  run_count: number;
  failure_count: number;
  created_by: string;
  created_at: Date;
  updated_at: Date;
}

export function toJobRecord(row: JobRow): JobRecord {
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    type: row.type,
    handler: row.handler,
    payload: row.payload,
    priority: row.priority,
    tags: row.tags,
    pool: row.pool,
    executionTime: row.execution_time?.getTime() ?? null,
    frequency: row.frequency,
    timezone: row.timezone,
    timeoutMs: row.timeout_ms,
    retry: row.retry,
    generation: row.generation,
    scheduleGeneration: row.schedule_generation,
    pauseReason: row.pause_reason,
    pauseUntil: row.pause_until?.getTime() ?? null,
    status: row.status,
    statusNumber: row.status_number,
    runningRuns: row.running_runs,
    settledUntil: row.settled_until.getTime(),
    catchUpUntil: row.catch_up_until?.getTime() ?? null,
    nextRunAt: row.next_run_at?.getTime() ?? null,
    lastRunId: row.last_run_id,
    runCount: row.run_count,
    failureCount: row.failure_count,
    createdBy: row.created_by,
    createdAt: row.created_at.getTime(),
    updatedAt: row.updated_at.getTime(),
  };
}

/** The fields a wish is made of. */
export type WishFields = Pick<
  JobRecord,
  'generation' | 'status' | 'nextRunAt' | 'pauseUntil' | 'priority' | 'pool' | 'timeoutMs'
>;

/** What the scheduler is to do with `job`; `openRuns` are its runs that have not ended. */
export function wishOf(job: WishFields, openRuns: string[]): Wish {
  return {
    generation: job.generation,
    status: job.status,
    nextFire: job.nextRunAt,
    openRuns,
    ...(job.pauseUntil === null ? {} : { pauseUntil: job.pauseUntil }),
    priorityKey: priorityKeyOf(job.priority),
    pool: job.pool,
    timeoutMs: job.timeoutMs,
  };
}
