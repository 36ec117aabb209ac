import sql, { type Sql } from 'sql-template-tag';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { toJson } from './json.js';

/** What happened. `job.*` and `run.*` are what users can follow. */
export type EventType =
  | 'job.submitted'
  | 'job.updated'
  | 'job.paused'
  | 'job.resumed'
  | 'job.cancelled'
  | 'job.triggered'
  | 'job.backfilled'
  | 'job.chained'
  | 'job.exhausted'
  | 'run.retried'
  | 'run.retry_dropped'
  | 'run.cancel_requested'
  | 'run.started'
  | 'run.attempt_failed'
  | 'run.finished'
  | 'run.skipped';

/** Who did it: an API key's id, the scheduler itself, or an operator through Temporal's own tools. */
export type Actor = string;

export interface NewEvent {
  projectId: string;
  jobId: string;
  runId?: string | undefined;
  type: EventType;
  at: number;
  actor: Actor;
  data?: Record<string, unknown> | undefined;
}

/** Writes an event, in the same transaction as what it tells of. */
export function insertEvent(event: NewEvent): Sql {
  return sql`insert into events (project_id, job_id, run_id, type, at, actor, data) values (
    ${event.projectId}, ${event.jobId}, ${event.runId ?? null}, ${event.type}, ${toTimestamp(event.at)}, ${event.actor},
    ${toJson(event.data)})`;
}

/** Whether a command from inside Temporal was carried out before. */
export async function hasEventOfCommand(db: Queries, jobId: string, commandId: string): Promise<boolean> {
  const rows = await db.query(
    sql`select 1 from events where job_id = ${jobId} and data ->> 'commandId' = ${commandId} limit 1`,
  );
  return rows.length > 0;
}
