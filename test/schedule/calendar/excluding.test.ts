import { describe, expect, test } from '@jest/globals';
import { excluding, type CalendarDefinition } from '../../../src/schedule/calendar/index.js';
import { MOST_JUMPS } from '../../../src/schedule/calendar/excluding.js';
import { at, iso } from '../support/schedules.js';
import { daysOf, nextLocal, recurrence, walk } from './support/calendars.js';

const DAY = 86_400_000;

function split(frequency: string, zone: string, definition: CalendarDefinition, executionTime?: string) {
  return excluding(recurrence(frequency, zone, executionTime), zone, daysOf({ holidays: definition }));
}

describe('runs', () => {
  test('are those of the days that are not excluded', () => {
    const { runs, excluded } = split('0 9 * * *', 'Europe/Lisbon', { weekdays: ['SA', 'SU'], dates: ['2026-12-25'] });
    expect(nextLocal(runs, 'Europe/Lisbon', '2026-12-24T00:00Z', 4)).toEqual([
      '2026-12-24T09:00:00+00:00',
      '2026-12-28T09:00:00+00:00',
      '2026-12-29T09:00:00+00:00',
      '2026-12-30T09:00:00+00:00',
    ]);
    expect(nextLocal(excluded, 'Europe/Lisbon', '2026-12-24T00:00Z', 4)).toEqual([
      '2026-12-25T09:00:00+00:00',
      '2026-12-26T09:00:00+00:00',
      '2026-12-27T09:00:00+00:00',
      '2027-01-02T09:00:00+00:00',
    ]);
    expect(iso(runs.previous(at('2026-12-27T12:00Z')))).toBe('2026-12-24T09:00Z');
    expect(iso(excluded.previous(at('2026-12-25T08:59Z')))).toBe('2026-12-20T09:00Z');
    const window = [at('2026-12-21T00:00Z'), at('2026-12-28T00:00Z'), 100] as const;
    expect([runs.count(...window), excluded.count(...window)]).toEqual([4, 3]);
    expect(runs.count(window[0], window[1], 2)).toBeGreaterThanOrEqual(2);
  });

  test('go by the day in the zone of the job, on both sides of the date line', () => {
    const christmas: CalendarDefinition = { dates: ['2026-12-25'] };
    for (const [zone, first, last] of [
      ['Pacific/Kiritimati', '2026-12-24T10:00Z', '2026-12-25T09:00Z'], // UTC+14
      ['UTC', '2026-12-25T00:00Z', '2026-12-25T23:00Z'],
      ['Pacific/Niue', '2026-12-25T11:00Z', '2026-12-26T10:00Z'], // UTC-11
    ] as const) {
      const fires = walk(
        split('0 * * * *', zone, christmas).excluded,
        at('2026-12-23T00:00Z'),
        at('2026-12-28T00:00Z'),
      );
      expect([zone, fires.length, iso(fires[0] ?? null), iso(fires.at(-1) ?? null)]).toEqual([zone, 24, first, last]);
    }
  });

  test('of a day with 23 hours and of one with 25 are left out whole', () => {
    const { excluded } = split('0 * * * *', 'Europe/Lisbon', { dates: ['2026-03-29', '2026-10-25'] });
    const spring = walk(excluded, at('2026-03-28T00:00Z'), at('2026-03-31T00:00Z'));
    const autumn = walk(excluded, at('2026-10-24T00:00Z'), at('2026-10-27T00:00Z'));
    expect([spring.length, autumn.length]).toEqual([23, 25]);
    expect([iso(autumn[0] ?? null), iso(autumn.at(-1) ?? null)]).toEqual(['2026-10-24T23:00Z', '2026-10-25T23:00Z']);
    expect(excluded.count(0, at('2027-01-01T00:00Z'), 100)).toBe(48);
  });

  test('of a day that the zone skipped move to the next by themselves, and are of that day', () => {
    // Samoa had no 30 December 2011: the cron run of 09:00 takes place at 00:00 of the 31st (decision 3).
    const fires = ['2011-12-29T19:00Z', '2011-12-30T10:00Z', '2011-12-30T19:00Z'];
    const window = [at('2011-12-29T12:00Z'), at('2011-12-31T12:00Z')] as const;
    const on = (date: string) => split('0 9 * * *', 'Pacific/Apia', { dates: [date] });
    expect(walk(on('2011-12-30').runs, ...window).map(iso)).toEqual(fires);
    expect(walk(on('2011-12-30').excluded, ...window)).toEqual([]);
    expect(walk(on('2011-12-31').runs, ...window).map(iso)).toEqual(fires.slice(0, 1));
    expect(walk(on('2011-12-31').excluded, ...window).map(iso)).toEqual(fires.slice(1));
  });

  test('where the clock was set back over midnight, the end of the day before comes twice', () => {
    // In St. John's the clock went from 00:01 of 29 October 2006 back to 23:01 of the 28th.
    const { excluded } = split('*/15 * * * *', 'America/St_Johns', { dates: ['2006-10-28'] });
    const night = walk(excluded, at('2006-10-29T02:00Z'), at('2006-10-29T12:00Z'));
    // 23:45 of summer time (UTC-2:30); not 00:00 of the 29th; then 23:15, 23:30 and 23:45 of standard time (UTC-3:30).
    expect(night.map(iso)).toEqual([
      '2006-10-29T02:15Z',
      '2006-10-29T02:45Z',
      '2006-10-29T03:00Z',
      '2006-10-29T03:15Z',
    ]);
  });
});

