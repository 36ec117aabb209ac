/** Short ways to say schedules and instants in tests. */
import { Temporal } from 'temporal-polyfill';
import { firesBetween, parseSchedule, type Schedule, type ScheduleProblem } from '../../../src/schedule/index.js';

export const FAR_FUTURE = Date.UTC(9999, 11, 31);

/** The epoch milliseconds of an RFC 3339 instant, seconds optional. */
export const at = (instant: string): number => Temporal.Instant.from(instant).epochMilliseconds;

/** Instants as text, to the second where they are whole minutes' worth of seconds. */
export const iso = (instant: number | null): string | null => (instant === null ? null : utc(instant));

function utc(instant: number): string {
  return new Date(instant).toISOString().replace(/(:00)?\.000Z$/, 'Z');
}

/** What the clock of a zone shows at an instant, with its offset: "2026-03-29T03:00:00+02:00". */
export function localTime(instant: number, timeZone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
  return zoned.toString({ timeZoneName: 'never' });
}

/** A recurring schedule that must be understood. */
export function recurring(frequency: string, timezone?: string, executionTime?: string): Schedule {
  const parsed = parseSchedule({ jobType: 'recurring', frequency, timezone, executionTime });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.schedule;
}

/** The next `count` fires strictly after an instant, in UTC. */
export function nextFires(schedule: Schedule, after: string, count: number): string[] {
  return firesBetween(schedule, at(after), FAR_FUTURE, count).map(utc);
}

/** The problems of an input that must be refused. */
export function problemsOf(input: Parameters<typeof parseSchedule>[0]): ScheduleProblem[] {
  const parsed = parseSchedule(input);
  if (parsed.ok) throw new Error(`was taken, as "${parsed.understoodAs}"`);
  return parsed.problems;
}
