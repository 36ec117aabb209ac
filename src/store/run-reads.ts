import sql, { join } from 'sql-template-tag';
import type { CancelRequest, RunError, RunOutcome, RunTrigger, WaitReason } from '../domain/run.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { storedOf, type Stored } from './stored.js';
import { sliceOf, type Page, type Slice } from './pages.js';

/** A run as stored. Instants are epoch milliseconds. What each field is for stands in prisma/schema.prisma. */
export interface RunRecord {
  id: string;
  jobId: string;
  trigger: RunTrigger;
  scheduledFor: number;
  effectiveAt: number | null;
  scheduledUntil: number | null;
  fireCount: number;
  outcome: RunOutcome;
  reason: string | null;
  generation: number;
  attempts: number;
  startedAt: number | null;
  handlerStartedAt: number | null;
  finishedAt: number | null;
  result: Stored | undefined;
  error: RunError | null;
  node: string | null;
  retryOf: string | null;
  attemptStartedAt: number | null;
  progress: { fraction: number; message?: string; at: string } | null;
  cancelRequest: CancelRequest | null;
  waitsFor: WaitReason | null;
  waitUntil: number | null;
  concurrencyKey: string | null;
  upstream: { jobId: string; runId: string }[] | null;
}

/** Which runs: epoch milliseconds, `from` included and `to` not. */
export interface RunFilter {
  outcome?: RunOutcome | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

/** Where a page ended. */
export interface RunPosition {
  scheduledFor: number;
  id: string;
}

/** A row of `runs` as the driver gives it, by `runColumns`. */
export interface RunRow {
  id: string;
  job_id: string;
  trigger: RunTrigger;
  scheduled_for: Date;
  effective_at: Date | null;
  scheduled_until: Date | null;
  fire_count: number;
  outcome: RunOutcome;
  reason: string | null;
  generation: number;
  attempts: number;
  started_at: Date | null;
  handler_started_at: Date | null;
  finished_at: Date | null;
  result: unknown;
  result_sealed: Buffer | null;
  error: RunError | null;
  node: string | null;
  retry_of: string | null;
  attempt_started_at: Date | null;
  progress: RunRecord['progress'];
  cancel_request: CancelRequest | null;
  waits_for: WaitReason | null;
  wait_until: Date | null;
  concurrency_key: string | null;
  upstream: RunRecord['upstream'];
}

export const runColumns = sql`id, job_id, trigger, scheduled_for, effective_at, scheduled_until, fire_count, outcome, reason, generation, attempts,
  started_at, handler_started_at, finished_at, result, result_sealed, error, node, retry_of, attempt_started_at, progress,
  cancel_request, waits_for, wait_until, concurrency_key, upstream`;

/** A page of a job's ledger, newest first. A summary row counts when any of its fires is asked for. */
export async function listRuns(
  db: Queries,
  of: { projectId: string; jobId: string },
  filter: RunFilter,
  page: Page<RunPosition>,
): Promise<Slice<RunRecord, RunPosition>> {
  const conditions = [sql`job_id = ${of.jobId}`, sql`project_id = ${of.projectId}`];
  if (filter.outcome !== undefined) conditions.push(sql`outcome = ${filter.outcome}`);
  if (filter.from !== undefined) {
    conditions.push(sql`coalesce(scheduled_until, scheduled_for) >= ${toTimestamp(filter.from)}::timestamptz`);
  }
  if (filter.to !== undefined) conditions.push(sql`scheduled_for < ${toTimestamp(filter.to)}::timestamptz`);
  if (page.after) {
    conditions.push(
      sql`(scheduled_for, id) < (${toTimestamp(page.after.scheduledFor)}::timestamptz, ${page.after.id}::uuid)`,
    );
  }
  const rows = await db.query<RunRow>(
    sql`select ${runColumns} from runs where ${join(conditions, ' and ')}
      order by scheduled_for desc, id desc limit ${page.limit + 1} offset ${page.offset}`,
  );
  return sliceOf(rows, page.limit, toRunRecord, (row) => ({ scheduledFor: row.scheduled_for.getTime(), id: row.id }));
}

/** One run. Undefined when the project's job has no such run. */
export async function readRunRecord(
  db: Queries,
  of: { projectId: string; jobId: string; runId: string },
): Promise<RunRecord | undefined> {
  const [row] = await db.query<RunRow>(
    sql`select ${runColumns} from runs where id = ${of.runId} and job_id = ${of.jobId} and project_id = ${of.projectId}`,
    'read-run-record',
  );
  return row && toRunRecord(row);
}

/** An attempt that ended without ending its run. Instants are epoch milliseconds. */
export interface PastAttempt {
  attempt: number;
  startedAt: number | null;
  finishedAt: number;
  outcome: 'failed' | 'timed_out' | 'lost' | 'stopped';
  error: RunError | null;
  node: string | null;
}

/** The attempts of a run that did not end it, oldest first. */
export async function readPastAttempts(db: Queries, runId: string): Promise<PastAttempt[]> {
  const rows = await db.query<
    Pick<PastAttempt, 'attempt' | 'outcome' | 'error' | 'node'> & { started_at: Date | null; finished_at: Date }
  >(
    sql`select attempt, started_at, finished_at, outcome, error, node from attempts where run_id = ${runId} order by attempt`,
  );
  return rows.map(({ started_at, finished_at, ...rest }) => ({
    ...rest,
    startedAt: started_at?.getTime() ?? null,
    finishedAt: finished_at.getTime(),
  }));
}

/**
 * The row of a fire (epoch milliseconds): its own, or the one that tells of a stretch in which it lies, of excluded fires
 * or of others.
 */
export async function readRunOfFire(
  db: Queries,
  jobId: string,
  fireAt: number,
  summary: 'none' | 'excluded' | 'other',
): Promise<RunRecord | undefined> {
  const at = toTimestamp(fireAt);
  const [row] = await db.query<RunRow>(
    sql`(select ${runColumns} from runs where job_id = ${jobId} and fire_at = ${at}::timestamptz and scheduled_until is null)
      union all (select ${runColumns} from runs where job_id = ${jobId} and scheduled_until is not null
        and scheduled_for <= ${at}::timestamptz and scheduled_until >= ${at}::timestamptz
        and ${summary} <> 'none' and (outcome = 'skipped_excluded') = (${summary} = 'excluded') limit 1)
      limit 1`,
    'read-run-of-fire',
  );
  return row && toRunRecord(row);
}

/**
 * Of the runs of a job scheduled from `from` to `until` (epoch milliseconds, both included) the newest; of one and its retries,
 * which have its instant, that one. No summary.
 */
export async function readRunBetween(
  db: Queries,
  jobId: string,
  from: number,
  until: number,
): Promise<RunRecord | undefined> {
  const [row] = await db.query<RunRow>(
    sql`select ${runColumns} from runs where job_id = ${jobId} and scheduled_until is null
        and scheduled_for between ${toTimestamp(from)}::timestamptz and ${toTimestamp(until)}::timestamptz
      order by scheduled_for desc, id limit 1`,
    'read-run-between',
  );
  return row && toRunRecord(row);
}

export function toRunRecord(row: RunRow): RunRecord {
  return {
    id: row.id,
    jobId: row.job_id,
    trigger: row.trigger,
    scheduledFor: row.scheduled_for.getTime(),
    effectiveAt: row.effective_at?.getTime() ?? null,
    scheduledUntil: row.scheduled_until?.getTime() ?? null,
    fireCount: row.fire_count,
    outcome: row.outcome,
    reason: row.reason,
    generation: row.generation,
    attempts: row.attempts,
    startedAt: row.started_at?.getTime() ?? null,
    handlerStartedAt: row.handler_started_at?.getTime() ?? null,
    finishedAt: row.finished_at?.getTime() ?? null,
    result: storedOf(row.result_sealed, row.result),
    error: row.error,
    node: row.node,
    retryOf: row.retry_of,
    attemptStartedAt: row.attempt_started_at?.getTime() ?? null,
    progress: row.progress,
    cancelRequest: row.cancel_request,
    waitsFor: row.waits_for,
    waitUntil: row.wait_until?.getTime() ?? null,
    concurrencyKey: row.concurrency_key,
    upstream: row.upstream,
  };
}
