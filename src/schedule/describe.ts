/** Says in words how a schedule was understood. */
import { Temporal } from 'temporal-polyfill';
import { describeExclusion } from './calendar/index.js';
import { describeCron } from './describe-cron.js';
import { HOUR, MINUTE, SECOND } from './limits.js';
import { intervalAnchor, keywordAnchor } from './anchors.js';
import { describeRule as describeRfcRule, type RecurrenceRule } from './rrule/index.js';
import { clock, inWords, monthNames, ordinal, plural, weekdayNames } from './words.js';
import type { IntervalRule, KeywordRule, Period, RecurringSchedule, Rule, Schedule } from './types.js';

/**
 * One phrase such as "every weekday at 09:30, Europe/Lisbon time, from 2026-03-03 on".
 *
 * @param maxRuns after how many runs it is over, which is the job's to count
 */
export function describeSchedule(schedule: Schedule, maxRuns: number | null = null): string {
  if (isEmpty(schedule)) return 'by no schedule of its own';
  const { timeZone } = schedule;
  const zone = timeZone === 'UTC' ? 'UTC' : `${timeZone} time`;
  if (schedule.kind === 'once') {
    const at = local(schedule.at, timeZone);
    return `once, on ${at.toPlainDate().toString()} at ${timeOf(at)}, ${zone}`;
  }
  const rules = schedule.rules.map((rule) => describeRule(rule, schedule));
  const parts = [rules.length === 1 ? rules.join('') : rules.join('; and '), zone, ...describeWindow(schedule)];
  const exclusion = schedule.exclude;
  const names = exclusion?.calendars.map((calendar) => calendar.name) ?? [];
  if (maxRuns !== null) parts.push(maxRuns === 1 ? 'once' : `${maxRuns} times`);
  return parts.join(', ') + describeExclusion(names, exclusion?.shift ?? null);
}

function isEmpty(schedule: Schedule): boolean {
  return schedule.kind === 'recurring' && schedule.rules.length === 0;
}

function describeRule(rule: Rule, schedule: RecurringSchedule): string {
  switch (rule.kind) {
    case 'rrule':
      return describeRecurrenceRule(rule, schedule);
    case 'cron':
      return describeCron(rule.expression);
    case 'keyword':
      return describeKeyword(rule);
    case 'interval':
      return `every ${describePeriod(rule.period)}${counted(rule, schedule)}`;
  }
}

/** Where a rule without a beginning is counted from (see rrule/to-rule.ts): nothing to tell of. */
const BEGINNINGS_OF_2000: ReadonlySet<number> = new Set([Date.UTC(2000, 0, 1), Date.UTC(2000, 0, 2)]);

/** With its own zone and beginning, where they are not the schedule's. */
function describeRecurrenceRule(rule: RecurrenceRule, { startAt, timeZone }: RecurringSchedule): string {
  const isFromItsOwn = rule.start.at !== startAt && !BEGINNINGS_OF_2000.has(rule.start.wall);
  return [
    describeRfcRule(rule),
    ...(rule.timeZone === timeZone ? [] : [rule.timeZone === 'UTC' ? 'UTC' : `${rule.timeZone} time`]),
    ...(isFromItsOwn ? [`from ${dateTime(rule.start.at, rule.timeZone)} on`] : []),
  ].join(', ');
}

/** The beginning and the end of a recurrence that has them, and how its fires are put off. */
function describeWindow({ rules, startAt, endAt, spreadMs, jitterMs, timeZone }: RecurringSchedule): string[] {
  return [
    ...(startAt === null ? [] : [`from ${dateTime(startAt, timeZone)} on`]),
    ...(endAt === null ? [] : [`until ${dateTime(endAt, timeZone)}`]),
    ...describeDst(rules),
    ...(spreadMs === 0 ? [] : [`each put off by the same part of ${describeLength(spreadMs)}`]),
    ...(jitterMs === 0 ? [] : [`each put off by up to ${describeLength(jitterMs)}`]),
  ];
}

/** What a job wants otherwise than its kind of frequency has it when the clocks change. */
function describeDst(rules: readonly Rule[]): string[] {
  const [dst] = rules.flatMap((rule) => (rule.kind === 'rrule' ? [] : (rule.dst ?? [])));
  return [
    ...(dst?.gap === undefined
      ? []
      : [dst.gap === 'skip' ? 'not at times that the clock skips' : 'late where the clock skips its time']),
    ...(dst?.overlap === undefined
      ? []
      : [dst.overlap === 'both' ? 'at both copies of a repeated time' : 'once where a time is repeated']),
  ];
}

/** A length in milliseconds: "1 hour", "1 minute and 30 seconds". */
export function describeLength(ms: number): string {
  const words = describePeriod({ months: 0, days: 0, elapsedMs: ms });
  return /^\d/.test(words) ? words : `1 ${words}`;
}

function dateTime(instant: number, timeZone: string): string {
  const at = local(instant, timeZone);
  return `${at.toPlainDate().toString()} ${timeOf(at)}`;
}

function local(instant: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
}

function timeOf(at: Temporal.ZonedDateTime): string {
  return clock(at.hour, at.minute, at.second, at.millisecond);
}

/** Where an interval is counted from, unless that is the beginning of the schedule. */
function counted(rule: IntervalRule, { startAt }: RecurringSchedule): string {
  return rule.anchor === null || rule.anchor !== startAt
    ? `, counted from ${dateTime(intervalAnchor(rule).epochMilliseconds, rule.timeZone)}`
    : '';
}

function describeKeyword(schedule: KeywordRule): string {
  const at = keywordAnchor(schedule);
  const time = `at ${timeOf(at)}`;
  switch (schedule.keyword) {
    case 'hourly':
      return schedule.anchor === null ? 'every hour on the hour' : 'every hour';
    case 'daily':
      return `every day ${time}`;
    case 'weekdays':
      return `every weekday ${time}`;
    case 'weekly':
      return `every ${weekdayNames[at.dayOfWeek % 7]} ${time}`;
    case 'monthly':
      return `every month on ${dayOfMonth(at.day)} ${time}`;
    case 'quarterly':
      return `every quarter (${inWords(quarterMonths(at.month))}) on ${dayOfMonth(at.day)} ${time}`;
    case 'yearly': {
      const leap = at.month === 2 && at.day === 29 ? ' (28 February in common years)' : '';
      return `every year on ${at.day} ${monthNames[at.month - 1]}${leap} ${time}`;
    }
  }
}

function dayOfMonth(day: number): string {
  return day <= 28 ? `the ${ordinal(day)}` : `the ${ordinal(day)} (the last day of shorter months)`;
}

function quarterMonths(month: number): string[] {
  const first = (month - 1) % 3;
  return [0, 3, 6, 9].map((quarter) => monthNames[first + quarter] ?? '');
}

/** "15 minutes", "day", "1 month and 2 days". */
function describePeriod({ months, days, elapsedMs }: Period): string {
  const parts: [number, string][] = [
    [Math.floor(months / 12), 'year'],
    [months % 12, 'month'],
    ...(days % 7 === 0 ? ([[days / 7, 'week']] as [number, string][]) : ([[days, 'day']] as [number, string][])),
    [Math.floor(elapsedMs / HOUR), 'hour'],
    [Math.floor((elapsedMs % HOUR) / MINUTE), 'minute'],
    [(elapsedMs % MINUTE) / SECOND, 'second'],
  ];
  const present = parts.filter(([count]) => count > 0);
  const [only] = present;
  if (only !== undefined && present.length === 1 && only[0] === 1) return only[1];
  return inWords(present.map(([count, unit]) => plural(count, unit)));
}
