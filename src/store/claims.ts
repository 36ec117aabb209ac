import sql, { type Sql } from 'sql-template-tag';
import { movesOf } from '../domain/status.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import type { Fire } from '../domain/job.js';
import { jobColumns, limitOfProject, nominalOf, toJobRecord, type JobRecord, type JobRow } from './job-record.js';
import { toJson } from './json.js';
import type { HeldBack } from './places.js';

/** An attempt that may begin. */
export interface Attempt {
  runId: string;
  attempt: number;
  /** When the run's first attempt began, in epoch milliseconds. */
  startedAt: number;
  /** The job as the claim left it. */
  job: JobRecord;
}

/** What a job's runs are held back by, as it was when a run was let go: with other terms it may not begin. */
export type Terms = Pick<JobRecord, 'concurrency' | 'projectLimit' | 'after'>;

/** A fire that is to run, by the schedule that named it. */
export interface Claim {
  jobId: string;
  terms: Terms;
  scheduleGeneration: number;
  fire: Fire;
  /** The fire after it. */
  next: Fire | null;
  runId: string;
  /** Fires up to here are to run as well, however late they are (epoch milliseconds). */
  catchUpUntil?: number;
}

/**
 * The claim, the fence between what users wish and what begins: in one statement it writes the run of a fire, only if
 * this fire is still the next one that the job waits for, by the schedule that named it. Once a pause, cancel or
 * update has committed, no run of the old wish begins. Undefined when the claim is refused.
 */
export async function claimFire(
  db: Queries,
  claim: Claim,
  by: { node: string; at: number },
): Promise<Attempt | undefined> {
  const at = toTimestamp(by.at);
  const fireAt = toTimestamp(claim.fire.fireAt);
  const [row] = await db.query<JobRow & { the_run_id: string; run_attempts: number }>(
    sql`with job as (${lockOfClaim(claim)}), run as (
      insert into runs (id, project_id, job_id, trigger, fire_at, scheduled_for, effective_at, outcome, generation,
        attempts, started_at, node)
      select ${claim.runId}, project_id, id, 'schedule', ${fireAt}, ${fireAt}, ${effectiveOf(claim.fire)}, 'running',
        generation, 1, ${at}, ${by.node}
      from job
      -- A fire that was skipped, and is named again by a later wish, runs after all.
      on conflict (job_id, fire_at) do update set outcome = 'running', reason = null, attempts = 1,
        started_at = excluded.started_at, node = excluded.node, generation = excluded.generation
        where runs.attempts = 0
      returning id, job_id, project_id, attempts
    ), event as (
      insert into events (project_id, job_id, run_id, type, at, actor)
      select project_id, job_id, id, 'run.started', ${at}, 'scheduler' from run
    )
    update jobs set
      status = (${JSON.stringify(movesOf('begin'))}::jsonb ->> status::text)::job_status,
      running_runs = running_runs + 1,
      run_count = run_count + 1,
      last_run_id = run.id,
      ${nextAfterClaim(claim, at)}
    from run where jobs.id = run.job_id
    returning ${jobColumns()}, run.id as the_run_id, run.attempts as run_attempts`,
    'claim-fire',
  );
  return row && { runId: row.the_run_id, attempt: row.run_attempts, startedAt: by.at, job: toJobRecord(row) };
}

/**
 * Lets a fire that comes due while a run of its job is under way wait for a worker beside it: a claim as above, of a run
 * that has yet to begin. Nothing is written when it is refused.
 */
export async function claimBeside(db: Queries, claim: Claim, now: number): Promise<void> {
  await claimWaiting(db, claim, { isParallel: true }, now);
}

/** How a fire waits that was claimed and can't begin yet. */
export interface Waiting {
  isParallel: boolean;
  heldBack?: HeldBack;
}

/**
 * Claims a fire without beginning its run: it waits for its turn, or for what holds it back. Nothing is written when the
 * claim is refused. Answers whether it was made.
 */
export async function claimWaiting(
  db: Queries,
  claim: Claim,
  { isParallel, heldBack }: Waiting,
  now: number,
): Promise<boolean> {
  const at = toTimestamp(now);
  const fireAt = toTimestamp(claim.fire.fireAt);
  const rows = await db.query(
    sql`with job as (${lockOfClaim(claim)}), run as (
      insert into runs (id, project_id, job_id, trigger, fire_at, scheduled_for, effective_at, outcome, generation, parallel,
        waits_for, concurrency_key, wait_until)
      select ${claim.runId}, project_id, id, 'schedule', ${fireAt}, ${fireAt}, ${effectiveOf(claim.fire)}, 'waiting',
        generation, ${isParallel}, ${heldBack?.by ?? null}::wait_reason, ${heldBack?.key ?? null},
        ${toTimestamp(heldBack?.until ?? null)}::timestamptz
      from job
      on conflict (job_id, fire_at) do update set outcome = 'waiting', reason = null, parallel = excluded.parallel,
        waits_for = excluded.waits_for, concurrency_key = excluded.concurrency_key, wait_until = excluded.wait_until,
        generation = excluded.generation
        where runs.attempts = 0
      returning job_id
    )
    update jobs set ${nextAfterClaim(claim, at)} from run where jobs.id = run.job_id returning 1`,
    'claim-waiting',
  );
  return rows.length > 0;
}

