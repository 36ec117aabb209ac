import type { NamedCalendar } from './calendar/index.js';
import type { RecurrenceRule } from './rrule/index.js';

/**
 * The words of a schedule. Every value here is plain JSON, so that it can be stored, sent and compared. Instants are
 * epoch milliseconds.
 */

/** What a job says about when, as it was submitted. */
export interface ScheduleInput {
  jobType: 'one-time' | 'recurring';
  /** RFC 3339 with an offset, or a local date-time without one, read in `timezone`. */
  executionTime?: string | undefined;
  /** A keyword, an interval, an ISO 8601 duration, a cron expression or a recurrence rule; or several: their union. */
  frequency?: string | readonly string[] | undefined;
  /** An IANA name; UTC when left out, never the host's. */
  timezone?: string | undefined;
  /** Nothing fires before it, nor after `endAt`; both inclusive, written as an executionTime. */
  startAt?: string | undefined;
  endAt?: string | undefined;
  /** Each fire is put off by a part of this that differs from fire to fire, in milliseconds. */
  jitterMs?: number | undefined;
  /** Every fire of a job is put off by the same part of this, which differs from job to job, in milliseconds. */
  spreadMs?: number | undefined;
  dst?: DstPolicy | undefined;
  exclude?: Exclusion | undefined;
}

/**
 * What becomes of local times that the clock skips (`gap`) or shows twice (`overlap`), where a job wants it otherwise than
 * its kind of frequency has it.
 */
export interface DstPolicy {
  gap?: 'shift' | 'skip' | undefined;
  overlap?: 'first' | 'both' | undefined;
}

/** The days on which a job does not run. */
export interface Exclusion {
  calendars: readonly NamedCalendar[];
  /** Where a fire on such a day moves to: the next or the previous other day. Left out: it does not run. */
  shift?: 'next' | 'previous' | undefined;
}

/** One thing wrong with a ScheduleInput: the field, and one sentence saying what is wrong and what would be right. */
export interface ScheduleProblem {
  /** A name, or a path such as `frequency/1`. */
  field: string;
  message: string;
}

/** One instant. */
export interface OnceSchedule {
  kind: 'once';
  at: number;
  timeZone: string;
}

export type Keyword = 'hourly' | 'daily' | 'weekdays' | 'weekly' | 'monthly' | 'quarterly' | 'yearly';

/**
 * A keyword. With an anchor it repeats the anchor's local time from the anchor on; without, it means what cron's
 * `@hourly` ... `@yearly` mean.
 */
export interface KeywordRule {
  kind: 'keyword';
  keyword: Keyword;
  anchor: number | null;
  timeZone: string;
  dst?: DstPolicy;
}

/**
 * The length of one step. Months, weeks and days are counted on the calendar and keep the wall clock; `elapsedMs` is
 * exact elapsed time (RFC 5545 3.3.6 makes the same difference between nominal and exact durations).
 */
export interface Period {
  months: number;
  days: number;
  elapsedMs: number;
}

/**
 * Every `period`, computed directly from the anchor. Without an anchor, from `defaultAnchor` (see anchors.ts) and
 * without a beginning.
 */
export interface IntervalRule {
  kind: 'interval';
  period: Period;
  anchor: number | null;
  timeZone: string;
  dst?: DstPolicy;
}

/** A cron expression of five or six fields. */
export interface CronRule {
  kind: 'cron';
  expression: string;
  timeZone: string;
  dst?: DstPolicy;
}

/** One expression of a frequency, understood. */
export type Rule = KeywordRule | IntervalRule | CronRule | RecurrenceRule;

/** Again and again: the union of the rules from `startAt` to `endAt` (both inclusive), less what is excluded. */
export interface RecurringSchedule {
  kind: 'recurring';
  rules: readonly Rule[];
  timeZone: string;
  startAt: number | null;
  endAt: number | null;
  jitterMs: number;
  spreadMs: number;
  exclude: Exclusion | null;
}

export type Schedule = OnceSchedule | RecurringSchedule;

/** A schedule that names nothing: of a job that begins for other reasons. */
export function emptySchedule(timeZone: string): RecurringSchedule {
  return {
    kind: 'recurring',
    rules: [],
    timeZone,
    startAt: null,
    endAt: null,
    jitterMs: 0,
    spreadMs: 0,
    exclude: null,
  };
}

/** The answer of every `read...` function: the value, or one sentence for the person who wrote the input. */
export type Understood<T> = { ok: true; value: T } | { ok: false; message: string };

/**
 * A recurrence as a function of time; the one shape behind every kind of schedule. Stateless; the caller has brought
 * the instants into range.
 */
export interface Recurrence {
  /**
   * The first fire strictly after `after`, or null. Where the search is long it may end at `until`: the answer may then
   * be null for a fire after it.
   */
  next(after: number, until?: number): number | null;
  /** The last fire at or before `until`, or null. */
  previous(until: number): number | null;
  /** The number of fires in (after, until], exact up to `cap`; above it, any number not below it. */
  count(after: number, until: number, cap: number): number;
}
