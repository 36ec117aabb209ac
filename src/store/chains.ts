/** Jobs that follow other jobs, and what the end of a run has yet to bring about for them. */
import sql, { type Sql } from 'sql-template-tag';
import { isWanted, type AfterJob } from '../domain/after.js';
import type { FinalOutcome } from '../domain/run.js';
import { finalStatuses, type JobStatus } from '../domain/status.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';

/** A run that ended, for the jobs that follow its own. */
export interface FollowUp {
  id: string;
  projectId: string;
  jobId: string;
  runId: string;
  outcome: FinalOutcome;
  /** When it ended, in epoch milliseconds. */
  at: number;
  /** The last of the jobs that follow to which it was told. */
  toldTo: string | null;
}

/**
 * An insert of what the ends of runs have yet to bring about: of those that began, if any job follows. For the statement
 * that ends them, which has them as `from` (a CTE with id, job_id, project_id, outcome and attempts).
 */
export function insertOfFollowUps(from: Sql, at: string): Sql {
  return sql`insert into follow_ups (project_id, job_id, run_id, outcome, at)
      select project_id, job_id, id, outcome, ${at}::timestamptz from ${from} ended
      where attempts > 0 and exists (select 1 from jobs f where f.follows @> array[ended.job_id] and f.follows <> '{}')
      returning 1`;
}

/** Takes one end of a run that others follow; nobody else has it until the transaction ends. */
export async function takeFollowUp(tx: Queries): Promise<FollowUp | undefined> {
  const [row] = await tx.query<Omit<FollowUp, 'at'> & { at: Date }>(
    sql`select id::text, project_id as "projectId", job_id as "jobId", run_id as "runId", outcome, at, told_to as "toldTo"
      from follow_ups
      order by id limit 1 for update skip locked`,
    'take-follow-up',
  );
  return row && { ...row, at: row.at.getTime() };
}

/** Puts one behind the others: what is wrong with it keeps none of them from its turn. */
export async function putLast(db: Queries, id: string): Promise<void> {
  await db.query(sql`update follow_ups set id = nextval('follow_ups_id_seq') where id = ${id}::bigint`);
}

export async function deleteFollowUp(tx: Queries, id: string): Promise<void> {
  await tx.query(sql`delete from follow_ups where id = ${id}::bigint`);
}

/** Notes how far the jobs that follow were told. */
export async function noteTold(tx: Queries, id: string, toldTo: string): Promise<void> {
  await tx.query(sql`update follow_ups set told_to = ${toldTo} where id = ${id}::bigint`);
}

/** The next of the jobs that follow a job and have not ended, in the order of their ids. */
export async function followersOf(
  tx: Queries,
  { projectId, jobId, toldTo }: Pick<FollowUp, 'projectId' | 'jobId' | 'toldTo'>,
  limit: number,
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    sql`select id from jobs where follows @> array[${jobId}::uuid] and follows <> '{}' and project_id = ${projectId}
      and status <> all(${finalStatuses}::job_status[]) and (${toldTo}::uuid is null or id > ${toldTo}::uuid)
      order by id limit ${limit}`,
  );
  return rows.map((row) => row.id);
}

/**
 * Jobs without a schedule that follow one which has ended: they may have nothing to come. Of more than `limit` some, in no
 * order: those that go on all the same keep none from being looked at.
 */
export async function followersOfEnded(db: Queries, limit: number): Promise<{ projectId: string; jobId: string }[]> {
  return db.query<{ projectId: string; jobId: string }>(
    sql`select project_id as "projectId", id as "jobId" from jobs f
      where follows <> '{}' and frequency is null and execution_time is null and schedule -> 'frequencies' is null
        and status in ('pending', 'paused') and running_runs = 0
        and exists (select 1 from jobs a where a.id = any(f.follows) and a.status = any(${finalStatuses}::job_status[]))
        and not exists (select 1 from follow_ups u where u.job_id = any(f.follows))
      order by random() limit ${limit}`,
  );
}

/**
 * Holds back everybody else who looks whether these jobs have run, or tells that they have, until the transaction ends: a
 * job that begins to wait misses no end of a run.
 */
export async function lockFollowed(tx: Queries, jobIds: readonly string[]): Promise<void> {
  for (const jobId of jobIds.toSorted()) {
    await tx.query(sql`select pg_advisory_xact_lock(hashtextextended(${`followed/${jobId}`}, 2))`, 'lock-followed');
  }
}

/** The newest run of a job that ended as wanted, at or after `since` (epoch milliseconds). */
export async function newestWanted(
  tx: Queries,
  { jobId, outcome }: Pick<AfterJob, 'jobId' | 'outcome'>,
  since: number,
): Promise<string | undefined> {
  const wanted = (['completed', 'failed', 'timed_out', 'cancelled'] as const).filter((one) => isWanted(outcome, one));
  const [row] = await tx.query<{ id: string }>(
    sql`select id from runs where job_id = ${jobId} and outcome = any(${wanted}::run_outcome[]) and attempts > 0
      and finished_at >= ${toTimestamp(since)} order by finished_at desc limit 1`,
  );
  return row?.id;
}