function lockOfClaim({ jobId, terms, scheduleGeneration, fire }: Claim): Sql {
  return sql`select id, project_id, generation from jobs
      where id = ${jobId} and status in ('pending', 'running') and schedule_generation = ${scheduleGeneration}
        and coalesce(next_fire_at, next_run_at) = ${toTimestamp(fire.fireAt)} and ${areTerms(terms)}
      for update`;
}

function areTerms({ concurrency, projectLimit, after }: Terms): Sql {
  return sql`concurrency is not distinct from ${toJson(concurrency ?? undefined)}::jsonb
        and ${limitOfProject()} is not distinct from ${projectLimit}::int
        and after is not distinct from ${toJson(after ?? undefined)}::jsonb`;
}

/** What both claims do to the job: its cursor, the fire it waits for, and the count that `maxRuns` bounds. */
function nextAfterClaim({ fire, next, catchUpUntil }: Claim, at: string): Sql {
  return sql`status_number = status_number + 1,
      schedule_run_count = schedule_run_count + 1,
      settled_until = greatest(settled_until, ${toTimestamp(fire.fireAt)}),
      next_run_at = ${toTimestamp(next?.runAt ?? null)},
      next_fire_at = ${toTimestamp(nominalOf(next))},
      catch_up_until = coalesce(${toTimestamp(catchUpUntil ?? null)}, catch_up_until),
      updated_at = ${at}`;
}

function effectiveOf({ fireAt, runAt }: Fire): string | null {
  return runAt === fireAt ? null : toTimestamp(runAt);
}

/**
 * Begins the next attempt of a run that has a row already: one under way whose attempt failed or whose node died, or
 * one that waits, by the terms and with the places by which it was let go. Undefined when the run or its job has ended,
 * another execution has begun the attempt, or what waits has to ask for its places anew. An attempt before it of which
 * nothing was heard is written down as lost.
 */
export async function beginAttempt(
  db: Queries,
  run: { jobId: string; runId: string; attemptsBefore: number; terms: Terms; isAdmitted: boolean },
  by: { node: string; at: number },
): Promise<Attempt | undefined> {
  const at = toTimestamp(by.at);
  const [row] = await db.query<JobRow & { the_run_id: string; run_attempts: number; run_started_at: Date }>(
    sql`with job as (
      select id, status, ${areTerms(run.terms)} as are_terms from jobs
      where id = ${run.jobId} and status in ('pending', 'running', 'paused') for update
    ), run as (
      update runs set outcome = 'running', admitted = false, attempts = attempts + 1, started_at = coalesce(started_at, ${at}),
        attempt_started_at = case when attempts > 0 then ${at}::timestamptz end, wait_until = null, progress = null,
        node = ${by.node}, error = null
      from job where runs.id = ${run.runId} and runs.job_id = job.id and attempts = ${run.attemptsBefore}
        and (outcome = 'running'
          or outcome = 'waiting' and waits_for is null and admitted = ${run.isAdmitted} and are_terms and (job.status <> 'paused' or runs.trigger in ('manual', 'retry')))
      returning runs.id, runs.job_id, runs.project_id, runs.attempts, runs.started_at
    ), event as (
      insert into events (project_id, job_id, run_id, type, at, actor)
      select project_id, job_id, id, 'run.started', ${at}, 'scheduler' from run where attempts = 1
    ), lost as (
      insert into attempts (run_id, attempt, project_id, started_at, finished_at, outcome, node)
      select before.id, before.attempts, before.project_id, coalesce(before.attempt_started_at, before.started_at), ${at},
        'lost', before.node
      from runs before join run on run.id = before.id where before.attempts > 0
      on conflict do nothing
    )
    update jobs set
      status = (${JSON.stringify(movesOf('begin'))}::jsonb ->> status::text)::job_status,
      status_number = status_number + 1,
      running_runs = running_runs + case when run.attempts = 1 then 1 else 0 end,
      run_count = run_count + case when run.attempts = 1 then 1 else 0 end,
      last_run_id = run.id,
      updated_at = ${at}
    from run where jobs.id = run.job_id
    returning ${jobColumns()}, run.id as the_run_id, run.attempts as run_attempts, run.started_at as run_started_at`,
    'begin-attempt',
  );
  return (
    row && {
      runId: row.the_run_id,
      attempt: row.run_attempts,
      startedAt: row.run_started_at.getTime(),
      job: toJobRecord(row),
    }
  );
}
