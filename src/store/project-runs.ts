/** The runs of all jobs of a project. */
import sql, { join, type Sql } from 'sql-template-tag';
import type { RunOutcome, RunTrigger } from '../domain/run.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { sliceOf, type Page, type Slice } from './pages.js';
import { runColumns, toRunRecord, type RunPosition, type RunRecord, type RunRow } from './run-reads.js';

/** Which runs of a project: epoch milliseconds, `from` included and `to` not; what is left out does not matter. */
export interface ProjectRunFilter {
  outcome?: readonly RunOutcome[] | undefined;
  from?: number | undefined;
  to?: number | undefined;
  job?: string | undefined;
  /** Of the job as it is now. */
  handler?: string | undefined;
  tag?: string | undefined;
  errorCode?: string | undefined;
  trigger?: RunTrigger | undefined;
}

/** A run with the name of its job. */
export type ProjectRunRecord = RunRecord & { jobName: string };

/** A page of the runs of a project, newest first. */
export async function listProjectRuns(
  db: Queries,
  projectId: string,
  { from, ...filter }: ProjectRunFilter,
  page: Page<RunPosition>,
): Promise<Slice<ProjectRunRecord, RunPosition>> {
  const conditions = conditionsOf(projectId, filter);
  if (page.after) {
    const { scheduledFor, id } = page.after;
    conditions.push(sql`(scheduled_for, id) < (${toTimestamp(scheduledFor)}::timestamptz, ${id}::uuid)`);
  }
  const newestFirst = sql`order by scheduled_for desc, id desc`;
  const firstOf = (more: readonly Sql[]) =>
    sql`(select ${runColumns}, (select name from jobs where jobs.id = runs.job_id) as job_name
      from runs where ${join([...conditions, ...more], ' and ')}
      ${newestFirst} limit ${page.offset + page.limit + 1})`;
  const rows = await db.query<RunRow & { job_name: string }>(
    sql`select * from (${join(stretchesFrom(from).map(firstOf), ' union all ')}) runs
      ${newestFirst} limit ${page.limit + 1} offset ${page.offset}`,
  );
  return sliceOf(
    rows,
    page.limit,
    (row) => ({ ...toRunRecord(row), jobName: row.job_name }),
    (row) => ({ scheduledFor: row.scheduled_for.getTime(), id: row.id }),
  );
}

/**
 * The runs at `from` or later: those that begin then, and the summary rows that begin before it and reach it. One condition
 * for both would read the whole ledger back to its first day, when there are fewer of them than a page holds.
 */
function stretchesFrom(from: number | undefined): Sql[][] {
  if (from === undefined) return [[]];
  const at = sql`${toTimestamp(from)}::timestamptz`;
  return [[sql`scheduled_for >= ${at}`], [sql`scheduled_until >= ${at}`, sql`scheduled_for < ${at}`]];
}

/** The conditions of a filter on `runs`, but for its beginning. */
export function conditionsOf(projectId: string, filter: Omit<ProjectRunFilter, 'from'>): Sql[] {
  const { outcome, to, job, handler, tag, errorCode, trigger } = filter;
  const conditions = [sql`project_id = ${projectId}`];
  if (outcome !== undefined) conditions.push(sql`outcome = any(${outcome}::run_outcome[])`);
  if (to !== undefined) conditions.push(sql`scheduled_for < ${toTimestamp(to)}::timestamptz`);
  if (job !== undefined) conditions.push(sql`job_id = ${job}`);
  if (errorCode !== undefined) conditions.push(sql`error ->> 'code' = ${errorCode}`);
  if (trigger !== undefined) conditions.push(sql`trigger = ${trigger}`);
  const ofJob = [
    ...(handler === undefined ? [] : [sql`jobs.handler = ${handler}`]),
    ...(tag === undefined ? [] : [sql`${tag} = any(jobs.tags)`]),
  ];
  if (ofJob.length > 0) {
    conditions.push(sql`exists (select 1 from jobs where jobs.id = runs.job_id and ${join(ofJob, ' and ')})`);
  }
  return conditions;
}
