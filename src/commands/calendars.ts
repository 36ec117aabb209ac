import { v7 as uuidv7 } from 'uuid';
import type { CalendarInput } from '../contract/calendars.js';
import { limits } from '../contract/values.js';
import { changedFields, type AuditFields, type AuditTarget } from '../domain/audit.js';
import { AppError } from '../domain/errors.js';
import { statusAfter } from '../domain/status.js';
import {
  calendarOfDays,
  LAST_EXPANDED_YEAR,
  EARLIEST,
  nextFire,
  readCalendar,
  readIcs,
  type Calendar,
  type CalendarDefinition,
} from '../schedule/index.js';
import { countCalendars, insertCalendar, jobsUsing, readCalendarDetails, retireCalendar } from '../store/calendars.js';
import type { Queries } from '../store/database.js';
import { openRunsOf } from '../store/open-runs.js';
import type { CalendarRecord, JobRecord } from '../store/job-record.js';
import { changeJobIn, type JobChange } from '../store/jobs.js';
import type { Caller, CommandPorts } from './ports.js';
import { scheduleOf } from './schedule-of.js';
import { decideNewCalendars } from './new-calendars.js';
import { validationFailed } from './validate.js';

/** What became of a calendar. */
export interface PutCalendar {
  status: 'created' | 'updated';
  /** How many jobs go by it from now on. */
  jobs: number;
}

/**
 * Makes a calendar, or puts another in its place. When this returns, every job that excludes it goes by the new one: a fire
 * that it excludes does not begin any more.
 */
export async function putCalendar(
  ports: CommandPorts,
  caller: Caller,
  name: string,
  input: CalendarInput,
  expected: 'not there' | 'either' = 'either',
): Promise<PutCalendar> {
  return putDays(ports, caller, { name, definition: input, days: understood(input) }, expected);
}

function understood(definition: CalendarDefinition): Calendar {
  const read = readCalendar(definition);
  if (read.ok) return read.value;
  const problems = read.problems.map(({ path, message }) => ({ pointer: ['', ...path].join('/'), message }));
  throw validationFailed(problems);
}

async function putDays(
  ports: CommandPorts,
  caller: Caller,
  written: { name: string; definition: unknown; days: Calendar },
  expected: 'not there' | 'either',
): Promise<PutCalendar> {
  const { projectId, actor } = caller;
  const { name } = written;
  const put = await ports.db.transaction(async (tx) => {
    const now = Math.floor(ports.clock.now());
    const old = ports.audit && (await readCalendarDetails(tx, projectId, name));
    let before = await retireCalendar(tx, projectId, name, now);
    if (before !== undefined && expected === 'not there') throw alreadyThere(name);
    if (before === undefined) await refuseTooMany(tx, projectId);
    const calendar = { id: uuidv7(), ...written };
    const insert = () => insertCalendar(tx, { ...calendar, projectId, createdBy: actor }, now);
    if (!(await insert())) {
      // Somebody has made it meanwhile: this one takes its place.
      if (expected === 'not there') throw alreadyThere(name);
      before = await retireCalendar(tx, projectId, name, now);
      if (!(await insert())) throw alreadyThere(name);
    }
    const jobs = before === undefined ? [] : await jobsUsing(tx, before);
    for (const jobId of jobs) {
      await changeJobIn(tx, { projectId, jobId }, actor, ports.clock, async (job, at) => {
        const hasOpenRuns = (await openRunsOf(tx, jobId)).length > 0;
        return decideWith(job, inPlaceOf(job.calendars, before, calendar), { now: at, hasOpenRuns });
      });
    }
    const fields = changedFields((old?.definition ?? {}) as AuditFields, written.definition as AuditFields);
    ports.audit?.note({
      target: calendarTarget(name),
      before: fields.before,
      after: { ...fields.after, jobs: jobs.length },
    });
    return { status: before === undefined ? 'created' : 'updated', jobs: jobs.length } as const;
  });
  if (put.jobs > 0) ports.onCommitted();
  return put;
}

/** What the new calendars make of a job. One that would never run any more is kept from it: the change is refused. */
function decideWith(
  job: JobRecord,
  calendars: CalendarRecord[],
  { now, hasOpenRuns }: { now: number; hasOpenRuns: boolean },
): JobChange {
  if (nextFire(scheduleOf({ ...job, calendars }), EARLIEST - 1) === null) {
    const which = `The job ${JSON.stringify(job.name)} (${job.id})`;
    throw new AppError('conflict', `${which} could not go on: the calendars would exclude every fire of its schedule.`);
  }
  const change = decideNewCalendars(job, calendars, now);
  // What was left up to its end is excluded now: the schedule names no further fire.
  const isOver = job.status === 'pending' && change.set.next === null && !hasOpenRuns;
  return isOver ? { ...change, status: statusAfter(job.status, 'exhaust') ?? job.status } : change;
}

function inPlaceOf(all: CalendarRecord[], before: string | undefined, calendar: CalendarRecord): CalendarRecord[] {
  return all.map((one) => (one.id === before ? calendar : one));
}

async function refuseTooMany(tx: Queries, projectId: string): Promise<void> {
  if ((await countCalendars(tx, projectId)) >= limits.projectCalendars) {
    throw new AppError(
      'conflict',
      `The project has ${limits.projectCalendars} calendars, which is the most it may have.`,
    );
  }
}

/** What an iCalendar file brought. */
export interface UploadedCalendar extends PutCalendar {
  days: number;
  ignored: number;
  notes: string[];
}

/** Makes a calendar of the all-day events of an iCalendar file, or puts them in its place. */
export async function uploadCalendar(
  ports: CommandPorts,
  caller: Caller,
  name: string,
  ics: string,
): Promise<UploadedCalendar> {
  const read = readIcs(ics);
  if (!read.ok) throw validationFailed([{ pointer: '', message: read.message }]);
  const { ranges, days, ignored, endless } = read.value;
  const calendar = calendarOfDays(ranges);
  const written = { name, definition: { dates: calendar.ranges }, days: calendar };
  const put = await putDays(ports, caller, written, 'either');
  const notes = endless ? [`An event recurs without end: its days were read through ${LAST_EXPANDED_YEAR}.`] : [];
  return { ...put, days, ignored, notes };
}

/** Deletes a calendar that no job excludes. */
export async function deleteCalendar(ports: CommandPorts, caller: Caller, name: string): Promise<void> {
  await ports.db.transaction(async (tx) => {
    const old = ports.audit && (await readCalendarDetails(tx, caller.projectId, name));
    const id = await retireCalendar(tx, caller.projectId, name, Math.floor(ports.clock.now()));
    ports.audit?.note({ before: changedFields((old?.definition ?? {}) as AuditFields, {}).before });
    if (id === undefined) throw noSuchCalendar(name);
    const jobs = await jobsUsing(tx, id);
    if (jobs.length > 0) {
      const users = jobs.length === 1 ? '1 job that has' : `${jobs.length} jobs that have`;
      const some = `${jobs.slice(0, 3).join(', ')}${jobs.length > 3 ? ', ...' : ''}`;
      throw new AppError('conflict', `The calendar is excluded by ${users} not ended: ${some}.`);
    }
  });
}

function calendarTarget(name: string): AuditTarget {
  return { kind: 'calendar', id: name };
}

function alreadyThere(name: string): AppError {
  return new AppError('conflict', `There is a calendar ${JSON.stringify(name)} already: change it by PUT.`);
}

export function noSuchCalendar(name: string): AppError {
  return new AppError('calendar_not_found', `There is no calendar ${JSON.stringify(name)}.`);
}
