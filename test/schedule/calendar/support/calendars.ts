/** Short ways to say calendars and recurrences in tests. */
import {
  excludedDays,
  readCalendar,
  type Calendar,
  type CalendarDefinition,
  type ExcludedDays,
} from '../../../../src/schedule/calendar/index.js';
import { partsOf } from '../../../../src/schedule/rules.js';
import type { Recurrence } from '../../../../src/schedule/types.js';
import { at, localTime, recurring } from '../../support/schedules.js';

/** A calendar that must be understood. */
export function calendar(definition: CalendarDefinition): Calendar {
  const read = readCalendar(definition);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

/** The days of calendars by their names. */
export function daysOf(calendars: Record<string, CalendarDefinition>): ExcludedDays {
  return excludedDays(
    Object.entries(calendars).map(([name, definition]) => ({ name, calendar: calendar(definition) })),
  );
}

/** The recurrence of a frequency. */
export function recurrence(frequency: string, timeZone: string, executionTime?: string): Recurrence {
  return partsOf(recurring(frequency, timeZone, executionTime)).runs;
}

/** The fires in (after, until], by `next`. */
export function walk(fires: Recurrence, after: number, until: number): number[] {
  const walked: number[] = [];
  for (let fire = fires.next(after); fire !== null && fire <= until; fire = fires.next(fire)) walked.push(fire);
  return walked;
}

/** The next fires after an instant as the zone's clock shows them: "2026-12-24T09:00:00+01:00". */
export function nextLocal(fires: Recurrence, timeZone: string, after: string, count: number): string[] {
  const shown: string[] = [];
  for (let fire = fires.next(at(after)); fire !== null && shown.length < count; fire = fires.next(fire)) {
    shown.push(localTime(fire, timeZone));
  }
  return shown;
}
