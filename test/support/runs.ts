import { v7 as uuidv7 } from 'uuid';
import sql from 'sql-template-tag';
import type { RunOutcome, RunTrigger } from '../../src/domain/run.js';
import type { Database } from '../../src/store/database.js';

/** A row of the ledger as a test wants it to be there already; instants are RFC 3339. */
export interface GivenRun {
  projectId: string;
  jobId: string;
  scheduledFor: string;
  outcome: RunOutcome;
  trigger?: RunTrigger;
  errorCode?: string | undefined;
  result?: unknown;
  retryOf?: string;
  /** For a row of several fires: the last of them, and how many. */
  until?: string;
  count?: number;
}

/** Writes a row into the ledger, as if it had come there by a run; returns its id. */
export async function insertRun(db: Database, run: GivenRun): Promise<string> {
  const id = uuidv7();
  const error = run.errorCode === undefined ? null : JSON.stringify({ code: run.errorCode, message: 'canary' });
  const isOpen = run.outcome === 'waiting' || run.outcome === 'running';
  await db.query(sql`insert into runs (id, project_id, job_id, trigger, scheduled_for, scheduled_until, fire_count, outcome,
      generation, attempts, finished_at, result, error, retry_of)
    values (${id}, ${run.projectId}, ${run.jobId}, ${run.trigger ?? 'schedule'}, ${run.scheduledFor},
      ${run.until ?? null}, ${run.count ?? 1}, ${run.outcome}, 1, 1, ${isOpen ? null : run.scheduledFor},
      ${run.result === undefined ? null : JSON.stringify(run.result)}, ${error}, ${run.retryOf ?? null})`);
  return id;
}
