/** Runs that are to be done again, many at a time: which they are, and those whose turn is yet to come. */
import sql, { join, type Sql } from 'sql-template-tag';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { conditionsOf, type ProjectRunFilter } from './project-runs.js';
import { originOfRun, type RunToRetry } from './retries.js';

/** A run that matches, as far as it matters whether it can be done again. */
export type RunFound = Pick<RunToRetry, 'outcome' | 'fireCount' | 'origin'> & { runId: string; jobId: string };

/**
 * The first runs of a filter, oldest first, that nobody has done again and that are not to be. Of a run and its retries only
 * the newest counts; they have their job and time in common. (So have two runs by hand of one millisecond: of those one
 * may hide the other, which is better than to do one twice.)
 */
export async function findRunsToRedrive(
  tx: Queries,
  projectId: string,
  filter: ProjectRunFilter & { from: number },
  limit: number,
): Promise<RunFound[]> {
  return tx.query<RunFound>(
    sql`select id as "runId", job_id as "jobId", outcome, fire_count as "fireCount", ${originOfRun} as origin
      from runs where ${matching(projectId, filter)} order by scheduled_for, id limit ${limit}`,
  );
}

/** How many runs that would find. */
export async function countRunsToRedrive(
  tx: Queries,
  projectId: string,
  filter: ProjectRunFilter & { from: number },
): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    sql`select count(*)::int as count from runs where ${matching(projectId, filter)}`,
  );
  return row?.count ?? 0;
}

function matching(projectId: string, { from, ...filter }: ProjectRunFilter & { from: number }): Sql {
  return sql`${join(conditionsOf(projectId, filter), ' and ')} and scheduled_for >= ${toTimestamp(from)}::timestamptz
    and not exists (select 1 from redrives where redrives.run_id = runs.id)
    and not exists (select 1 from runs later where later.job_id = runs.job_id
      and later.scheduled_for = runs.scheduled_for and later.retry_of is not null
      and (later.retry_of = runs.id or later.id > runs.id))`;
}

/** A run that is to be done again at its turn. Instants are epoch milliseconds. */
export interface Redrive {
  runId: string;
  jobId: string;
  projectId: string;
  dueAt: number;
  actor: string;
  requestedAt: number;
  reason: string | null;
}

/** Writes down runs that are to be done again; answers how many of them were not to be already. */
export async function insertRedrives(tx: Queries, redrives: readonly Redrive[]): Promise<number> {
  const rows = redrives.map(({ dueAt, requestedAt, ...rest }) => ({
    ...rest,
    dueAt: toTimestamp(dueAt),
    requestedAt: toTimestamp(requestedAt),
  }));
  const written = await tx.query(
    sql`insert into redrives (run_id, job_id, project_id, due_at, actor, requested_at, reason)
      select "runId", "jobId", "projectId", "dueAt", actor, "requestedAt", reason
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r("runId" uuid, "jobId" uuid, "projectId" uuid,
        "dueAt" timestamptz, actor text, "requestedAt" timestamptz, reason text)
      on conflict do nothing returning 1`,
  );
  return written.length;
}

/** Takes one run whose turn has come; nobody else has it until the transaction ends. */
export async function takeDueRedrive(
  tx: Queries,
  now: number,
): Promise<Omit<Redrive, 'dueAt' | 'requestedAt'> | undefined> {
  const [row] = await tx.query<Omit<Redrive, 'dueAt' | 'requestedAt'>>(
    sql`select run_id as "runId", job_id as "jobId", project_id as "projectId", actor, reason from redrives
      where due_at <= ${toTimestamp(now)} order by due_at, run_id limit 1 for update skip locked`,
    'take-due-redrive',
  );
  return row;
}

export async function deleteRedrive(tx: Queries, runId: string): Promise<void> {
  await tx.query(sql`delete from redrives where run_id = ${runId}`, 'delete-redrive');
}

/** Puts the runs of a job off whose turn has come, but for those that somebody has in hand. */
export async function postponeRedrives(
  tx: Queries,
  jobId: string,
  { now, until }: { now: number; until: number },
): Promise<void> {
  await tx.query(
    sql`update redrives set due_at = ${toTimestamp(until)} where run_id in (
      select run_id from redrives where job_id = ${jobId} and due_at <= ${toTimestamp(now)} for update skip locked)`,
  );
}

/** Takes away the runs of a project whose turn is yet to come, with an event for each; answers how many. */
export async function cancelRedrives(
  tx: Queries,
  projectId: string,
  by: { actor: string; at: number },
): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    sql`with cancelled as (
      delete from redrives where run_id in (select run_id from redrives where project_id = ${projectId} for update skip locked)
      returning run_id, job_id
    ), event as (
      insert into events (project_id, job_id, run_id, type, at, actor, data)
      select ${projectId}, job_id, run_id, 'run.retry_dropped', ${toTimestamp(by.at)}, ${by.actor},
        '{"reason": "The redrive was cancelled."}' from cancelled
    ) select count(*)::int as count from cancelled`,
  );
  return row?.count ?? 0;
}