/** When the run of `followed` ended that the last run of a job followed; epoch milliseconds, null when there was none. */
export async function lastFollowed(tx: Queries, jobId: string, followed: string): Promise<number | null> {
  const [row] = await tx.query<{ finished_at: Date | null }>(
    sql`select up.finished_at from runs
      cross join lateral jsonb_array_elements(runs.upstream) told
      join runs up on up.id = (told ->> 'runId')::uuid
      where runs.job_id = ${jobId} and runs.trigger = 'chain' and up.job_id = ${followed}
      order by runs.scheduled_for desc, runs.id desc limit 1`,
  );
  return row?.finished_at?.getTime() ?? null;
}

/** Whether a job had a run because of those that it follows. */
export async function hasChainRun(tx: Queries, jobId: string): Promise<boolean> {
  const rows = await tx.query(sql`select 1 from runs where job_id = ${jobId} and trigger = 'chain' limit 1`);
  return rows.length > 0;
}

/** How jobs of a project stand, by their ids; one that there is none of is left out. */
export async function readStandings(
  tx: Queries,
  projectId: string,
  jobIds: readonly string[],
): Promise<Map<string, { status: JobStatus; hasRunUnderWay: boolean }>> {
  const rows = await tx.query<{ id: string; status: JobStatus; hasRunUnderWay: boolean }>(
    sql`select id, status, running_runs > 0 as "hasRunUnderWay" from jobs
      where project_id = ${projectId} and id = any(${jobIds}::uuid[])`,
  );
  return new Map(rows.map(({ id, ...rest }) => [id, rest]));
}

/** Holds back everybody else who changes what follows what in a project, until the transaction ends. */
export async function lockChains(tx: Queries, projectId: string): Promise<void> {
  await tx.query(sql`select pg_advisory_xact_lock(hashtextextended(${`chains/${projectId}`}, 3))`);
}

/** The way from a project's jobs to one that they follow, over all between, as names; undefined when none follows that one. */
export async function pathTo(
  tx: Queries,
  projectId: string,
  from: readonly string[],
  to: string,
): Promise<string[] | undefined> {
  // Each job once: of ways there may be very many more.
  const rows = await tx.query<{ id: string; name: string; follows: string[] }>(
    sql`with recursive reached as (
        select id, name, follows from jobs where id = any(${from}::uuid[]) and project_id = ${projectId}
        union
        select jobs.id, jobs.name, jobs.follows
        from reached cross join lateral unnest(reached.follows) followed(id) join jobs on jobs.id = followed.id
      ) select id, name, follows from reached`,
  );
  const jobs = new Map(rows.map((row) => [row.id, row]));
  const ways = new Map<string, string[]>(from.map((id) => [id, [id]]));
  for (const [id, way] of ways) {
    if (id === to) return way.map((each) => jobs.get(each)?.name ?? each);
    for (const next of jobs.get(id)?.follows ?? []) if (!ways.has(next)) ways.set(next, [...way, next]);
  }
  return undefined;
}

/** The runs of a job that wait for the jobs it follows. */
export async function runsHeldByCondition(tx: Queries, jobId: string): Promise<{ runId: string; fireAt: number }[]> {
  const rows = await tx.query<{ id: string; scheduled_for: Date }>(
    sql`select id, scheduled_for from runs where job_id = ${jobId} and outcome = 'waiting' and waits_for = 'condition' order by id`,
  );
  return rows.map((row) => ({ runId: row.id, fireAt: row.scheduled_for.getTime() }));
}

/** Notes the runs that a run follows; it is held back by them no more. */
export async function noteUpstream(
  tx: Queries,
  runId: string,
  upstream: readonly { jobId: string; runId: string }[],
): Promise<void> {
  await tx.query(
    sql`update runs set upstream = ${JSON.stringify(upstream)}::jsonb, wait_until = null,
        waits_for = case when waits_for = 'condition' then null else waits_for end
      where id = ${runId}`,
  );
}

/** The jobs with runs that have waited as long as they may. Of more than `limit` some, in no order. */
export async function jobsToGiveUp(
  db: Queries,
  now: number,
  limit: number,
): Promise<{ projectId: string; jobId: string }[]> {
  return db.query<{ projectId: string; jobId: string }>(
    sql`select * from (
        select distinct project_id as "projectId", job_id as "jobId" from runs
        where outcome = 'waiting' and wait_until <= ${toTimestamp(now)}
      ) jobs order by random() limit ${limit}`,
  );
}

/** The runs of a job that have waited as long as they may. */
export async function runsToGiveUp(tx: Queries, jobId: string, now: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    sql`select id from runs where job_id = ${jobId} and outcome = 'waiting' and wait_until <= ${toTimestamp(now)} order by id`,
  );
  return rows.map((row) => row.id);
}
