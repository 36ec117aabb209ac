/**
 * The places that runs hold: of a concurrency key, and of their project. There is no table of them: a run holds its places as
 * long as its row says that it is under way or admitted, so that every end of a run frees them.
 */
import sql, { empty, raw, type Sql } from 'sql-template-tag';
import type { Concurrency } from '../domain/concurrency.js';
import type { WaitReason } from '../domain/run.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { limitOfProject } from './job-record.js';

/** Whose places: those of a key of a project, or (null) of the project itself. */
export interface PlaceOwner {
  projectId: string;
  key: string | null;
}

/**
 * Holds back everybody else who gives places of this owner away, until the transaction ends. Locks of places are taken
 * before those of jobs; of a key before those of its project.
 */
export async function lockPlaces(tx: Queries, { projectId, key }: PlaceOwner): Promise<void> {
  await tx.query(
    sql`select pg_advisory_xact_lock(hashtextextended(${`places/${projectId}/${key ?? ''}`}, ${key === null ? 0 : 1}))`,
    'lock-places',
  );
}

/** Counts the places that runs (a table or its alias) take: of a job whose runs go one after another that is one. */
export function countOfPlaces(from: string): Sql {
  return sql`count(distinct case when ${raw(from)}.parallel then ${raw(from)}.id else ${raw(from)}.job_id end)`;
}

const places = countOfPlaces('runs');

/** How many places are taken by other runs than this one, and how many are to be given to runs that were there before it. */
export async function countPlaces(
  tx: Queries,
  { projectId, key }: PlaceOwner,
  runId: string,
): Promise<{ held: number; ahead: number }> {
  const [row] = await tx.query<{ held: number; ahead: number }>(
    key === null
      ? sql`select (${places} filter (where outcome = 'running' or admitted))::int as held,
            ${ahead('project', runId)} as ahead
          from runs where project_id = ${projectId} and outcome in ('waiting', 'running')
            and (outcome = 'running' or admitted or waits_for is not null) and id <> ${runId}`
      : sql`select (${places} filter (where outcome = 'running' or admitted or waits_for = 'project'))::int as held,
            ${ahead('concurrency', runId)} as ahead
          from runs where project_id = ${projectId} and concurrency_key = ${key}
            and outcome in ('waiting', 'running') and id <> ${runId}`,
    key === null ? 'count-places-of-project' : 'count-places-of-key',
  );
  return row ?? { held: 0, ahead: 0 };
}

/** Of the runs of a count, the places that go to those which waited before this one. */
function ahead(waitsFor: WaitReason, runId: string): Sql {
  return sql`(${places} filter (where waits_for = ${waitsFor}::wait_reason and id < ${runId}))::int`;
}

/** What holds a run back: of which key, and until when (epoch milliseconds) at most. */
export interface HeldBack {
  by: WaitReason;
  key: string | null;
  until?: number | undefined;
}

/** Notes that a run which has a row waits for something else than its turn. Answers whether it still waited. */
export async function holdBack(tx: Queries, runId: string, { by, key, until }: HeldBack): Promise<boolean> {
  const rows = await tx.query(
    sql`update runs set waits_for = ${by}::wait_reason, concurrency_key = ${key}, admitted = false,
        wait_until = ${toTimestamp(until ?? null)}
      where id = ${runId} and outcome = 'waiting' returning 1`,
  );
  return rows.length > 0;
}

/** Notes the key of which a run that has begun holds a place. */
export async function noteKey(tx: Queries, runId: string, key: string): Promise<void> {
  await tx.query(sql`update runs set concurrency_key = ${key} where id = ${runId}`, 'note-key');
}

/** How many runs of a job are held back by something else than their turn. */
export async function countHeldBack(tx: Queries, jobId: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    sql`select count(*)::int as count from runs where job_id = ${jobId} and outcome = 'waiting' and waits_for is not null`,
  );
  return row?.count ?? 0;
}

/** A run under way that holds a place. */
export interface Holder {
  runId: string;
  jobId: string;
}

/** The oldest run under way that holds a place of a key, and that nobody has asked to end. */
export async function oldestHolder(tx: Queries, { projectId, key }: PlaceOwner): Promise<Holder | undefined> {
  const [row] = await tx.query<Holder>(
    sql`select id as "runId", job_id as "jobId" from runs
      where project_id = ${projectId} and concurrency_key = ${key} and outcome = 'running' and cancel_request is null
      order by id limit 1`,
  );
  return row;
}

