import type { Problem } from '../domain/errors.js';
import {
  emptySchedule,
  parseSchedule,
  readExecutionTime,
  type Schedule,
  type ScheduleInput,
} from '../schedule/index.js';
import type { CalendarRecord, JobRecord, ScheduleDetails } from '../store/job-record.js';
import { namedCalendars } from './schedule-of.js';

/** What a request says about when: in a submission left out or given, in a change also null, which takes it away. */
export interface WhenGiven {
  executionTime?: string | undefined;
  frequency?: string | string[] | undefined;
  timezone?: string | undefined;
  startAt?: string | null | undefined;
  endAt?: string | null | undefined;
  maxRuns?: number | null | undefined;
  jitter?: number | null | undefined;
  spread?: number | null | undefined;
  dst?: ScheduleDetails['dst'] | null | undefined;
  exclude?: { calendars: string[]; shift?: 'next' | 'previous' | undefined } | null | undefined;
}

const fields = [
  'executionTime',
  'frequency',
  'timezone',
  'startAt',
  'endAt',
  'maxRuns',
  'jitter',
  'spread',
  'dst',
  'exclude',
] as const satisfies readonly (keyof WhenGiven)[];

/** Whether a change says anything about when. */
export function saysWhen(given: WhenGiven): boolean {
  return fields.some((field) => given[field] !== undefined);
}

/** What a job says about when, once `given` has changed it; `calendars` are those that it names. */
export function changedWhen(
  before: ScheduleInput,
  given: WhenGiven,
  calendars: readonly CalendarRecord[],
): ScheduleInput {
  const exclude = given.exclude && { calendars: namedCalendars(calendars), shift: given.exclude.shift };
  return {
    jobType: before.jobType,
    executionTime: given.executionTime ?? before.executionTime,
    frequency: given.frequency ?? before.frequency,
    timezone: given.timezone ?? before.timezone,
    startAt: changed(before.startAt, given.startAt),
    endAt: changed(before.endAt, given.endAt),
    jitterMs: changed(before.jitterMs, given.jitter),
    spreadMs: changed(before.spreadMs, given.spread),
    dst: changed(before.dst, given.dst),
    exclude: changed(before.exclude, exclude),
  };
}

function changed<T>(before: T | undefined, given: T | null | undefined): T | undefined {
  return given === undefined ? before : (given ?? undefined);
}

/** The schedule of a request and what is wrong with it. `now` stands for an execution time of "now". */
export function understand(input: ScheduleInput, now: number): { schedule?: Schedule; problems: Problem[] } {
  const parsed = parseSchedule({ ...input, executionTime: withoutNow(input.executionTime, now) });
  return parsed.ok
    ? { schedule: parsed.schedule, problems: [] }
    : { problems: parsed.problems.map(({ field, message }) => ({ pointer: `/${field}`, message })) };
}

/** The schedule of a job that follows others: none; and what is wrong with a request that says something about it. */
export function withoutSchedule(given: WhenGiven): { schedule: Schedule; problems: Problem[] } {
  const said = fields.filter((field) => field !== 'timezone' && given[field] != null);
  const message =
    'needs a schedule: give a frequency or an executionTime, or leave it out of a job that follows others';
  const schedule = emptySchedule('UTC');
  return { schedule, problems: said.map((field) => ({ pointer: `/${field}`, message })) };
}

function withoutNow(executionTime: string | undefined, now: number): string | undefined {
  return executionTime === 'now' ? new Date(now).toISOString() : executionTime;
}

/** The names of calendars that there are none of, as problems. */
export function unknownCalendars(given: WhenGiven, calendars: readonly CalendarRecord[]): Problem[] {
  return (given.exclude?.calendars ?? []).flatMap((name, index) =>
    calendars.some((calendar) => calendar.name === name)
      ? []
      : [
          {
            pointer: `/exclude/calendars/${index}`,
            message: `there is no calendar ${JSON.stringify(name)} in this project`,
          },
        ],
  );
}

/** How what was understood is stored. */
export type StoredWhen = Pick<JobRecord, 'executionTime' | 'frequency' | 'timezone' | 'schedule'>;

export function storedWhen(input: ScheduleInput, now: number): StoredWhen {
  const instant = (text: string | undefined) => instantOf(text, input.timezone, now);
  const { jitterMs, spreadMs, dst, exclude, frequency } = input;
  const [startAt, endAt] = [instant(input.startAt), instant(input.endAt)];
  return {
    executionTime: instant(input.executionTime),
    frequency: frequency === undefined || typeof frequency === 'string' ? (frequency ?? null) : oneOrMany(frequency),
    timezone: input.timezone ?? 'UTC',
    schedule: {
      ...(startAt === null ? {} : { startAt }),
      ...(endAt === null ? {} : { endAt }),
      ...(jitterMs === undefined ? {} : { jitterMs }),
      ...(spreadMs === undefined ? {} : { spreadMs }),
      ...(dst === undefined ? {} : { dst }),
      ...(exclude?.shift === undefined ? {} : { shift: exclude.shift }),
    },
  };
}

function oneOrMany(list: readonly string[]): string | string[] {
  const [only, ...others] = list;
  return only !== undefined && others.length === 0 ? only : [...list];
}

/** The instant that a valid time of a request names, or null when there is none. */
function instantOf(text: string | undefined, timezone: string | undefined, now: number): number | null {
  if (text === undefined) return null;
  if (text === 'now') return now;
  const read = readExecutionTime(text, timezone ?? null);
  return read.ok ? read.value : null;
}
