/** What a run asks of the ledger, and tells it, while it is under way. */
import sql from 'sql-template-tag';
import type { FinalOutcome } from '../domain/run.js';
import type { Queries } from './database.js';
import { toJson } from './json.js';
import { storedOf, type Stored } from './stored.js';

/** Keeps how far an attempt is; of one that has ended, or was overtaken, nothing. */
export async function writeProgress(
  db: Queries,
  run: { runId: string; attempt: number },
  progress: { fraction: number; message?: string; at: string },
): Promise<void> {
  await db.query(
    sql`update runs set progress = ${toJson(progress)}::jsonb
      where id = ${run.runId} and attempts = ${run.attempt} and outcome = 'running'`,
    'write-progress',
  );
}

/** What a run answered, as it is stored. */
export interface StoredResult {
  runId: string;
  result: Stored | undefined;
}

/** The result of the job's last run before this one that completed; undefined when there is none. */
export async function readPreviousResult(db: Queries, jobId: string, runId: string): Promise<StoredResult | undefined> {
  const [row] = await db.query<{ id: string; result: unknown; result_sealed: Buffer | null }>(
    sql`select id, result, result_sealed from runs
      where job_id = ${jobId} and outcome = 'completed' and id <> ${runId}
      order by scheduled_for desc, id desc limit 1`,
    'read-previous-result',
  );
  return row && { runId: row.id, result: storedOf(row.result_sealed, row.result) };
}

/** A run whose end another one followed. */
export interface FollowedRun {
  jobId: string;
  runId: string;
  outcome: FinalOutcome;
  result: Stored | undefined;
}

/** The runs whose end a run followed, in the order in which its job names theirs. */
export async function readUpstream(db: Queries, runId: string): Promise<FollowedRun[]> {
  const rows = await db.query<{
    job_id: string;
    id: string;
    outcome: FinalOutcome;
    result: unknown;
    result_sealed: Buffer | null;
  }>(
    sql`select up.job_id, up.id, up.outcome, up.result, up.result_sealed
      from runs cross join lateral jsonb_array_elements(runs.upstream) with ordinality as told(run, position)
      join runs up on up.id = (told.run ->> 'runId')::uuid
      where runs.id = ${runId} and up.project_id = runs.project_id order by position`,
    'read-upstream',
  );
  return rows.map(({ job_id, id, outcome, result, result_sealed }) => ({
    jobId: job_id,
    runId: id,
    outcome,
    result: storedOf(result_sealed, result),
  }));
}

/** Of these runs, those that are over. */
export async function readEndedRuns(db: Queries, runIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ id: string }>(
    sql`select id from runs where id = any(${runIds}::uuid[]) and outcome not in ('waiting', 'running')`,
  );
  return new Set(rows.map((row) => row.id));
}

/** Of attempts under way those that are to end: their run or its job was cancelled, or the run is another attempt's by now. */
export async function readStopped(
  db: Queries,
  attempts: readonly { runId: string; attempt: number }[],
): Promise<string[]> {
  if (attempts.length === 0) return [];
  const rows = await db.query<{ id: string }>(
    sql`select runs.id from unnest(${attempts.map((one) => one.runId)}::uuid[], ${attempts.map((one) => one.attempt)}::int[])
        as mine(id, attempt)
      join runs on runs.id = mine.id join jobs on jobs.id = runs.job_id
      where runs.cancel_request is not null or runs.attempts <> mine.attempt or runs.outcome <> 'running'
        or jobs.status = 'cancelled'`,
    'read-stopped',
  );
  return rows.map((row) => row.id);
}
