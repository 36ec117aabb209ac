import sql, { raw, type Sql } from 'sql-template-tag';
import { finalStatuses, type JobStatus } from '../domain/status.js';
import type { OpenRun } from '../domain/run.js';
import type { OverlapPolicy, Priority } from '../domain/job.js';
import type { Wish } from '../domain/wish.js';
import { insertOfFollowUps } from './chains.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { toFire } from './job-record.js';
import { wishOf } from './wish-of.js';
import { openRunsJson } from './open-runs.js';

/** A job whose newest wish Temporal does not hold yet. */
export interface Undispatched {
  jobId: string;
  projectId: string;
  handler: string;
  wish: Wish;
  /** When the wish was committed, in epoch milliseconds. */
  changedAt: number;
}

interface DispatchRow {
  id: string;
  project_id: string;
  handler: string;
  generation: number;
  status: JobStatus;
  status_number: number;
  next_run_at: Date | null;
  next_fire_at: Date | null;
  overlap: OverlapPolicy;
  pause_until: Date | null;
  priority: Priority;
  pool: string;
  timeout_ms: number;
  updated_at: Date;
  weight: number;
  turn: number;
  step: number;
}

/** How many jobs are looked at, at most and of one project at least: others that dispatch may hold the first ones locked. */
const LOOKED_AT = { most: 128, least: 4 };
/** How many projects share one take; more take turns from one take to the next. */
const PROJECTS_A_TAKE = 64;
const FIRST_UUID = '00000000-0000-0000-0000-000000000000';
const LAST_UUID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Takes up to `limit` jobs to dispatch, the projects in turn by their weights, and the soonest due of each first; and
 * keeps other dispatchers off them until `leaseUntil`: whatever a dispatcher that dies had taken comes back by itself.
 * With `dueBefore`, jobs that are due later are left. `after` is the project of the last
 * job of the take before: the turn goes on from there, so that none of many projects is passed over again and again.
 */
export async function takeUndispatched(
  db: Queries,
  limit: number,
  times: { now: number; leaseUntil: number; dueBefore?: number },
  after = FIRST_UUID,
): Promise<Undispatched[]> {
  const now = toTimestamp(times.now);
  const dueBefore = toTimestamp(times.dueBefore ?? null);
  const rows = await db.query<DispatchRow>(
    // From one project to the next by the index, and round once: the cost goes by the projects, not by their jobs.
    sql`with recursive walk as (
      select ${after}::uuid as project_id, 0 as step, ${LAST_UUID}::uuid as last
      union all
      select next.project_id, step + 1, next.last from walk cross join lateral (
        (select jobs.project_id, walk.last from jobs
          where observed_generation < generation and jobs.project_id > walk.project_id and jobs.project_id <= walk.last
          order by jobs.project_id limit 1)
        union all
        select ${FIRST_UUID}::uuid, ${after}::uuid where walk.last > ${after}::uuid
        limit 1
      ) next
      where step <= ${PROJECTS_A_TAKE}
    ), waiting as materialized (
      select projects.id, weight, step from walk join projects on projects.id = walk.project_id where step > 0
    ), looked_at as materialized (
      select soonest.id, soonest.next_run_at, waiting.weight, waiting.step,
        (row_number() over (partition by waiting.id order by soonest.next_run_at nulls first) - 1) / waiting.weight as turn
      from waiting cross join lateral (
        -- The inner limit, a number that is known, tells the planner that few rows are wanted.
        select * from (
          select id, next_run_at from jobs
          where project_id = waiting.id and observed_generation < generation and dispatch_after <= ${now}
            and (${dueBefore}::timestamptz is null or next_run_at is null or next_run_at < ${dueBefore}::timestamptz)
          order by next_run_at nulls first limit ${raw(String(LOOKED_AT.most))}
        ) few limit greatest(${LOOKED_AT.least}, ${LOOKED_AT.most} / (select count(*) from waiting))
      ) soonest
    ), due as materialized (
      select jobs.id, turn, step, weight from looked_at join jobs on jobs.id = looked_at.id
      where observed_generation < generation and dispatch_after <= ${now}
      order by turn, step, looked_at.next_run_at nulls first limit ${limit} for update of jobs skip locked
    )
    update jobs set dispatch_after = ${toTimestamp(times.leaseUntil)} from due where jobs.id = due.id
    returning jobs.id, project_id, handler, generation, status, status_number, next_run_at, next_fire_at, overlap,
      pause_until, priority, pool, timeout_ms, updated_at, weight, turn, step`,
    'take-undispatched',
  );
  const openRuns = await openRunsByJob(db, rows);
  return rows
    .toSorted(
      (a, b) => a.turn - b.turn || a.step - b.step || (a.next_run_at?.getTime() ?? 0) - (b.next_run_at?.getTime() ?? 0),
    )
    .map((row) => ({
      jobId: row.id,
      projectId: row.project_id,
      handler: row.handler,
      changedAt: row.updated_at.getTime(),
      wish: wishOf(
        {
          generation: row.generation,
          status: row.status,
          statusNumber: row.status_number,
          next: toFire(row),
          overlap: row.overlap,
          pauseUntil: row.pause_until?.getTime() ?? null,
          priority: row.priority,
          weight: row.weight,
          pool: row.pool,
          timeoutMs: row.timeout_ms,
        },
        openRuns.get(row.id) ?? [],
      ),
    }));
}

/**
 * In a statement of its own, after the take: there the rows are as they were when they were locked, but a subquery would
 * still see the runs as they were when the statement began, and miss one that a change in between asked for.
 */