describe('a long way', () => {
  test('over an excluded week is one step, even for a job of every second', () => {
    const { runs, excluded } = split('* * * * * *', 'Europe/Lisbon', {
      dates: [{ from: '2026-08-03', to: '2026-08-09' }],
    });
    const [before, after] = [at('2026-08-02T22:59:59Z'), at('2026-08-09T23:00:00Z')];
    expect([runs.next(before), runs.previous(after - 1)]).toEqual([after, before]);
    expect([runs.count(before, after, 9e9), excluded.count(before, after, 9e9)]).toEqual([1, 7 * 86_400]);
    const started = process.cpuUsage();
    for (let n = 0; n < 100; n++) runs.next(before);
    expect(process.cpuUsage(started).user).toBeLessThan(100 * 1_000);
  });

  test('over ten years of holidays works', () => {
    const { runs } = split('0 9 * * *', 'America/New_York', { dates: [{ from: '2026-01-01', to: '2035-12-31' }] });
    expect(iso(runs.next(at('2026-01-01T12:00Z')))).toBe('2036-01-01T14:00Z');
    expect(iso(runs.previous(at('2035-12-31T12:00Z')))).toBe('2025-12-31T14:00Z');
  });

  test('ends after so many jumps, where every fire is excluded', () => {
    const { runs, excluded } = split('0 9 25 12 *', 'UTC', { recurring: [{ month: 12, day: 25 }] });
    expect([runs.next(0), runs.previous(at('9000-01-01T00:00Z'))]).toEqual([null, null]);
    expect(iso(excluded.next(at('2026-01-01T00:00Z')))).toBe('2026-12-25T09:00Z');
    expect(runs.count(0, at('2100-01-01T00:00Z'), 10)).toBe(0);

    // The years 1971 to 2971 are excluded one by one: one more than is jumped over.
    const years = (last: number) =>
      split('0 9 25 12 *', 'UTC', {
        dates: Array.from({ length: last - 1970 }, (_, n) => `${1971 + n}-12-25`),
      }).runs.next(at('1971-01-01T00:00Z'));
    expect(iso(years(1970 + MOST_JUMPS))).toBe('2971-12-25T09:00Z');
    expect(years(1971 + MOST_JUMPS)).toBeNull();
  });

  test('is none where no day is left', () => {
    const days = daysOf({ a: { weekdays: ['MO', 'TU', 'WE'] }, b: { weekdays: ['TH', 'FR', 'SA', 'SU'] } });
    const { runs, excluded } = excluding(recurrence('0 9 * * *', 'UTC'), 'UTC', days);
    expect([runs.next(0), runs.previous(at('2026-01-01T00:00Z'))]).toEqual([null, null]);
    expect(excluded.count(0, 30 * DAY, 100)).toBe(30);
  });
});

test('without excluded days the runs are the fires', () => {
  const days = daysOf({ old: { dates: ['1980-01-01'] } });
  const { runs, excluded } = excluding(recurrence('*/7 * * * *', 'UTC'), 'UTC', days);
  expect(runs.count(at('2026-01-01T00:00Z'), at('2026-01-02T00:00Z'), 9e9)).toBe(216);
  expect(excluded.next(at('2026-01-01T00:00Z'))).toBeNull();
});
