import sql from 'sql-template-tag';
import { AppError } from '../domain/errors.js';
import { isByHand, MAX_WAITING_RUNS, type RunTrigger, type SkipOutcome } from '../domain/run.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import type { JobRecord } from './job-record.js';
import { toJson } from './json.js';
import type { Sealed } from './stored.js';
import { countWaitingByHand } from './open-runs.js';

/** A run that a change asks for. Without a fire it is for now; with one, that fire's row becomes it. */
export interface NewRun {
  id: string;
  trigger: RunTrigger;
  /** The fire that it makes up for: epoch milliseconds. */
  fireAt?: number;
  /** The instant that its handler is told, where that is not `fireAt` or now. */
  scheduledFor?: number;
  payload?: Sealed | undefined;
  isParallel?: boolean;
  retryOf?: string;
  /** The runs whose end it follows. */
  upstream?: { jobId: string; runId: string }[];
  /** For one that does not run after all: its outcome and why. */
  skipped?: { outcome: SkipOutcome; reason: string };
}

/** Writes runs that wait; gives their ids. A fire that did not run, and has a row that says so, gets that row. */
export async function insertRuns(tx: Queries, job: JobRecord, runs: readonly NewRun[], at: number): Promise<string[]> {
  if (runs.some((run) => isByHand(run.trigger))) await refuseTooManyWaitingRuns(tx, job.id);
  const rows = runs.map((run) => ({
    id: run.id,
    trigger: run.trigger,
    fire_at: toTimestamp(run.fireAt ?? null),
    scheduled_for: toTimestamp(run.scheduledFor ?? run.fireAt ?? at),
    payload: run.payload?.sealed.toString('base64') ?? null,
    parallel: run.isParallel ?? false,
    retry_of: run.retryOf ?? null,
    upstream: run.upstream ?? null,
    outcome: run.skipped?.outcome ?? 'waiting',
    reason: run.skipped?.reason ?? null,
  }));
  const written = await tx.query<{ id: string }>(
    sql`insert into runs (id, project_id, job_id, trigger, fire_at, scheduled_for, outcome, generation, payload_sealed, parallel,
        retry_of, upstream, reason)
      select r.id, ${job.projectId}, ${job.id}, r.trigger, r.fire_at, r.scheduled_for, r.outcome, ${job.generation + 1},
        decode(r.payload, 'base64'), r.parallel, r.retry_of, r.upstream, r.reason
      from jsonb_to_recordset(${toJson(rows)}::jsonb) as r(id uuid, trigger run_trigger, fire_at timestamptz,
        scheduled_for timestamptz, payload text, parallel boolean, retry_of uuid, upstream jsonb,
        outcome run_outcome, reason text)
      on conflict (job_id, fire_at) do update set outcome = 'waiting', trigger = excluded.trigger, reason = null,
        generation = excluded.generation, parallel = excluded.parallel
        where runs.attempts = 0 and runs.outcome <> 'waiting'
      returning id`,
  );
  return written.map((row) => row.id);
}

async function refuseTooManyWaitingRuns(tx: Queries, jobId: string): Promise<void> {
  const count = await countWaitingByHand(tx, jobId);
  if (count >= MAX_WAITING_RUNS) {
    throw new AppError('conflict', `The job has ${count} runs that wait already: ask again when some have begun.`);
  }
}