async function openRunsByJob(db: Queries, rows: DispatchRow[]): Promise<Map<string, OpenRun[]>> {
  if (rows.length === 0) return new Map();
  const open = await db.query<{ id: string; open_runs: OpenRun[] }>(
    sql`select id, ${openRunsJson(sql`jobs.id`)} as open_runs from unnest(${rows.map((row) => row.id)}::uuid[]) as jobs(id)`,
    'open-runs-of-jobs',
  );
  return new Map(open.map(({ id, open_runs }) => [id, open_runs]));
}

/** Locks jobs in the order of their ids, in which everybody locks several: the change of a calendar holds many for long. */
function lockedInOrder(jobIds: readonly string[]): Sql {
  return sql`locked as materialized (select id from jobs where id = any(${jobIds}::uuid[]) order by id for update)`;
}

/**
 * Notes which generations Temporal holds now. Where another dispatcher was faster with a newer one, ours may have
 * arrived after it (and have started a workflow that missed it): then the newer one is to be told again.
 */
export async function markDispatched(db: Queries, done: readonly Undispatched[], now: number): Promise<void> {
  await db.query(
    sql`with ${lockedInOrder(done.map((d) => d.jobId))}
      update jobs set observed_generation = case when observed_generation > d.generation then jobs.generation - 1 else d.generation end,
        dispatch_after = ${toTimestamp(now)}
      from unnest(${done.map((d) => d.jobId)}::uuid[], ${done.map((d) => d.wish.generation)}::int[]) as d(id, generation)
      where jobs.id = d.id and jobs.id in (select id from locked)`,
    'mark-dispatched',
  );
}

/** Gives back jobs that could not be dispatched, to be taken again from `retryAt` on. */
export async function releaseDispatches(db: Queries, jobIds: string[], retryAt: number): Promise<void> {
  await db.query(
    sql`with ${lockedInOrder(jobIds)}
      update jobs set dispatch_after = ${toTimestamp(retryAt)} where id in (select id from locked)`,
  );
}

/**
 * Finds up to `limit` jobs of which nothing was heard since `quietSince` though they should be at work: a fire is
 * overdue, a pause's time is over, or a run is open. Each is found again only after as long a time.
 */
export async function findQuietJobs(
  db: Queries,
  limit: number,
  times: { now: number; quietSince: number },
): Promise<string[]> {
  const quietSince = toTimestamp(times.quietSince);
  const rows = await db.query<{ id: string }>(
    sql`with quiet as materialized (
      select id from jobs
      where id in (
          select id from jobs where status = 'pending' and next_run_at < ${quietSince}
          union select id from jobs where status = 'paused' and pause_until < ${quietSince}
          union select job_id from runs where outcome in ('waiting', 'running') and waits_for is null)
        and observed_generation = generation and dispatch_after < ${quietSince} and updated_at < ${quietSince}
      order by dispatch_after limit ${limit} for update skip locked
    )
    update jobs set dispatch_after = ${toTimestamp(times.now)} from quiet where jobs.id = quiet.id returning jobs.id`,
  );
  return rows.map((row) => row.id);
}

/** Ends the runs that a job which has ended left open when its workflow went away: nothing will come to end them. */
export async function endAbandonedRuns(db: Queries, jobIds: string[], now: number): Promise<void> {
  const at = toTimestamp(now);
  await db.query(
    sql`with ${lockedInOrder(jobIds)}, ended as (
      update jobs set running_runs = 0
      where id in (select id from locked) and status = any(${finalStatuses}::job_status[]) returning id
    ), abandoned as (
      update runs set outcome = 'cancelled', reason = 'The job ended, and its workflow was gone.', finished_at = ${at},
        waits_for = null, wait_until = null, admitted = false
      from ended where runs.job_id = ended.id and outcome in ('waiting', 'running')
      returning runs.id, runs.job_id, runs.project_id, runs.outcome, runs.attempts
    ), event as (
      insert into events (project_id, job_id, run_id, type, at, actor, data)
      select project_id, job_id, id, 'run.finished', ${at}::timestamptz, 'scheduler',
        jsonb_build_object('outcome', outcome) from abandoned
    ) ${insertOfFollowUps(sql`abandoned`, at)}`,
  );
}

/** Puts jobs up for dispatch, though nothing changed: Temporal has lost what it was told. */
export async function redispatch(db: Queries, jobIds: string[], now: number): Promise<void> {
  await db.query(
    sql`with ${lockedInOrder(jobIds)}
      update jobs set observed_generation = generation - 1, dispatch_after = ${toTimestamp(now)}
      where id in (select id from locked) and observed_generation = generation
        and status <> all(${finalStatuses}::job_status[])`,
  );
}

const REDISPATCH_BATCH = 1_000;

/** Puts up every job that has not ended, a batch at a time; returns how many. */
export async function redispatchAll(db: Queries, now: number): Promise<number> {
  for (let count = 0; ;) {
    // One that is put up here, or dispatched since, is not taken a second time: its `dispatch_after` is not before `now`.
    const rows = await db.query(
      sql`update jobs set observed_generation = 0, dispatch_after = ${toTimestamp(now)}
        where id in (select id from jobs where status <> all(${finalStatuses}::job_status[]) and observed_generation > 0
          and dispatch_after < ${toTimestamp(now)} order by id limit ${REDISPATCH_BATCH} for update)
        returning id`,
    );
    count += rows.length;
    if (rows.length < REDISPATCH_BATCH) return count;
  }
}
