import sql from 'sql-template-tag';
import { quotaNames, type QuotaChanges, type QuotaName, type Quotas, type QuotaUses } from '../domain/quotas.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';

/**
 * What projects may use. The triggers of `project_usage` (migrations 20261125065001 to 20261125084003) count what they do use, for those
 * that have quotas; this sets quotas and reads the counts.
 */

const limitColumns = sql`quota_open_jobs as "openJobs", quota_submissions_per_day as "submissionsPerDay",
  quota_running_runs as "runningRuns", quota_payload_bytes::float8 as "payloadBytes",
  quota_log_bytes_per_day::float8 as "logBytesPerDay"`;

/**
 * Sets the quotas of a project (what is left out stays, null is no limit) and counts what it uses already. Until the
 * transaction ends, submissions of the project wait. False when there is no such project.
 *
 * @param now epoch milliseconds
 */
export async function setQuotas(
  tx: Queries,
  projectId: string,
  changes: QuotaChanges,
  now: number,
): Promise<{ before: Quotas; after: Quotas } | undefined> {
  await tx.query(sql`select pg_advisory_xact_lock(usage_lock_of(${projectId}::uuid))`);
  const before = await readLimits(tx, projectId);
  if (!before) return undefined;
  const limits: Quotas = {
    openJobs: changed(changes.openJobs, before.openJobs),
    submissionsPerDay: changed(changes.submissionsPerDay, before.submissionsPerDay),
    runningRuns: changed(changes.runningRuns, before.runningRuns),
    payloadBytes: changed(changes.payloadBytes, before.payloadBytes),
    logBytesPerDay: changed(changes.logBytesPerDay, before.logBytesPerDay),
  };
  await tx.query(
    sql`update projects set quota_open_jobs = ${limits.openJobs}, quota_submissions_per_day = ${limits.submissionsPerDay},
        quota_running_runs = ${limits.runningRuns}, quota_payload_bytes = ${limits.payloadBytes},
        quota_log_bytes_per_day = ${limits.logBytesPerDay}
      where id = ${projectId}`,
  );
  const isCounted = quotaNames.some((name) => name !== 'runningRuns' && limits[name] !== null);
  if (isCounted) await countUsage(tx, projectId, limits, now);
  else await tx.query(sql`delete from project_usage where project_id = ${projectId}`);
  return { before, after: limits };
}

/** Counts what no index tells at once only where there is a quota of it. Those of the day go on, or begin at nothing. */
async function countUsage(tx: Queries, projectId: string, limits: Quotas, now: number): Promise<void> {
  const jobs = sql`(select count(*) from jobs where project_id = ${projectId} and status in ('pending', 'running', 'paused'))`;
  const bytes = sql`(select coalesce(sum(payload_length(payload, payload_sealed)), 0) from jobs where project_id = ${projectId})
    + (select coalesce(sum(payload_length(payload, payload_sealed)), 0) from runs
      where project_id = ${projectId} and (payload is not null or payload_sealed is not null))`;
  const zero = sql`0`;
  await tx.query(
    sql`insert into project_usage as u (project_id, day, open_jobs, payload_bytes)
      values (${projectId}, (${toTimestamp(now)}::timestamptz at time zone 'UTC')::date,
        ${limits.openJobs === null ? zero : jobs}, ${limits.payloadBytes === null ? zero : bytes})
      on conflict (project_id) do update set open_jobs = excluded.open_jobs, payload_bytes = excluded.payload_bytes`,
  );
}

const changed = <T>(given: T | undefined, before: T): T => (given === undefined ? before : given);

async function readLimits(db: Queries, projectId: string): Promise<Quotas | undefined> {
  const [limits] = await db.query<{ [Name in QuotaName]: number | null }>(
    sql`select ${limitColumns} from projects where id = ${projectId}`,
  );
  return limits;
}

/** The quotas of a project, and what it uses of each; undefined when there is no such project. */
export async function readQuotas(db: Queries, projectId: string, now: number): Promise<QuotaUses | undefined> {
  const limits = await readLimits(db, projectId);
  if (!limits) return undefined;
  const [used] = await db.query<{ [Name in QuotaName]: number | null }>(
    sql`select u.open_jobs as "openJobs", u.payload_bytes::float8 as "payloadBytes",
        case when today > u.day then 0 else u.submissions end as "submissionsPerDay",
        case when today > u.day then 0 else u.log_bytes end::float8 as "logBytesPerDay",
        case when ${limits.runningRuns !== null} then
          (select count(*)::int from runs where project_id = ${projectId} and outcome = 'running') end as "runningRuns"
      from (select (${toTimestamp(now)}::timestamptz at time zone 'UTC')::date as today) as clock
        left join project_usage u on u.project_id = ${projectId}`,
  );
  const useOf = (name: QuotaName) => (limits[name] === null ? undefined : (used?.[name] ?? 0));
  return {
    openJobs: { limit: limits.openJobs, used: useOf('openJobs') },
    submissionsPerDay: { limit: limits.submissionsPerDay, used: useOf('submissionsPerDay') },
    runningRuns: { limit: limits.runningRuns, used: useOf('runningRuns') },
    payloadBytes: { limit: limits.payloadBytes, used: useOf('payloadBytes') },
    logBytesPerDay: { limit: limits.logBytesPerDay, used: useOf('logBytesPerDay') },
  };
}

/**
 * Takes some of the bytes that a project may log in a day, and gives how many it got; undefined when there is no quota.
 *
 * @param now epoch milliseconds
 */
export async function takeLogBytes(
  db: Queries,
  projectId: string,
  bytes: number,
  now: number,
): Promise<number | undefined> {
  const [row] = await db.query<{ granted: number }>(
    sql`with found as (
      select u.project_id, today, today > u.day as is_new_day, case when today > u.day then 0 else u.log_bytes end as used,
        p.quota_log_bytes_per_day as quota
      from project_usage u join projects p on p.id = u.project_id,
        (select (${toTimestamp(now)}::timestamptz at time zone 'UTC')::date as today) as clock
      where u.project_id = ${projectId} and p.quota_log_bytes_per_day is not null for update of u
    ), granted as (
      select *, least(${bytes}::bigint, greatest(0, quota - used)) as bytes from found
    )
    update project_usage u set log_bytes = granted.used + granted.bytes,
      submissions = case when is_new_day then 0 else u.submissions end, day = greatest(u.day, today)
    from granted where u.project_id = granted.project_id returning granted.bytes::float8 as granted`,
    'take-log-bytes',
  );
  return row?.granted;
}
