/**
 * The days of a year that a rule's date parts name. The one place that calls the library rrule-temporal: it reads the
 * calendar (weeks of the year, the last Friday, the 366th day), and knows of no zone, beginning or interval.
 */
import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { DAY } from '../limits.js';
import type { NthWeekday, NumberParts } from './types.js';

export interface DayParts {
  byDay: readonly NthWeekday[];
  by: NumberParts;
  weekStart: number;
}

/** So much of the neighbouring years is asked for as a week across New Year's Eve needs. */
const MARGIN_DAYS = 7;
const NAMES = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/**
 * Remembers one answer for each kind of year: the weekday of 1 January, its length and those of its neighbours. That is
 * all that the days of a rule depend on, so 28 answers serve for all years.
 */
export function byKindOfYear<T>(answer: (year: number) => T): (year: number) => T {
  const known = new Map<number, T>();
  return (year) => {
    const kind = kindOf(year);
    const hit = known.get(kind) ?? answer(year);
    known.set(kind, hit);
    return hit;
  };
}

function kindOf(year: number): number {
  const lengths = [year - 1, year, year + 1].reduce((bits, each) => bits * 2 + (isLeap(each) ? 1 : 0), 0);
  return weekdayOf(firstDayOf(year)) * 8 + lengths;
}

/**
 * The days that the parts name, ascending, counted from 1 January of the year: 0 to 365, and the last week of the year
 * before (negative) and the first one after. Costs about a millisecond.
 */
export function daysAround(year: number, { byDay, by, weekStart }: DayParts): number[] {
  const { BYMONTH: byMonth = [], BYMONTHDAY: byMonthDay, BYYEARDAY: byYearDay, BYWEEKNO: byWeekNo } = by;
  const week = { byDay: NAMES, wkst: NAMES[weekStart] ?? 'MO' };
  const weekdays = byDay.map(({ nth, weekday }) => `${nth === 0 ? '' : nth}${NAMES[weekday]}`);
  // One question for each part, for a day must fit them all: the library takes some pairs for "either is enough".
  const questions: Question[] = [
    ...(byMonthDay === undefined ? [] : [{ byMonth, byMonthDay }]),
    ...(byYearDay === undefined ? [] : [{ byYearDay }]),
    ...(byWeekNo === undefined ? [] : [{ byWeekNo, ...week }]),
    ...(byDay.length === 0 ? [] : [{ byMonth, byDay: weekdays }]),
    ...(byDay.length > 0 || byMonthDay !== undefined || byMonth.length === 0 ? [] : [{ byMonth, ...week }]),
  ];
  let days: number[] | null = null;
  for (const question of questions) {
    const fit = new Set(ask(year, question));
    days = days === null ? [...fit] : days.filter((day) => fit.has(day));
    if (days.length === 0) break;
  }
  return days ?? [];
}

type Question = Pick<ManualOptions, 'byMonth' | 'byMonthDay' | 'byYearDay' | 'byWeekNo' | 'byDay' | 'wkst'>;
type ManualOptions = Extract<ConstructorParameters<typeof RRuleTemporal>[0], { freq: unknown }>;

function ask(year: number, question: Question): number[] {
  const midnight = (day: number) => Temporal.Instant.fromEpochMilliseconds(day * DAY).toZonedDateTimeISO('UTC');
  const newYear = firstDayOf(year);
  const dtstart = midnight(firstDayOf(year - 1));
  const rule = new RRuleTemporal({ freq: 'YEARLY', tzid: 'UTC', dtstart, ...question });
  const last = firstDayOf(year + 1) - 1 + MARGIN_DAYS;
  const found = rule.between(midnight(newYear - MARGIN_DAYS), midnight(last), true);
  return found.map((date) => date.epochMilliseconds / DAY - newYear);
}

/** The day number (days since 1 January 1970) of 1 January. */
export function firstDayOf(year: number): number {
  return Date.UTC(year, 0, 1) / DAY;
}

/** 0 is Sunday; 1 January 1970, day 0, was a Thursday. */
export function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
