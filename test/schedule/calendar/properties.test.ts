/** Random calendars and recurrences, most of them around changes of a zone's clock. Seeded: a failure comes back. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import {
  excluding,
  shifting,
  type CalendarDefinition,
  type ExcludedDays,
} from '../../../src/schedule/calendar/index.js';
import type { Recurrence } from '../../../src/schedule/types.js';
import { at, localTime } from '../support/schedules.js';
import { changes } from '../support/zones.js';
import { daysOf, recurrence, walk } from './support/calendars.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The clock of St. John's used to be set back at 00:01, so that the day before came again. */
const places = [
  ...changes,
  { zone: 'America/St_Johns', instant: '2006-10-29T02:31Z' },
  { zone: 'America/St_Johns', instant: '2006-04-02T03:31Z' },
  { zone: 'UTC', instant: '2026-02-28T12:00Z' },
];

interface Case {
  frequency: string;
  zone: string;
  start: string | undefined;
  definitions: CalendarDefinition[];
  after: number;
  until: number;
}

const weekday = fc.constantFrom('MO' as const, 'TU', 'WE', 'TH', 'FR', 'SA', 'SU');

/** Calendars whose days lie around a local date. */
const calendarAround = (instant: number) => {
  const date = (offset: number) => new Date(instant + offset * DAY).toISOString().slice(0, 10);
  const near = fc.integer({ min: -9, max: 9 });
  const range = fc
    .tuple(near, fc.integer({ min: 0, max: 6 }))
    .map(([from, length]) => ({ from: date(from), to: date(from + length) }));
  return fc
    .record({
      dates: fc.array(fc.oneof(near.map(date), range), { maxLength: 4 }),
      weekdays: fc.uniqueArray(weekday, { maxLength: 3 }),
      recurring: fc.array(
        near.map((offset) => ({ month: Number(date(offset).slice(5, 7)), day: Number(date(offset).slice(8)) })),
        { maxLength: 2 },
      ),
    })
    .filter(({ dates, weekdays, recurring }) => dates.length + weekdays.length + recurring.length > 0);
};

/** `shortest` is the shortest interval, in minutes. */
const anyFrequency = (shortest: number) =>
  fc.oneof(
    fc
      .tuple(fc.integer({ min: 0, max: 59 }), fc.constantFrom('0', '1', '2', '9', '23', '0,23', '1-3', '*/2', '*'))
      .map(([minute, hour]) => `${minute} ${hour} * * *`),
    fc.constantFrom('daily', 'weekdays', 'weekly', '0 0 * * *', '30 23 * * 5,0', '0 9 1,15,29,30 * *'),
    fc.integer({ min: shortest, max: 3_000 }).map((minutes) => `every ${minutes} minutes`),
    fc.constantFrom('P1D', 'P1DT1H', 'PT24H', 'P2D'),
  );

const anyCase = (shortestMinutes: number): fc.Arbitrary<Case> =>
  fc.constantFrom(...places).chain(({ zone, instant }) => {
    const change = at(instant);
    return fc.record({
      frequency: anyFrequency(shortestMinutes),
      zone: fc.constant(zone),
      start: fc.option(
        fc.integer({ min: 0, max: 400 }).map((hours) => new Date(change - hours * HOUR).toISOString()),
        { nil: undefined },
      ),
      definitions: fc.array(calendarAround(change), { minLength: 1, maxLength: 2 }),
      after: fc.integer({ min: 0, max: 9 * 24 }).map((hours) => change - hours * HOUR),
      until: fc.integer({ min: 0, max: 9 * 24 }).map((hours) => change + hours * HOUR),
    });
  });

const parts = ({ frequency, zone, start, definitions }: Case): { base: Recurrence; days: ExcludedDays } => ({
  base: recurrence(frequency, zone, start),
  days: daysOf(Object.fromEntries(definitions.map((definition, index) => [`c${index}`, definition]))),
});

const dateAt = (fire: number, zone: string) => Temporal.Instant.fromEpochMilliseconds(fire).toZonedDateTimeISO(zone);
const isExcluded = (days: ExcludedDays, zone: string) => (fire: number) => days.on(dateAt(fire, zone)) !== null;

