import { describe, expect, test } from '@jest/globals';
import { firesBetween, lastFire, nextFire, type Schedule } from '../../src/schedule/index.js';
import { at, iso, nextFires, recurring } from './support/schedules.js';
import { gaps, overlaps } from './support/zones.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** "30 1 * * *" for 2026-03-29T01:30. */
const dailyAt = (local: string): string => `${Number(local.slice(14, 16))} ${Number(local.slice(11, 13))} * * *`;

/** The fires in the day and a half around an instant. */
const around = (schedule: Schedule, instant: string): (string | null)[] =>
  firesBetween(schedule, at(instant) - 12 * HOUR, at(instant) + 12 * HOUR, 10_000).map(iso);

describe('a cron job at a fixed time', () => {
  test.each(gaps)('in $zone fires once, at the end of the gap, when $local is skipped', ({ zone, local, end }) => {
    const schedule = recurring(dailyAt(local), zone);
    expect(iso(nextFire(schedule, at(end) - 1))).toBe(end);
    // The next one is a day later on the clock, at its own time again.
    const following = nextFire(schedule, at(end)) ?? NaN;
    expect(following).toBeGreaterThan(at(end));
    expect(following - at(end)).toBeLessThanOrEqual(DAY);
  });

  test.each(overlaps)('in $zone fires once, at the first copy, when $local comes twice', ({ zone, local, first }) => {
    expect(around(recurring(dailyAt(local), zone), first)).toEqual([first]);
  });

  test.each(overlaps)('in $zone does not fire again when asked from between the copies of $local', (row) => {
    const schedule = recurring(dailyAt(row.local), row.zone);
    const between = (at(row.first) + at(row.second)) / 2;
    expect(nextFire(schedule, between)).toBeGreaterThan(at(row.second));
  });

  test('fires once when several of its times fall in the same gap', () => {
    const schedule = recurring('0,15,45 2 * * *', 'Europe/Paris');
    expect(around(schedule, '2026-03-29T01:00Z')).toEqual(['2026-03-29T01:00Z']);
  });

  test('fires once when one time falls in the gap and another on its end', () => {
    const schedule = recurring('30 22,23 * * *', 'America/Nuuk');
    expect(nextFires(recurring('30 23,0 * * *', 'America/Nuuk'), '2026-03-28T22:00Z', 3)).toEqual([
      '2026-03-29T01:00Z', // 23:30 of the 28th, skipped
      '2026-03-29T01:30Z', // 00:30 of the 29th
      '2026-03-30T00:30Z', // 23:30 of the 29th
    ]);
    expect(nextFires(schedule, '2026-03-28T22:00Z', 3)).toEqual([
      '2026-03-29T00:30Z',
      '2026-03-29T01:00Z',
      '2026-03-29T23:30Z',
    ]);
    expect(around(recurring('30 23 28 3 *', 'America/Nuuk'), '2026-03-29T01:00Z')).toEqual(['2026-03-29T01:00Z']);
  });

  test('named by a range or a list is at fixed times too', () => {
    expect(around(recurring('30 1-3 * * *', 'Europe/Paris'), '2026-10-25T01:00Z')).toEqual([
      '2026-10-24T23:30Z', // 01:30
      '2026-10-25T00:30Z', // 02:30, the first copy
      '2026-10-25T02:30Z', // 03:30
    ]);
  });

  test.each([
    'Europe/Lisbon',
    'America/Nuuk',
    'America/Santiago',
    'Africa/Cairo',
    'Africa/Casablanca',
    'Australia/Lord_Howe',
    'Pacific/Auckland',
    'Antarctica/Troll',
  ])('in %s has as many runs in a year as the year has days, at every half hour of the night', (zone) => {
    for (const time of ['0 22', '30 22', '0 23', '30 23', '0 0', '30 0', '0 1', '30 1', '0 2', '30 2', '0 3', '30 3']) {
      const schedule = recurring(`${time} * * *`, zone, '2026-01-01T00:00');
      const newYear = nextFire(recurring('@yearly', zone), at('2026-12-01T00:00Z')) ?? NaN;
      expect(firesBetween(schedule, 0, newYear - 1, 1_000)).toHaveLength(365);
    }
  });
});

describe('a cron job with a step or a wildcard in its time', () => {
  test.each([...gaps, ...overlaps])('in $zone ticks every five minutes of real time around $local', (row) => {
    const change = at('end' in row ? row.end : row.second);
    const fires = firesBetween(recurring('*/5 * * * *', row.zone), change - 3 * HOUR, change + 3 * HOUR, 1_000);
    expect(fires).toHaveLength(72);
    expect(fires.every((fire, n) => fire === change - 3 * HOUR + (n + 1) * 300_000)).toBe(true);
  });

  test('does not fire for a time in the gap', () => {
    expect(around(recurring('*/30 2 * * *', 'Europe/Paris'), '2026-03-29T01:00Z')).toEqual([]);
    expect(around(recurring('0 2/24 * * *', 'Europe/Paris'), '2026-03-29T01:00Z')).toEqual([]);
  });

  test('fires in both copies of a repeated hour', () => {
    expect(around(recurring('*/30 2 * * *', 'Europe/Paris'), '2026-10-25T01:00Z')).toEqual([
      '2026-10-25T00:00Z',
      '2026-10-25T00:30Z',
      '2026-10-25T01:00Z',
      '2026-10-25T01:30Z',
    ]);
  });

  test('fires in both copies of a repeated half hour', () => {
    expect(around(recurring('45 * * * *', 'Australia/Lord_Howe'), '2026-04-04T15:00Z').slice(10, 15)).toEqual([
      '2026-04-04T13:45Z', // 00:45+11:00
      '2026-04-04T14:45Z', // 01:45+11:00
      '2026-04-04T15:15Z', // 01:45+10:30
      '2026-04-04T16:15Z', // 02:45+10:30
      '2026-04-04T17:15Z',
    ]);
  });

  test('fires every second through a gap, without the skipped hour', () => {
    const gap = at('2026-03-29T01:00Z');
    const fires = firesBetween(recurring('* * * * * *', 'Europe/Paris'), gap - 3_000, gap + 2_000, 100);
    expect(fires.map((fire) => fire - gap)).toEqual([-2_000, -1_000, 0, 1_000, 2_000]);
  });

  test.each([
    ['59 59 1 * * *', '2026-03-29T00:59:59Z'],
    ['59 59 2 * * *', '2026-10-25T00:59:59Z'],
    ['59 59 * * * *', '2026-10-25T00:59:59Z'],
  ])('of the last second before a change is found from both sides: %s', (expression, last) => {
    const schedule = recurring(expression, 'Europe/Paris');
    expect(iso(nextFire(schedule, at(last) - 1))).toBe(last);
    expect(iso(lastFire(schedule, 0, at(last) + 1_800_000))).toBe(last);
  });
});
