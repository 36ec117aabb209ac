/** The words of a recurrence rule (RFC 5545). Every value is plain JSON. */

export const frequencies = ['SECONDLY', 'MINUTELY', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
export type RuleFrequency = (typeof frequencies)[number];

export type NumberPart =
  'BYSECOND' | 'BYMINUTE' | 'BYHOUR' | 'BYMONTHDAY' | 'BYYEARDAY' | 'BYWEEKNO' | 'BYMONTH' | 'BYSETPOS';

/** The lists of numbers that are written, each ascending and without repetition. */
export type NumberParts = Partial<Record<NumberPart, number[]>>;

/** A weekday (0 is Sunday); `nth` counts it within its month or year, from the end when negative; 0 means each one. */
export interface NthWeekday {
  nth: number;
  weekday: number;
}

/**
 * A date or a date-time as it is written. `wall` is the local time as the epoch milliseconds it would be in UTC (a
 * date is its midnight); `timeZone` is null where none is written.
 */
export interface WrittenTime {
  form: 'date' | 'date-time';
  wall: number;
  timeZone: string | null;
}

/** The value of an RRULE line. */
export interface RuleValue {
  freq: RuleFrequency;
  interval: number;
  count: number | null;
  until: WrittenTime | null;
  /** The day on which weeks begin; 0 is Sunday. */
  weekStart: number;
  /** Empty where BYDAY is not written. */
  byDay: NthWeekday[];
  by: NumberParts;
}

/** All that a text says; it becomes a RecurrenceRule with a job's time zone and execution time. */
export interface RuleParts {
  rule: RuleValue;
  dtstart: WrittenTime | null;
  rdates: WrittenTime[];
  exdates: WrittenTime[];
}

/** A stretch of instants, [from, to). */
export interface Stretch {
  from: number;
  to: number;
}

/** A rule with everything that its fires depend on. Instants are epoch milliseconds. */
export interface RecurrenceRule {
  kind: 'rrule';
  rule: RuleValue;
  timeZone: string;
  /** DTSTART: the instant before which nothing fires, and the local time (see wall-clock.ts) that the rule is counted from. */
  start: { at: number; wall: number };
  /** The last instant at which the rule may fire, by its UNTIL; null when it has none. */
  until: number | null;
  /** The RDATEs, ascending. */
  added: number[];
  /** The EXDATEs, ascending and apart: a whole second each, or a whole day where only a date is written. */
  excluded: Stretch[];
}
