import { describe, expect, test } from '@jest/globals';
import { countFires, firesBetween, nextFire } from '../../src/schedule/index.js';
import { at, iso, nextFires, recurring } from './support/schedules.js';

describe('the ways to write an interval', () => {
  test.each([
    ['every 15 minutes', 'PT15M'],
    ['EVERY 15 Minutes', 'PT15M'],
    ['  every   15   minutes ', 'PT15M'],
    ['every minute', 'PT1M'],
    ['every 1 minute', 'PT60S'],
    ['every second', 'PT1S'],
    ['every 1 seconds', 'PT1S'],
    ['every hour', 'PT1H'],
    ['every 2 hours', 'PT120M'],
    ['every day', 'P1D'],
    ['every 3 days', 'P3D'],
    ['every week', 'P7D'],
    ['every 2 weeks', 'P2W'],
    ['every month', 'P1M'],
    ['every quarter', 'P3M'],
    ['every 2 quarters', 'P6M'],
    ['every year', 'P12M'],
    ['every 2 years', 'P2Y'],
    ['pt1.5s', 'PT1,5S'],
  ])('"%s" means "%s"', (left, right) => {
    expect(recurring(left, 'Europe/Lisbon')).toEqual(recurring(right, 'Europe/Lisbon'));
  });
});

describe('an interval with an execution time', () => {
  const anchor = '2026-01-31T09:30:00Z';
  test.each([
    ['every 40 seconds', ['2026-01-31T09:30Z', '2026-01-31T09:30:40Z', '2026-01-31T09:31:20Z']],
    ['every 25 minutes', ['2026-01-31T09:30Z', '2026-01-31T09:55Z', '2026-01-31T10:20Z']],
    ['every 36 hours', ['2026-01-31T09:30Z', '2026-02-01T21:30Z', '2026-02-03T09:30Z']],
    ['every 3 days', ['2026-01-31T09:30Z', '2026-02-03T09:30Z', '2026-02-06T09:30Z']],
    ['every 2 weeks', ['2026-01-31T09:30Z', '2026-02-14T09:30Z', '2026-02-28T09:30Z']],
    ['every month', ['2026-01-31T09:30Z', '2026-02-28T09:30Z', '2026-03-31T09:30Z']],
    ['every 5 quarters', ['2026-01-31T09:30Z', '2027-04-30T09:30Z', '2028-07-31T09:30Z']],
    ['P1Y1M', ['2026-01-31T09:30Z', '2027-02-28T09:30Z', '2028-03-31T09:30Z']],
    ['P1M1D', ['2026-01-31T09:30Z', '2026-03-01T09:30Z', '2026-04-02T09:30Z']],
  ])('"%s" is counted from it', (frequency, fires) => {
    expect(nextFires(recurring(frequency, undefined, anchor), '1970-01-01T00:00Z', 3)).toEqual(fires);
  });

  test('keeps its milliseconds', () => {
    const schedule = recurring('PT1S', undefined, '2026-01-01T00:00:00.123Z');
    expect(iso(nextFire(schedule, at('2026-01-01T00:00:05Z')))).toBe('2026-01-01T00:00:05.123Z');
  });
});

describe('an interval without an execution time', () => {
  test.each(['UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Africa/Monrovia', 'Australia/Eucla'])(
    'in %s falls on round local times',
    (zone) => {
      const minutes = firesBetween(recurring('every 15 minutes', zone), at('2026-01-01T00:00Z'), Infinity, 4);
      expect(minutes.map(iso)).toEqual([
        '2026-01-01T00:15Z',
        '2026-01-01T00:30Z',
        '2026-01-01T00:45Z',
        '2026-01-01T01:00Z',
      ]);
      const [from, until] = [at('2026-01-01T00:00Z'), at('2026-01-02T00:00Z')];
      const hours = firesBetween(recurring('every hour', zone), from, until, 99);
      expect(hours).toEqual(firesBetween(recurring('0 * * * *', zone), from, until, 99));
    },
  );

  test('of weeks falls on Sundays, as the keyword does', () => {
    const [weeks, keyword] = [recurring('every week', 'Asia/Tokyo'), recurring('weekly', 'Asia/Tokyo')];
    expect(nextFires(weeks, '2026-01-01T00:00Z', 9)).toEqual(nextFires(keyword, '2026-01-01T00:00Z', 9));
  });

  test('also fires before the day it is counted from', () => {
    expect(nextFires(recurring('every 2 days'), '1999-12-28T12:00Z', 3)).toEqual([
      '1999-12-30T00:00Z',
      '2000-01-01T00:00Z',
      '2000-01-03T00:00Z',
    ]);
  });
});

test('every second over three hundred years is counted and found in no time', () => {
  const schedule = recurring('every second', 'Europe/Lisbon', '2000-01-01T00:00:00Z');
  expect(countFires(schedule, at('2000-01-01T00:00Z'), at('2300-01-01T00:00Z'), Infinity)).toBe(109_573 * 86_400);
});
