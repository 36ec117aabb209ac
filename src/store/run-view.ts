import sql from 'sql-template-tag';
import type { CancelRequest, OpenRun, RunOutcome, RunTrigger, WaitReason } from '../domain/run.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { jobColumns, toJobRecord, type JobRecord, type JobRow } from './job-record.js';
import { openRunsJson } from './open-runs.js';
import { storedOf, type Stored } from './stored.js';

/** What a worker has to know before it begins a run: the job, and the run itself when it has begun before. */
export interface RunView {
  job: JobRecord;
  run: {
    id: string;
    outcome: RunOutcome;
    attempts: number;
    scheduledFor: number;
    trigger: RunTrigger;
    payload?: Stored;
    /** Who asked for its end. */
    cancelRequest: CancelRequest | null;
    /** When its first attempt began; epoch milliseconds. */
    startedAt: number | null;
    /** Whether it has its places, though it has not begun. */
    isAdmitted: boolean;
    waitsFor: WaitReason | null;
  } | null;
  openRuns: OpenRun[];
}

/** Which run: the one of a fire (epoch milliseconds), or one asked for by hand. */
export type RunKey = { fireAt: number } | { runId: string };

/** Reads a job, with one of its runs if a key is given. Undefined when the job does not exist. */
export async function readRun(db: Queries, jobId: string, key?: RunKey): Promise<RunView | undefined> {
  const fireAt = key && 'fireAt' in key ? toTimestamp(key.fireAt) : null;
  const runId = key && 'runId' in key ? key.runId : null;
  const [row] = await db.query<
    JobRow & {
      the_run_id: string | null;
      run_outcome: RunOutcome;
      run_attempts: number;
      run_scheduled_for: Date;
      run_payload: unknown;
      run_payload_sealed: Buffer | null;
      run_trigger: RunTrigger;
      run_cancel_request: CancelRequest | null;
      run_started_at: Date | null;
      run_admitted: boolean;
      run_waits_for: WaitReason | null;
      open_runs: OpenRun[];
    }
  >(
    sql`select ${jobColumns()}, runs.id as the_run_id, runs.outcome as run_outcome, runs.attempts as run_attempts,
        runs.scheduled_for as run_scheduled_for, runs.payload as run_payload, runs.payload_sealed as run_payload_sealed,
        runs.trigger as run_trigger, runs.cancel_request as run_cancel_request, runs.started_at as run_started_at,
        runs.admitted as run_admitted, runs.waits_for as run_waits_for, ${openRunsJson(sql`jobs.id`)} as open_runs
      from jobs left join lateral (
        select * from runs where job_id = ${jobId} and fire_at = ${fireAt}::timestamptz
        union all select * from runs where job_id = ${jobId} and id = ${runId}::uuid
        limit 1
      ) runs on true
      where jobs.id = ${jobId}`,
    'read-run',
  );
  if (!row) return undefined;
  const payload = storedOf(row.run_payload_sealed, row.run_payload);
  return {
    job: toJobRecord(row),
    run:
      row.the_run_id === null
        ? null
        : {
            id: row.the_run_id,
            outcome: row.run_outcome,
            attempts: row.run_attempts,
            scheduledFor: row.run_scheduled_for.getTime(),
            trigger: row.run_trigger,
            cancelRequest: row.run_cancel_request,
            startedAt: row.run_started_at?.getTime() ?? null,
            isAdmitted: row.run_admitted,
            waitsFor: row.run_waits_for,
            ...(payload && { payload }),
          },
    openRuns: row.open_runs,
  };
}
