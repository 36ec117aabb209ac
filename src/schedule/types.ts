/**
 * The words of a schedule. Every value here is plain JSON, so that it can be stored, sent and compared. Instants are
 * epoch milliseconds.
 */

/** What a job says about when, as it was submitted. */
export interface ScheduleInput {
  jobType: 'one-time' | 'recurring';
  /** RFC 3339 with an offset, or a local date-time without one, read in `timezone`. */
  executionTime?: string | undefined;
  /** A keyword, an interval, an ISO 8601 duration or a cron expression. */
  frequency?: string | undefined;
  /** An IANA name; UTC when left out, never the host's. */
  timezone?: string | undefined;
}

/** One thing wrong with a ScheduleInput: the field, and one sentence saying what is wrong and what would be right. */
export interface ScheduleProblem {
  field: 'executionTime' | 'frequency' | 'timezone' | 'jobType';
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
export interface KeywordSchedule {
  kind: 'keyword';
  keyword: Keyword;
  anchor: number | null;
  timeZone: string;
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
export interface IntervalSchedule {
  kind: 'interval';
  period: Period;
  anchor: number | null;
  timeZone: string;
}

/** A cron expression of five or six fields. `startAt` is the earliest instant at which it may fire, inclusive. */
export interface CronSchedule {
  kind: 'cron';
  expression: string;
  startAt: number | null;
  timeZone: string;
}

export type RecurringSchedule = KeywordSchedule | IntervalSchedule | CronSchedule;
export type Schedule = OnceSchedule | RecurringSchedule;

/** The answer of every `read...` function: the value, or one sentence for the person who wrote the input. */
export type Understood<T> = { ok: true; value: T } | { ok: false; message: string };

/**
 * A recurrence as a function of time; the one shape behind every kind of schedule. Stateless; the caller has brought
 * the instants into range.
 */
export interface Recurrence {
  /** The first fire strictly after `after`, or null. */
  next(after: number): number | null;
  /** The last fire at or before `until`, or null. */
  previous(until: number): number | null;
  /** The number of fires in (after, until], exact up to `cap`; above it, any number not below it. */
  count(after: number, until: number, cap: number): number;
}
