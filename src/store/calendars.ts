import sql from 'sql-template-tag';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import type { CalendarRecord } from './job-record.js';
import { toJson } from './json.js';
import { finalStatuses } from '../domain/status.js';

/** A calendar in a list. Instants are epoch milliseconds. */
export interface CalendarListed {
  id: string;
  name: string;
  /** How many dates, weekdays and recurring days it has. */
  entries: number;
  updatedAt: number;
  updatedBy: string;
  /** How many jobs that have not ended use it. */
  jobs: number;
}

/** A calendar with all that its users may know of it. */
export interface CalendarDetails extends Omit<CalendarListed, 'entries'> {
  /** As it was written. */
  definition: unknown;
}

interface Row {
  id: string;
  name: string;
  definition: unknown;
  created_at: Date;
  created_by: string;
  jobs: number;
}

/** The calendars of these names; a name that the project has no calendar of is left out. */
export async function findCalendars(
  db: Queries,
  projectId: string,
  names: readonly string[],
): Promise<CalendarRecord[]> {
  return db.query<{ id: string; name: string; days: unknown }>(
    sql`select id, name, days from calendars
      where project_id = ${projectId} and name = any(${names}) and replaced_at is null order by name`,
  );
}

/**
 * The same, to be used by a job: they stay as they are until the transaction ends. A change of one waits, and then finds
 * the job that came to use it.
 */
export async function lockCalendars(
  tx: Queries,
  projectId: string,
  names: readonly string[],
): Promise<CalendarRecord[]> {
  const lock = () =>
    tx.query(
      sql`select id from calendars where project_id = ${projectId} and name = any(${names}) and replaced_at is null
        order by name for share`,
    );
  // A statement that waited for a change sees neither the row that was replaced nor the one in its place: the next one does.
  if ((await lock()).length < names.length) await lock();
  return findCalendars(tx, projectId, names);
}

/** A project's calendars, by name, without their days: those of all together can be many. */
export async function listCalendars(db: Queries, projectId: string): Promise<CalendarListed[]> {
  const rows = await db.query<Omit<Row, 'definition'> & { entries: number }>(
    sql`select ${listed}, (select coalesce(sum(jsonb_array_length(part.value)), 0)::int from jsonb_each(definition) as part
        where jsonb_typeof(part.value) = 'array') as entries
      from calendars where project_id = ${projectId} and replaced_at is null order by name`,
  );
  return rows.map((row) => ({ ...toListed(row), entries: row.entries }));
}

/** One calendar, whole. Undefined when the project has none of that name. */
export async function readCalendarDetails(
  db: Queries,
  projectId: string,
  name: string,
): Promise<CalendarDetails | undefined> {
  const [row] = await db.query<Row>(
    sql`select ${listed}, definition from calendars
      where project_id = ${projectId} and replaced_at is null and name = ${name}`,
  );
  return row && { ...toListed(row), definition: row.definition };
}

const listed = sql`id, name, created_at, created_by, (select count(*)::int from jobs
    where jobs.project_id = calendars.project_id and calendar_ids <> '{}' and calendar_ids @> array[calendars.id]
      and status <> all(${finalStatuses}::job_status[])) as jobs`;

function toListed(row: Omit<Row, 'definition'>): Omit<CalendarListed, 'entries'> {
  return {
    id: row.id,
    name: row.name,
    updatedAt: row.created_at.getTime(),
    updatedBy: row.created_by,
    jobs: row.jobs,
  };
}

/** How many calendars a project has. */
export async function countCalendars(db: Queries, projectId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`select count(*)::int as count from calendars where project_id = ${projectId} and replaced_at is null`,
  );
  return row?.count ?? 0;
}

/** Ends a calendar as it stood; gives its id, or undefined when there is none of that name. */
export async function retireCalendar(
  tx: Queries,
  projectId: string,
  name: string,
  at: number,
): Promise<string | undefined> {
  const retire = () =>
    tx.query<{ id: string }>(
      sql`update calendars set replaced_at = ${toTimestamp(at)}
        where project_id = ${projectId} and name = ${name} and replaced_at is null returning id`,
    );
  // As above: one that waited for another change finds nothing, and the next statement what that change left.
  const [row] = await retire();
  return (row ?? (await retire())[0])?.id;
}

/** Writes a calendar as it stands from now on; false when somebody else has just made one of that name. */
export async function insertCalendar(
  tx: Queries,
  calendar: CalendarRecord & { definition: unknown; projectId: string; createdBy: string },
  at: number,
): Promise<boolean> {
  const rows = await tx.query(
    sql`insert into calendars (id, project_id, name, definition, days, created_at, created_by)
      values (${calendar.id}, ${calendar.projectId}, ${calendar.name}, ${toJson(calendar.definition)},
        ${toJson(calendar.days)}, ${toTimestamp(at)}, ${calendar.createdBy})
      on conflict (project_id, name) where replaced_at is null do nothing returning id`,
  );
  return rows.length > 0;
}

/** The jobs that have not ended and use a calendar, in the order in which everybody locks them. */
export async function jobsUsing(tx: Queries, calendarId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    sql`select id from jobs where calendar_ids <> '{}' and calendar_ids @> array[${calendarId}::uuid]
        and status <> all(${finalStatuses}::job_status[]) order by id`,
  );
  return rows.map((row) => row.id);
}
