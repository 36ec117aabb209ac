import { describeSchedule } from './describe.js';
import { readExecutionTime } from './execution-time.js';
import { nextFire } from './fires.js';
import { readFrequency, type Frequency } from './frequency.js';
import { EARLIEST } from './limits.js';
import { readTimeZone } from './time-zone.js';
import type { RecurringSchedule, Schedule, ScheduleInput, ScheduleProblem, Understood } from './types.js';

export type ParsedSchedule =
  { ok: true; schedule: Schedule; understoodAs: string } | { ok: false; problems: ScheduleProblem[] };

/**
 * Understands what a job says about when; every problem is reported, not only the first. The caller replaces an
 * executionTime of "now" before.
 */
export function parseSchedule(input: ScheduleInput): ParsedSchedule {
  const problems: ScheduleProblem[] = [];
  const take = <T>(field: ScheduleProblem['field'], read: Understood<T>): T | undefined => {
    if (read.ok) return read.value;
    problems.push({ field, message: read.message });
    return undefined;
  };

  const zoneGiven = input.timezone !== undefined;
  const timeZone = take('timezone', readTimeZone(input.timezone ?? 'UTC'));
  // With a wrong zone the local time is still checked, in UTC, so that both problems are told at once.
  const localZone = zoneGiven ? (timeZone ?? 'UTC') : null;
  const at =
    input.executionTime === undefined ? null : take('executionTime', readExecutionTime(input.executionTime, localZone));

  if (input.jobType === 'one-time') {
    if (input.frequency !== undefined) problems.push(ONE_TIME_WITH_FREQUENCY);
    if (at === null) problems.push(ONE_TIME_WITHOUT_TIME);
    return at == null || timeZone === undefined || problems.length > 0
      ? { ok: false, problems }
      : understood({ kind: 'once', at, timeZone });
  }
  if (input.jobType !== 'recurring') return { ok: false, problems: [UNKNOWN_JOB_TYPE, ...problems] };

  if (input.frequency === undefined) problems.push(RECURRING_WITHOUT_FREQUENCY);
  const frequency = input.frequency === undefined ? undefined : take('frequency', readFrequency(input.frequency));
  if (frequency === undefined || timeZone === undefined || at === undefined) return { ok: false, problems };
  const schedule = recurring(frequency, at, timeZone);
  if (nextFire(schedule, (at ?? EARLIEST) - 1) === null) return { ok: false, problems: [ENDS_BEFORE_IT_BEGINS] };
  return understood(schedule);
}

function understood(schedule: Schedule): ParsedSchedule {
  return {
    ok: true,
    schedule,
    // Only when asked: a job is parsed at each of its runs, and described when somebody looks.
    get understoodAs() {
      return describeSchedule(schedule);
    },
  };
}

function recurring(frequency: Frequency, at: number | null, timeZone: string): RecurringSchedule {
  return frequency.kind === 'cron' ? { ...frequency, startAt: at, timeZone } : { ...frequency, anchor: at, timeZone };
}

const ONE_TIME_WITH_FREQUENCY: ScheduleProblem = {
  field: 'frequency',
  message: 'A one-time job has no frequency: leave it out, or make jobType "recurring".',
};
const ONE_TIME_WITHOUT_TIME: ScheduleProblem = {
  field: 'executionTime',
  message: 'A one-time job needs an executionTime: an instant such as "2026-03-03T06:00:00Z", or "now".',
};
const RECURRING_WITHOUT_FREQUENCY: ScheduleProblem = {
  field: 'frequency',
  message: 'A recurring job needs a frequency such as "daily", "every 15 minutes" or "30 9 * * 1-5".',
};
const UNKNOWN_JOB_TYPE: ScheduleProblem = {
  field: 'jobType',
  message: 'The jobType is not known: it is "one-time" or "recurring".',
};
const ENDS_BEFORE_IT_BEGINS: ScheduleProblem = {
  field: 'executionTime',
  message: 'The schedule never fires from this executionTime to the end of the year 9999: choose an earlier one.',
};
