import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { JobType, Priority } from '../domain/job.js';
import type { JobStatus } from '../domain/status.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import type { Page, Slice } from './pages.js';
import { sliceOf } from './pages.js';

/** Which jobs; what is left out does not matter. */
export interface JobFilter {
  status?: JobStatus | undefined;
  type?: JobType | undefined;
  priority?: Priority | undefined;
  handler?: string | undefined;
  tag?: string | undefined;
  /** A part of the name, in any letter case. */
  nameContains?: string | undefined;
}

/** In which order. Jobs without a next run come last either way; ties are in the order of submission. */
export interface JobOrder {
  by: 'createdAt' | 'nextRunAt' | 'jobName';
  descending: boolean;
}

/** Where a page ended: the value it was sorted by (null: none, or the id alone decides) and the last job. */
export interface JobPosition {
  key: string | number | null;
  id: string;
}

/** A job in a list. Instants are epoch milliseconds. */
export interface JobListed {
  id: string;
  name: string;
  type: JobType;
  status: JobStatus;
  frequency: string | string[] | null;
  timezone: string;
  priority: Priority;
  handler: string;
  tags: string[];
  executionTime: number | null;
  nextRunAt: number | null;
  lastScheduledFor: number | null;
  createdAt: number;
  updatedAt: number;
}

interface Row {
  id: string;
  name: string;
  type: JobType;
  status: JobStatus;
  frequency: string | null;
  frequencies: string[] | null;
  timezone: string;
  priority: Priority;
  handler: string;
  tags: string[];
  execution_time: Date | null;
  next_run_at: Date | null;
  last_scheduled_for: Date | null;
  created_at: Date;
  updated_at: Date;
  position: string | Date | null;
}

/** A page of a project's jobs. */
export async function listJobs(
  db: Queries,
  projectId: string,
  filter: JobFilter,
  order: JobOrder,
  page: Page<JobPosition>,
): Promise<Slice<JobListed, JobPosition>> {
  const key = sortKeyOf(order);
  const conditions = [sql`jobs.project_id = ${projectId}`, ...conditionsOf(filter)];
  if (page.after) conditions.push(beyond(order, page.after));
  const direction = raw(order.descending ? 'desc' : 'asc');
  const rows = await db.query<Row>(
    sql`select jobs.id, name, type, status, frequency, schedule -> 'frequencies' as frequencies, timezone, priority, handler, tags, execution_time, next_run_at,
        last.scheduled_for as last_scheduled_for, created_at, updated_at, ${positionOf(order)} as position
      from jobs left join runs last on last.id = jobs.last_run_id
      where ${join(conditions, ' and ')}
      order by ${key ? sql`${key} ${direction}, ` : sql``}jobs.id ${direction}
      limit ${page.limit + 1} offset ${page.offset}`,
  );
  return sliceOf(rows, page.limit, toListed, (row) => ({
    key: row.position instanceof Date ? row.position.getTime() : row.position,
    id: row.id,
  }));
}

const nextRun = sql`(case when status in ('pending', 'running') then next_run_at end)`;

/** What comes before the id in the order; ids themselves are in the order of submission. */
function sortKeyOf({ by, descending }: JobOrder): Sql | null {
  if (by === 'createdAt') return null;
  if (by === 'jobName') return sql`lower(name)`;
  return sql`coalesce(${nextRun}, ${descending ? '-infinity' : 'infinity'}::timestamptz)`;
}

function positionOf({ by }: JobOrder): Sql {
  if (by === 'createdAt') return sql`null`;
  return by === 'jobName' ? sql`lower(name)` : nextRun;
}

function beyond(order: JobOrder, after: JobPosition): Sql {
  const operator = raw(order.descending ? '<' : '>');
  const key = sortKeyOf(order);
  if (!key) return sql`jobs.id ${operator} ${after.id}::uuid`;
  const none = order.descending ? '-infinity' : 'infinity';
  const value =
    order.by === 'jobName'
      ? sql`${after.key}::text`
      : sql`${typeof after.key === 'number' ? toTimestamp(after.key) : none}::timestamptz`;
  return sql`(${key}, jobs.id) ${operator} (${value}, ${after.id}::uuid)`;
}

function conditionsOf(filter: JobFilter): Sql[] {
  const conditions: Sql[] = [];
  if (filter.status !== undefined) conditions.push(sql`status = ${filter.status}`);
  if (filter.type !== undefined) conditions.push(sql`type = ${filter.type}`);
  if (filter.priority !== undefined) conditions.push(sql`priority = ${filter.priority}`);
  if (filter.handler !== undefined) conditions.push(sql`handler = ${filter.handler}`);
  if (filter.tag !== undefined) conditions.push(sql`${filter.tag} = any(tags)`);
  if (filter.nameContains !== undefined) {
    conditions.push(sql`name ilike ${`%${filter.nameContains.replaceAll(/[\\%_]/g, '\\$&')}%`}`);
  }
  return conditions;
}

function toListed(row: Row): JobListed {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    status: row.status,
    frequency: row.frequencies ?? row.frequency,
    timezone: row.timezone,
    priority: row.priority,
    handler: row.handler,
    tags: row.tags,
    executionTime: row.execution_time?.getTime() ?? null,
    nextRunAt: row.next_run_at?.getTime() ?? null,
    lastScheduledFor: row.last_scheduled_for?.getTime() ?? null,
    createdAt: row.created_at.getTime(),
    updatedAt: row.updated_at.getTime(),
  };
}