/** The first in the line of those who wait for a place. */
export interface InLine {
  runId: string;
  jobId: string;
  concurrency: Concurrency | null;
  projectLimit: number | null;
}

/**
 * The run that is next to get a place. Passed over are those that could not begin with it: of a job that is paused, unless
 * somebody asked for them, and of one whose runs are one after another while one of these has its places.
 */
export async function firstInLine(tx: Queries, { projectId, key }: PlaceOwner): Promise<InLine | undefined> {
  const [first] = await tx.query<InLine>(
    sql`select runs.id as "runId", job_id as "jobId", jobs.concurrency,
        ${limitOfProject('runs')} as "projectLimit"
      from runs join jobs on jobs.id = runs.job_id
      where runs.project_id = ${projectId} and outcome = 'waiting' and waits_for is not null
        and ${key === null ? sql`waits_for = 'project'` : sql`waits_for = 'concurrency' and concurrency_key = ${key}`}
        and (jobs.status <> 'paused' or runs.trigger in ('manual', 'retry'))
        and (parallel or not exists (select 1 from runs other where other.job_id = runs.job_id and not other.parallel
          and other.outcome in ('waiting', 'running')
          and (other.outcome = 'running' or other.admitted ${key === null ? empty : sql`or other.waits_for = 'project'`})))
      order by runs.id limit 1`,
  );
  return first;
}

/**
 * Moves a run on in the line: to the places of its project, or (null) to its begin, with the next wish of its job. Nothing
 * when it waits no more, or its job was paused since it was found.
 */
export async function moveOn(
  tx: Queries,
  { runId, jobId }: Pick<InLine, 'runId' | 'jobId'>,
  { from, to, at }: { from: 'concurrency' | 'project'; to: 'project' | null; at: string },
): Promise<void> {
  await tx.query(
    // The job's row first, as everybody locks it before its runs.
    sql`with job as (
      select id, status from jobs where id = ${jobId} and status in ('pending', 'running', 'paused') for update
    ), run as (
      update runs set waits_for = ${to}::wait_reason, admitted = ${to === null} from job
      where runs.id = ${runId} and runs.job_id = job.id and outcome = 'waiting' and waits_for = ${from}::wait_reason
        and (job.status <> 'paused' or runs.trigger in ('manual', 'retry'))
      returning job_id
    )
    update jobs set generation = generation + 1, status_number = status_number + 1, dispatch_after = ${at}, updated_at = ${at}
    from run where jobs.id = run.job_id`,
    'move-on',
  );
}

/** Makes the next wish of a job, whose runs have changed: its workflow learns of it as of any change. */
export async function renewWish(tx: Queries, jobId: string, at: string): Promise<void> {
  await tx.query(
    sql`update jobs set generation = generation + 1, status_number = status_number + 1, dispatch_after = ${at},
        updated_at = ${at}
      where id = ${jobId} and status in ('pending', 'running', 'paused')`,
    'renew-wish',
  );
}

/** Lets the runs of a job that are held back, or have a place and have not begun, ask anew: what they asked for has changed. */
export async function askAnew(tx: Queries, jobId: string): Promise<void> {
  await tx.query(
    sql`update runs set waits_for = null, wait_until = null, concurrency_key = null, admitted = false
      where job_id = ${jobId} and outcome = 'waiting' and (admitted or waits_for is not null)`,
  );
}

/** Whose places the runs of a job hold that have not begun. */
export async function placesOfWaiting(
  tx: Queries,
  { projectId, jobId }: { projectId: string; jobId: string },
): Promise<PlaceOwner[]> {
  const rows = await tx.query<{ key: string | null }>(
    sql`select concurrency_key as key from runs where job_id = ${jobId} and outcome = 'waiting'
        and concurrency_key is not null and (admitted or waits_for = 'project')
      union select null from runs where job_id = ${jobId} and outcome = 'waiting' and admitted`,
  );
  return rows.map(({ key }) => ({ projectId, key }));
}

/** Those for whose places somebody waits. Of more than `limit` some, in no order: what is not free keeps no other from its turn. */
export async function ownersInDemand(db: Queries, limit: number): Promise<PlaceOwner[]> {
  return db.query<{ projectId: string; key: string | null }>(
    sql`select * from (
        select distinct project_id as "projectId", case when waits_for = 'concurrency' then concurrency_key end as key
        from runs where outcome = 'waiting' and waits_for in ('concurrency', 'project')
      ) owners order by random() limit ${limit}`,
  );
}
