import { isChained } from '../domain/after.js';
import {
  emptySchedule,
  parseSchedule,
  type Calendar,
  type Exclusion,
  type Schedule,
  type ScheduleInput,
} from '../schedule/index.js';
import type { CalendarRecord, JobRecord } from '../store/job-record.js';

/** What of a job says when it runs. */
export type Scheduled = Pick<
  JobRecord,
  'type' | 'executionTime' | 'frequency' | 'timezone' | 'schedule' | 'calendars' | 'after'
>;

/** What a stored job says about when, in the words in which one is submitted. */
export function scheduleInputOf(job: Scheduled): ScheduleInput {
  const { startAt, endAt, jitterMs, spreadMs, dst, shift } = job.schedule;
  return {
    jobType: job.type,
    executionTime: textOf(job.executionTime),
    frequency: job.frequency ?? undefined,
    timezone: job.timezone,
    startAt: textOf(startAt),
    endAt: textOf(endAt),
    jitterMs,
    spreadMs,
    dst,
    exclude: job.calendars.length === 0 ? undefined : { calendars: namedCalendars(job.calendars), shift },
  };
}

/** Stored calendars as a schedule takes them. */
export function namedCalendars(calendars: readonly CalendarRecord[]): Exclusion['calendars'] {
  return calendars.map(({ name, days }) => ({ name, calendar: days as Calendar }));
}

/** The schedule of a job that is to end, or undefined when it is no longer understood: that must not keep it from ending. */
export function scheduleIfUnderstood(job: Scheduled): Schedule | undefined {
  try {
    return scheduleOf(job);
  } catch {
    return undefined;
  }
}

/**
 * The schedule of a job as it is stored, which was valid when it was accepted.
 * @throws Error when it is no longer understood: only newer rules or other time-zone data can bring that about
 */
export function scheduleOf(job: Scheduled): Schedule {
  if (isChained(job)) return emptySchedule(job.timezone);
  const parsed = parseSchedule(scheduleInputOf(job), true);
  if (!parsed.ok) {
    throw new Error(`a stored schedule is no longer understood: ${parsed.problems.map((p) => p.message).join(' ')}`);
  }
  return parsed.schedule;
}

function textOf(instant: number | null | undefined): string | undefined {
  return instant === null || instant === undefined ? undefined : new Date(instant).toISOString();
}
