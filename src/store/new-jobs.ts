import sql, { empty, join, type Sql } from 'sql-template-tag';
import { followedBy } from '../domain/after.js';
import { insertOfAuditEntry, type AuditEntry } from './audit.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { nominalOf, scheduleColumns, type JobRecord } from './job-record.js';
import { toJson } from './json.js';
import type { Sealed } from './stored.js';

/** What a new job starts with; the rest has its beginning in the schema. */
export type NewJob = Omit<
  JobRecord,
  | 'generation'
  | 'weight'
  | 'scheduleGeneration'
  | 'pauseReason'
  | 'pauseUntil'
  | 'status'
  | 'statusNumber'
  | 'runningRuns'
  | 'catchUpUntil'
  | 'lastRunId'
  | 'runCount'
  | 'scheduleRunCount'
  | 'failureCount'
  | 'projectLimit'
  | 'updatedAt'
  | 'payload'
> & { payload: Sealed | undefined };

/**
 * Takes jobs in, each with its `job.submitted` event, and the entry of the audit trail where it is not a part of the
 * transaction: all of them or none. When this returns they can't be lost.
 */
export async function insertJobs(db: Queries, jobs: readonly NewJob[], entry?: AuditEntry): Promise<void> {
  const name = entry ? 'insert-audited-job' : 'insert-job';
  await db.query(
    sql`with ${entry ? sql`entry as (${insertOfAuditEntry(entry)}), ` : empty}job as (
      insert into jobs (id, project_id, name, type, handler, payload_sealed, priority, tags, pool, execution_time, frequency,
        timezone, schedule, calendar_ids, max_runs, overlap, catch_up, catch_up_window_ms, timeout_ms, deadline_ms,
        retry, concurrency, after, follows, dispatch_after, settled_until, next_run_at, next_fire_at, settle_at, created_by, created_at, updated_at)
      values ${join(jobs.map(valuesOf))}
      returning id, project_id, created_at, created_by)
    insert into events (project_id, job_id, type, at, actor)
    select project_id, id, 'job.submitted', created_at, created_by from job`,
    jobs.length === 1 ? name : undefined,
  );
}

function valuesOf(job: NewJob): Sql {
  const at = toTimestamp(job.createdAt);
  const { frequency, schedule } = scheduleColumns(job.frequency, job.schedule);
  return sql`(${job.id}, ${job.projectId}, ${job.name}, ${job.type}, ${job.handler},
    ${job.payload?.sealed ?? null}, ${job.priority}, ${job.tags}, ${job.pool},
    ${toTimestamp(job.executionTime)}, ${frequency}, ${job.timezone}, ${toJson(schedule)},
    ${job.calendars.map((calendar) => calendar.id)}, ${job.maxRuns}, ${job.overlap}, ${job.catchUp.policy},
    ${job.catchUp.windowMs}, ${job.timeoutMs}, ${job.deadlineMs}, ${toJson(job.retry)},
    ${toJson(job.concurrency ?? undefined)}, ${toJson(job.after ?? undefined)}, ${followedBy(job.after)}, ${at}, ${toTimestamp(job.settledUntil)},
    ${toTimestamp(job.next?.runAt ?? null)}, ${toTimestamp(nominalOf(job.next))}, ${toTimestamp(job.settleAt)},
    ${job.createdBy}, ${at}, ${at})`;
}
