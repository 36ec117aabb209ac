/**
 * The places that runs hold: of a concurrency key, and of their project. There is no table of them: a run holds its places as
 * long as its row says that it is under way or admitted, so that every end of a run frees them.
 */
import sql from 'sql-template-tag';
import type { Concurrency } from '../domain/concurrency.js';
import type { WaitReason } from '../domain/run.js';
import type { Queries } from './database.js';

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

/** How many places are taken by other runs than this one, and how many runs were there before it and wait. */
export async function countPlaces(
  tx: Queries,
  { projectId, key }: PlaceOwner,
  runId: string,
): Promise<{ held: number; ahead: number }> {
  const [row] = await tx.query<{ held: number; ahead: number }>(
    key === null
      ? sql`select count(*) filter (where outcome = 'running' or admitted)::int as held,
            count(*) filter (where waits_for = 'project' and id < ${runId})::int as ahead
          from runs where project_id = ${projectId} and outcome in ('waiting', 'running') and id <> ${runId}`
      : sql`select count(*) filter (where outcome = 'running' or admitted or waits_for = 'project')::int as held,
            count(*) filter (where waits_for = 'concurrency' and id < ${runId})::int as ahead
          from runs where project_id = ${projectId} and concurrency_key = ${key}
            and outcome in ('waiting', 'running') and id <> ${runId}`,
    key === null ? 'count-places-of-project' : 'count-places-of-key',
  );
  return row ?? { held: 0, ahead: 0 };
}

/** Notes that a run which has a row waits for something else than its turn. */
export async function holdBack(
  tx: Queries,
  runId: string,
  by: { waitsFor: WaitReason; key: string | null },
): Promise<void> {
  await tx.query(
    sql`update runs set waits_for = ${by.waitsFor}::wait_reason, concurrency_key = ${by.key}, admitted = false
      where id = ${runId} and outcome = 'waiting'`,
  );
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

/** The oldest runs under way that hold a place of a key, and that nobody has asked to end. */
export async function oldestHolders(
  tx: Queries,
  { projectId, key }: PlaceOwner,
  limit: number,
): Promise<{ runId: string; jobId: string }[]> {
  return tx.query<{ runId: string; jobId: string }>(
    sql`select id as "runId", job_id as "jobId" from runs
      where project_id = ${projectId} and concurrency_key = ${key} and outcome = 'running' and cancel_request is null
      order by id limit ${limit}`,
  );
}

/** The first in the line of those who wait for a place. */
export interface InLine {
  runId: string;
  jobId: string;
  concurrency: Concurrency | null;
  projectLimit: number | null;
}

/** The run that is next to get a place; those of a job that is paused are passed over, unless somebody asked for them. */
export async function firstInLine(tx: Queries, { projectId, key }: PlaceOwner): Promise<InLine | undefined> {
  const [first] = await tx.query<InLine>(
    sql`select runs.id as "runId", job_id as "jobId", jobs.concurrency,
        (select max_running_runs from projects where id = runs.project_id) as "projectLimit"
      from runs join jobs on jobs.id = runs.job_id
      where runs.project_id = ${projectId} and outcome = 'waiting'
        and ${key === null ? sql`waits_for = 'project'` : sql`waits_for = 'concurrency' and concurrency_key = ${key}`}
        and (jobs.status <> 'paused' or runs.trigger in ('manual', 'retry'))
      order by runs.id limit 1`,
  );
  return first;
}

/** Moves a run on in the line: to the places of its project, or (null) to its begin. */
export async function moveOn(tx: Queries, runId: string, to: 'project' | null): Promise<void> {
  await tx.query(
    sql`update runs set waits_for = ${to}::wait_reason, admitted = ${to === null}
      where id = ${runId} and outcome = 'waiting'`,
  );
}

/** Makes the next wish of a job, whose runs have changed: its workflow learns of it as of any change. */
export async function renewWish(tx: Queries, jobId: string, at: string): Promise<void> {
  await tx.query(
    sql`update jobs set generation = generation + 1, status_number = status_number + 1, dispatch_after = ${at}
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

/** Those for whose places somebody waits. */
export async function ownersInDemand(db: Queries, limit: number): Promise<PlaceOwner[]> {
  return db.query<{ projectId: string; key: string | null }>(
    sql`select distinct project_id as "projectId", case when waits_for = 'concurrency' then concurrency_key end as key
      from runs where outcome = 'waiting' and waits_for in ('concurrency', 'project') limit ${limit}`,
  );
}
