import { firesADay, MOST_SHIFTED_FIRES_A_DAY } from './calendar/index.js';
import { describeSchedule } from './describe.js';
import { readExecutionTime } from './execution-time.js';
import { nextFire } from './fires.js';
import { readFrequency, type Frequency } from './frequency.js';
import { EARLIEST } from './limits.js';
import { partsOf } from './rules.js';
import { toRule, type RuleContext } from './rrule/index.js';
import { readTimeZone } from './time-zone.js';
import type {
  DstPolicy,
  RecurringSchedule,
  Rule,
  Schedule,
  ScheduleInput,
  ScheduleProblem,
  Understood,
} from './types.js';

export type ParsedSchedule =
  { ok: true; schedule: Schedule; understoodAs: string } | { ok: false; problems: ScheduleProblem[] };

/** How many expressions one frequency may list. */
export const MAX_EXPRESSIONS = 20;

/** Hears one part of the input; what is wrong with it is remembered. */
type Take = <T>(field: string, read: Understood<T>) => T | undefined;

/**
 * Understands what a job says about when; every problem is reported, not only the first. The caller replaces an
 * executionTime of "now" before.
 *
 * @param isAccepted it was understood before, when the job was accepted: what takes a search is not checked again
 */
export function parseSchedule(input: ScheduleInput, isAccepted = false): ParsedSchedule {
  const problems: ScheduleProblem[] = [];
  const take: Take = (field, read) => {
    if (read.ok) return read.value;
    problems.push({ field, message: read.message });
    return undefined;
  };

  const zoneGiven = input.timezone !== undefined;
  const timeZone = take('timezone', readTimeZone(input.timezone ?? 'UTC'));
  // With a wrong zone the local time is still checked, in UTC, so that both problems are told at once.
  const localZone = zoneGiven ? (timeZone ?? 'UTC') : null;
  const instant = (field: 'executionTime' | 'startAt' | 'endAt', what: string) =>
    input[field] === undefined ? null : take(field, readExecutionTime(input[field], localZone, what));
  const at = instant('executionTime', 'execution time');

  if (input.jobType === 'one-time') {
    for (const field of FOR_RECURRING_ONLY) if (input[field]) problems.push(forRecurringOnly(field));
    if (at === null) problems.push(ONE_TIME_WITHOUT_TIME);
    return at == null || timeZone === undefined || problems.length > 0
      ? { ok: false, problems }
      : understood({ kind: 'once', at, timeZone });
  }
  if (input.jobType !== 'recurring') return { ok: false, problems: [UNKNOWN_JOB_TYPE, ...problems] };

  const startAt = instant('startAt', 'start');
  const endAt = instant('endAt', 'end');
  if (typeof startAt === 'number' && typeof endAt === 'number' && endAt < startAt) problems.push(END_BEFORE_START);
  const zone = timeZone ?? 'UTC';
  const rules = readRules(input, { timeZone: zone, anchor: at ?? null }, take);
  if (input.frequency === undefined) problems.push(RECURRING_WITHOUT_FREQUENCY);
  if (problems.length > 0 || at === undefined || startAt === undefined || endAt === undefined) {
    return { ok: false, problems };
  }

  const schedule: RecurringSchedule = {
    kind: 'recurring',
    rules,
    timeZone: zone,
    startAt: at === null || startAt === null ? (at ?? startAt) : Math.max(at, startAt),
    endAt,
    jitterMs: input.jitterMs ?? 0,
    spreadMs: input.spreadMs ?? 0,
    exclude: input.exclude ?? null,
  };
  const problem = isAccepted ? null : problemOfNeverFiring(schedule);
  return problem ? { ok: false, problems: [problem] } : understood(schedule);
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

/** The rules of a frequency: of one expression, or of each in a list. */
function readRules(input: Pick<ScheduleInput, 'frequency' | 'dst'>, context: RuleContext, take: Take): Rule[] {
  const { frequency, dst } = input;
  if (frequency === undefined) return [];
  const texts = typeof frequency === 'string' ? [frequency] : frequency;
  if (texts.length === 0 || texts.length > MAX_EXPRESSIONS) {
    take('frequency', {
      ok: false,
      message: `The frequency lists ${texts.length} expressions: write 1 to ${MAX_EXPRESSIONS}.`,
    });
    return [];
  }
  const rules = texts.flatMap((text, index) => {
    const field = typeof frequency === 'string' ? 'frequency' : `frequency/${index}`;
    const read = take(field, readFrequency(text));
    return (read && take(field, ruleOf(read, context, dst))) ?? [];
  });
  if (dst !== undefined && rules.length > 0 && rules.every((rule) => rule.kind === 'rrule')) take('dst', DST_OF_RULES);
  return rules;
}

function ruleOf(frequency: Frequency, context: RuleContext, dst: DstPolicy | undefined): Understood<Rule> {
  if (frequency.kind === 'rrule') return toRule(frequency.parts, context);
  const { timeZone, anchor } = context;
  const rule = frequency.kind === 'cron' ? { ...frequency, timeZone } : { ...frequency, anchor, timeZone };
  return { ok: true, value: dst === undefined ? rule : { ...rule, dst } };
}

const DST_OF_RULES: Understood<never> = {
  ok: false,
  message: 'A recurrence rule follows RFC 5545 when the clocks change: leave dst out.',
};

/** A schedule that names nothing at all is a mistake, and the sentence says whose. */
function problemOfNeverFiring(schedule: RecurringSchedule): ScheduleProblem | null {
  if (schedule.exclude?.shift !== undefined && firesTooOftenToShift(schedule)) return TOO_OFTEN_TO_SHIFT;
  if (nextFire(schedule, EARLIEST - 1) !== null) return null;
  if (schedule.exclude !== null && nextFire({ ...schedule, exclude: null }, EARLIEST - 1) !== null) return ALL_EXCLUDED;
  if (schedule.endAt !== null && nextFire({ ...schedule, endAt: null }, EARLIEST - 1) !== null)
    return ENDS_BEFORE_FIRST;
  return ENDS_BEFORE_IT_BEGINS;
}

function firesTooOftenToShift(schedule: RecurringSchedule): boolean {
  const { runs } = partsOf({ ...schedule, exclude: null });
  return firesADay(runs, schedule.timeZone, schedule.startAt ?? EARLIEST) > MOST_SHIFTED_FIRES_A_DAY;
}

const FOR_RECURRING_ONLY = ['frequency', 'startAt', 'endAt', 'jitterMs', 'spreadMs', 'dst', 'exclude'] as const;

function forRecurringOnly(field: (typeof FOR_RECURRING_ONLY)[number]): ScheduleProblem {
  const name = field.replace(/Ms$/, '');
  return { field: name, message: `A one-time job has no ${name}: leave it out, or make jobType "recurring".` };
}

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
const END_BEFORE_START: ScheduleProblem = {
  field: 'endAt',
  message: 'The end is before startAt: choose a later endAt.',
};
const ENDS_BEFORE_FIRST: ScheduleProblem = {
  field: 'endAt',
  message: 'The schedule names no fire up to this endAt: choose a later one.',
};
const ALL_EXCLUDED: ScheduleProblem = {
  field: 'exclude',
  message: 'The calendars exclude every fire of this schedule: it would never run.',
};
const TOO_OFTEN_TO_SHIFT: ScheduleProblem = {
  field: 'exclude/shift',
  message: `The schedule fires more than ${MOST_SHIFTED_FIRES_A_DAY} times a day, which would all come together on one day: leave shift out.`,
};
const ENDS_BEFORE_IT_BEGINS: ScheduleProblem = {
  field: 'executionTime',
  message: 'The schedule never fires from this executionTime to the end of the year 9999: choose an earlier one.',
};
