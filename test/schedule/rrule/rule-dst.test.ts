import { describe, expect, test } from '@jest/globals';
import { at, iso } from '../support/schedules.js';
import { gaps, overlaps } from '../support/zones.js';
import { firesOf, recurrenceOf } from './support/rules.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MINUTE = 60_000;

const written = (local: string): string => local.replace(/[-:]/g, '').padEnd(15, '0');

/** A local time `days` earlier. */
const before = (local: string, days: number): string =>
  written(new Date(Date.parse(`${local}:00Z`) - days * DAY).toISOString().slice(0, 16));

describe.each(gaps)('in the gap of $zone at $local', ({ zone, local, end }) => {
  const change = at(end);

  test('a daily rule has no fire, and does not count one', () => {
    const recurrence = recurrenceOf(`DTSTART:${before(local, 2)}\nRRULE:FREQ=DAILY;COUNT=4`, zone);
    const fires = firesOf(recurrence, 0);
    expect(fires).toHaveLength(4);
    expect(fires.filter((fire) => fire >= change - 2 * HOUR && fire < change + 5 * HOUR)).toEqual([]);
    expect(recurrence.count(0, change + 40 * DAY, 100)).toBe(4);
    expect(recurrence.previous(change + 1)).toBe(fires[1]);
    // Its twin a year of other days later has all of them.
    const other = recurrenceOf(`DTSTART:${before(local, 9)}\nRRULE:FREQ=DAILY;COUNT=4`, zone);
    expect(firesOf(other, 0).map((fire, _, [first = 0]) => fire - first)).toEqual([0, DAY, 2 * DAY, 3 * DAY]);
  });

  test('an RDATE moves forward by the length of the gap', () => {
    const lines = `DTSTART:${before(local, 2)}\nRRULE:FREQ=DAILY;COUNT=1\nRDATE:${written(local)}`;
    const shifted = gaps.find((gap) => gap.zone === zone)?.shifted;
    expect(firesOf(recurrenceOf(lines, zone), 0).map(iso).at(-1)).toBe(shifted);
  });

  test('an hourly rule goes on hour by hour', () => {
    const recurrence = recurrenceOf('FREQ=HOURLY', zone, change - 5 * HOUR);
    const fires = firesOf(recurrence, 0, change + 5 * HOUR);
    expect(fires).toEqual(Array.from({ length: 11 }, (_, n) => change + (n - 5) * HOUR));
  });
});

describe.each(overlaps)('in the overlap of $zone at $local', ({ zone, local, first, second }) => {
  test('a daily rule fires at the first copy only', () => {
    const recurrence = recurrenceOf(`DTSTART:${before(local, 2)}\nRRULE:FREQ=DAILY`, zone);
    expect(firesOf(recurrence, at(first) - HOUR, at(second) + HOUR).map(iso)).toEqual([first]);
    expect(recurrence.previous(at(second) + HOUR)).toBe(at(first));
    expect(recurrence.count(at(first) - HOUR, at(second) + HOUR, 9)).toBe(1);
    for (const asked of [at(first), at(second) - MINUTE, at(second)]) {
      expect(recurrence.next(asked)).toBeGreaterThan(at(second) + 12 * HOUR);
    }
    expect(recurrence.count(at(second) - MINUTE, at(second) + MINUTE, 9)).toBe(0);
  });

  test('a daily rule that begins on the second copy has it for its first fire', () => {
    const recurrence = recurrenceOf('FREQ=DAILY;COUNT=2', zone, at(second));
    expect(firesOf(recurrence, 0)[0]).toBe(at(second));
    expect(recurrence.previous(at(second))).toBe(at(second));
    expect(recurrence.count(0, at(second) + 40 * DAY, 9)).toBe(2);
  });

  test('a rule of every minute that names minutes fires in both copies', () => {
    const minute = Number(local.slice(-2));
    const recurrence = recurrenceOf(`FREQ=MINUTELY;BYMINUTE=${minute}`, zone, at(first) - DAY);
    const fires = firesOf(recurrence, at(first) - MINUTE, at(second) + MINUTE).map(iso);
    expect(fires).toEqual(expect.arrayContaining([first, second]));
  });
});

test('every 2 hours stays 2 real hours when the clock goes back', () => {
  const recurrence = recurrenceOf('DTSTART:20261024T220000\nRRULE:FREQ=HOURLY;INTERVAL=2;COUNT=4', 'Europe/Lisbon');
  expect(firesOf(recurrence, 0).map(iso)).toEqual([
    '2026-10-24T21:00Z',
    '2026-10-24T23:00Z',
    '2026-10-25T01:00Z',
    '2026-10-25T03:00Z',
  ]);
});

test('a rule at a time that is always skipped never fires', () => {
  const rule = 'FREQ=YEARLY;BYMONTH=3;BYDAY=2SU;BYHOUR=2;BYMINUTE=30';
  expect(() => recurrenceOf(rule, 'America/New_York', at('2010-01-01T00:00Z'))).toThrow(/never fires/);
  expect(recurrenceOf(rule, 'Europe/Lisbon', at('2010-01-01T00:00Z')).next(0)).toBe(at('2010-03-14T02:30Z'));
});

test('a time at the end of the gap fires, though the one before it is skipped', () => {
  const recurrence = recurrenceOf('DTSTART:20260328T010000\nRRULE:FREQ=DAILY;BYHOUR=1,2;COUNT=4', 'Europe/Lisbon');
  const fires = ['2026-03-28T01:00Z', '2026-03-28T02:00Z', '2026-03-29T01:00Z', '2026-03-30T00:00Z'];
  expect(firesOf(recurrence, 0).map(iso)).toEqual(fires);
});

test('a rule that begins on the second copy has the other times of that copy too', () => {
  const anchor = at('2026-10-25T01:30Z');
  const recurrence = recurrenceOf('FREQ=DAILY;BYMINUTE=15,30,45;COUNT=3', 'Europe/Lisbon', anchor);
  expect(firesOf(recurrence, 0).map(iso)).toEqual(['2026-10-25T01:30Z', '2026-10-25T01:45Z', '2026-10-26T01:15Z']);
});