/** Checks that the questions of a recurrence agree with each other in a window. */
function agree(fires: Recurrence, after: number, until: number, middle: number): number[] {
  const walked = walk(fires, after, until);
  expect(walked).toEqual([...new Set(walked)].toSorted((a, b) => a - b));
  expect(walked.map((fire) => fires.next(fire - 1))).toEqual(walked);
  expect(walked.map((fire) => fires.previous(fire))).toEqual(walked);
  expect(walked.slice(1).map((fire) => fires.previous(fire - 1))).toEqual(walked.slice(0, -1));
  expect([...walk(fires, after, middle), ...walk(fires, middle, until)]).toEqual(walked);
  const last = fires.previous(until);
  expect(last !== null && last > after ? last : undefined).toBe(walked.at(-1));
  expect(fires.count(after, until, 1e9)).toBe(walked.length);
  expect(fires.count(after, middle, 1e9) + fires.count(middle, until, 1e9)).toBe(walked.length);
  expect(fires.count(after, until, 2)).toBeGreaterThanOrEqual(Math.min(2, walked.length));
  return walked;
}

const middleOf = ({ after, until }: Case) => after + Math.floor((until - after) / 3);

describe('excluding', () => {
  test('parts the fires by their local day, and all questions agree', () => {
    fc.assert(
      fc.property(anyCase(60), (sample) => {
        const { base, days } = parts(sample);
        const { after, until, zone } = sample;
        const { runs, excluded } = excluding(base, zone, days);
        const all = walk(base, after, until);
        const out = isExcluded(days, zone);
        expect(agree(runs, after, until, middleOf(sample))).toEqual(all.filter((fire) => !out(fire)));
        expect(agree(excluded, after, until, middleOf(sample))).toEqual(all.filter(out));
      }),
      { seed: 51, numRuns: 18 },
    );
  });
});

describe('shifting', () => {
  /** The rule, fire by fire and day by day: the instant that a fire moves to. */
  function image(fire: number, zone: string, days: ExcludedDays, step: 1 | -1): number {
    const own = dateAt(fire, zone);
    if (days.on(own) === null) return fire;
    for (let date = own.toPlainDate().add({ days: step }); ; date = date.add({ days: step })) {
      if (days.on(date) !== null) continue;
      const local = date.toPlainDateTime(own.toPlainTime());
      for (const disambiguation of ['compatible', 'earlier'] as const) {
        const moved = local.toZonedDateTime(zone, { disambiguation });
        if (moved.toPlainDate().equals(date)) return moved.epochMilliseconds;
      }
    }
  }

  test.each(['next', 'previous'] as const)('to the %s day is the rule, and all questions agree', (direction) => {
    let moved = 0;
    fc.assert(
      fc.property(anyCase(60), (sample) => {
        const { base, days } = parts(sample);
        const { after, until, zone } = sample;
        const fires = shifting(base, zone, days, direction);
        const walked = agree(fires, after, until, middleOf(sample));
        const out = isExcluded(days, zone);
        expect(walked.filter(out)).toEqual([]);

        // Sixty days on each side: more than the longest excluded stretch.
        const origins = walk(base, after - 60 * DAY, until + 60 * DAY);
        const images = origins.map((fire) => image(fire, zone, days, direction === 'next' ? 1 : -1));
        const expected = [...new Set(images)].filter((fire) => fire > after && fire <= until).toSorted((a, b) => a - b);
        const show = (list: readonly number[]) => list.map((fire) => localTime(fire, zone));
        expect(show(walked)).toEqual(show(expected));

        const from = walked.map((fire) => (origins.includes(fire) ? null : (origins[images.indexOf(fire)] ?? null)));
        expect(walked.map((fire) => fires.movedFrom(fire))).toEqual(from);
        moved += from.filter((origin) => origin !== null).length;
      }),
      { seed: 52, numRuns: 30 },
    );
    expect(moved).toBeGreaterThan(30); // the cases are worth something
  });
});
