/** What one event of an iCalendar file says about days. */
import { Temporal } from 'temporal-polyfill';
import type { Understood } from '../types.js';
import { readDay } from './days.js';
import { printable, type IcsEvent } from './ics-parse.js';
import { FIRST_ICS_YEAR, readYearlyRule, type YearlyRule } from './ics-rule.js';
import { lengthProblem } from './ranges.js';

/** An event of whole days. */
export interface AllDayEvent {
  name: string | undefined;
  /** The UID that its recurrences share; null for an event that stands for one of them (RECURRENCE-ID). */
  series: string | null;
  /** The first day of the first occurrence. */
  start: number;
  /** Of each occurrence, in days. */
  length: number;
  rules: readonly YearlyRule[];
  /** The first days of further occurrences (RDATE), and of those that do not take place (EXDATE). */
  more: readonly number[];
  except: ReadonlySet<number>;
}

const LONGEST_NAME = 100;

/** Carries one sentence out of the readers below, so that each of them gives a plain value. */
class WrongEvent extends Error {}

/** Reads an event; null for a timed or cancelled one, and one without a beginning. */
export function readAllDayEvent(event: IcsEvent): Understood<AllDayEvent | null> {
  if (isCancelled(event) || !isAllDay(event)) return { ok: true, value: null };
  const name = nameOf(event);
  try {
    return { ok: true, value: allDayEvent(event, name) };
  } catch (error) {
    if (!(error instanceof WrongEvent)) throw error;
    const shown = JSON.stringify(name ?? 'without a name');
    return { ok: false, message: `The event ${shown} of the iCalendar file is not understood. ${error.message}` };
  }
}

function allDayEvent(event: IcsEvent, name: string | undefined): AllDayEvent {
  if (event.all('exrule').length > 0) throw new WrongEvent('EXRULE is not read, RFC 5545 has given it up: use EXDATE.');
  const start = dayOfValue(event.text('dtstart'));
  const rules = event.all('rrule').map((rule) => taken(readYearlyRule(rule as Record<string, unknown>)));
  return {
    name,
    series: event.text('recurrence-id') === undefined ? (event.text('uid') ?? null) : null,
    start,
    length: lengthOf(event, start),
    rules,
    more: event.all('rdate').map(dayOfValue),
    except: new Set(event.all('exdate').map(dayOfValue)),
  };
}

/**
 * Whether an occurrence takes place: not when it is excepted (EXDATE), nor when another event, cancelled or not, stands
 * for it (RFC 5545 section 3.8.4.4).
 */
export function occurrenceFilter(events: readonly IcsEvent[]): (event: AllDayEvent, start: number) => boolean {
  const replaced = new Map<string, Set<number>>();
  for (const event of events) {
    const original = readDay(event.text('recurrence-id')?.slice(0, 10) ?? '', FIRST_ICS_YEAR);
    const series = event.text('uid');
    if (!original.ok || series === undefined) continue;
    const days = replaced.get(series) ?? new Set();
    replaced.set(series, days.add(original.value));
  }
  return ({ series, except }, start) =>
    !except.has(start) && !(series !== null && replaced.get(series)?.has(start) === true);
}

function isCancelled(event: IcsEvent): boolean {
  return event.text('status')?.toUpperCase() === 'CANCELLED';
}

/**
 * A date; a date without VALUE=DATE, which the parser takes for a time without digits; or the local midnight that
 * Exchange writes for a date.
 */
function isAllDay(event: IcsEvent): boolean {
  const start = event.text('dtstart') ?? '';
  const isMarked = event.text('x-microsoft-cdo-alldayevent')?.toUpperCase() === 'TRUE';
  return start !== '' && (!start.includes('T') || start.endsWith('T::') || (isMarked && start.endsWith('T00:00:00')));
}

/** RFC 5545 section 3.6.1: DTEND is exclusive; an event with a date and no end is one day. */
function lengthOf(event: IcsEvent, start: number): number {
  const end = event.text('dtend');
  const duration = event.text('duration');
  const days = end !== undefined ? dayOfValue(end) - start : duration === undefined ? 1 : daysOfDuration(duration);
  // Some exporters write the day itself as its end.
  const length = days === 0 ? 1 : days;
  const problem = lengthProblem(start, start + length - 1);
  if (problem !== null) throw new WrongEvent(problem);
  return length;
}

function daysOfDuration(text: string): number {
  try {
    return Math.ceil(Temporal.Duration.from(text).total({ unit: 'days', relativeTo: '2000-01-01' }));
  } catch {
    throw new WrongEvent('Its DURATION is not a length of time: write days, as in P1D.');
  }
}

/** Of a date-time only the date counts: exporters write UNTIL and EXDATE of all-day events so. */
function dayOfValue(value: unknown): number {
  return taken(readDay(String(value).replace(/T.*$/s, ''), FIRST_ICS_YEAR));
}

function taken<T>(read: Understood<T>): T {
  if (!read.ok) throw new WrongEvent(read.message);
  return read.value;
}

function nameOf(event: IcsEvent): string | undefined {
  const name = printable(event.text('summary') ?? '').toWellFormed();
  // A cut through a pair of surrogates leaves no half of it.
  if (name.length > LONGEST_NAME) return `${name.slice(0, LONGEST_NAME - 3).replace(/\p{Cs}$/u, '')}...`;
  return name === '' ? undefined : name;
}
