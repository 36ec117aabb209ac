import { describe, expect, test } from '@jest/globals';
import {
  firesADay,
  shifting,
  type CalendarDefinition,
  type ShiftDirection,
} from '../../../src/schedule/calendar/index.js';
import { at, iso } from '../support/schedules.js';
import { daysOf, nextLocal, recurrence, walk } from './support/calendars.js';

const WEEKENDS: CalendarDefinition = { weekdays: ['SA', 'SU'] };

function shift(
  frequency: string,
  zone: string,
  direction: ShiftDirection,
  definition: CalendarDefinition,
  start?: string,
) {
  return shifting(recurrence(frequency, zone, start), zone, daysOf({ holidays: definition }), direction);
}

describe('an excluded run moves', () => {
  // The 15th of months of 2026: Thursday, Sunday, Sunday, Wednesday, Friday, Monday, Wednesday, Saturday.
  test.each<[ShiftDirection, string[]]>([
    ['next', ['01-15', '02-16', '03-16', '04-15', '05-15', '06-15', '07-15', '08-17']],
    ['previous', ['01-15', '02-13', '03-13', '04-15', '05-15', '06-15', '07-15', '08-14']],
  ])('to the %s day that is not excluded', (direction, dates) => {
    const payday = shift('0 9 15 * *', 'UTC', direction, WEEKENDS);
    expect(nextLocal(payday, 'UTC', '2026-01-01T00:00Z', 8)).toEqual(
      dates.map((date) => `2026-${date}T09:00:00+00:00`),
    );
  });

  test('and says from where', () => {
    const payday = shift('0 9 15 * *', 'UTC', 'next', WEEKENDS);
    expect(iso(payday.movedFrom(at('2026-02-16T09:00Z')))).toBe('2026-02-15T09:00Z');
    expect(payday.movedFrom(at('2026-01-15T09:00Z'))).toBeNull();
    expect(payday.movedFrom(at('2026-02-16T09:01Z'))).toBeNull();
  });

  test('and what falls on the same instant is one run, which stands where it was', () => {
    const daily = shift('0 9 * * *', 'UTC', 'next', WEEKENDS);
    const window = [at('2026-01-02T00:00Z'), at('2026-01-07T00:00Z')] as const;
    // Friday 2, Monday 5, Tuesday 6.
    const fires = ['2026-01-02T09:00Z', '2026-01-05T09:00Z', '2026-01-06T09:00Z'];
    expect(walk(daily, ...window).map(iso)).toEqual(fires);
    expect(daily.count(...window, 9)).toBe(3);
    expect(daily.movedFrom(at('2026-01-05T09:00Z'))).toBeNull();
  });

  test('and of several the earliest is named', () => {
    const weekend = shift('0 9 * * 6,0', 'UTC', 'next', WEEKENDS);
    expect(nextLocal(weekend, 'UTC', '2026-01-01T00:00Z', 2)).toEqual([
      '2026-01-05T09:00:00+00:00',
      '2026-01-12T09:00:00+00:00',
    ]);
    expect(iso(weekend.movedFrom(at('2026-01-05T09:00Z')))).toBe('2026-01-03T09:00Z');
  });

  test('among the runs of its new day, in the order of the clock', () => {
    const uneven = shift(
      'every 7 hours',
      'UTC',
      'next',
      { dates: ['2026-01-03', '2026-01-04'] },
      '2026-01-02T20:00:00Z',
    );
    expect(walk(uneven, at('2026-01-02T00:00Z'), at('2026-01-06T00:00Z')).map(iso)).toEqual([
      '2026-01-02T20:00Z',
      // 03:00, 10:00 and 17:00 of the 3rd; 00:00, 07:00, 14:00 and 21:00 of the 4th; 04:00, 11:00 and 18:00 of the 5th.
      ...['00:00', '03:00', '04:00', '07:00', '10:00', '11:00', '14:00', '17:00', '18:00', '21:00'].map(
        (time) => `2026-01-05T${time}Z`,
      ),
    ]);
    expect(uneven.count(at('2026-01-05T04:00Z'), at('2026-01-05T17:00Z'), 99)).toBe(5);
    expect(iso(uneven.previous(at('2026-01-05T10:59Z')))).toBe('2026-01-05T10:00Z');
  });

  test('at its local time, whatever the clock does in between', () => {
    // Lisbon goes to summer time on Sunday 29 March 2026.
    const daily = shift('30 1 * * 0', 'Europe/Lisbon', 'next', WEEKENDS);
    expect(nextLocal(daily, 'Europe/Lisbon', '2026-03-27T00:00Z', 2)).toEqual([
      // The skipped 01:30 is at 02:00 of the Sunday (decision 3), and so of the Monday.
      '2026-03-30T02:00:00+01:00',
      '2026-04-06T01:30:00+01:00',
    ]);
    const into = shift('30 1 28 3 *', 'Europe/Lisbon', 'next', { dates: ['2026-03-28'] });
    expect(nextLocal(into, 'Europe/Lisbon', '2026-03-27T00:00Z', 1)).toEqual(['2026-03-29T02:30:00+01:00']);
    const back = shift('30 1 26 10 *', 'Europe/Lisbon', 'previous', { dates: ['2026-10-26'] });
    expect(nextLocal(back, 'Europe/Lisbon', '2026-10-20T00:00Z', 1)).toEqual(['2026-10-25T01:30:00+01:00']);
  });

  test('back by the gap where it would leave its day', () => {
    // In Nuuk the hour from 23:00 of 28 March 2026 to midnight was skipped.
    const night = shift('30 23 27 3 *', 'America/Nuuk', 'next', { dates: ['2026-03-27', '2026-03-29'] });
    expect(nextLocal(night, 'America/Nuuk', '2026-03-20T00:00Z', 1)).toEqual(['2026-03-28T22:30:00-02:00']);
  });

  test('never to a day that the zone skipped', () => {
    // Samoa had no 30 December 2011.
    const samoa = (date: string, direction: ShiftDirection) =>
      nextLocal(
        shift(`0 9 ${date.slice(-2)} 12 *`, 'Pacific/Apia', direction, { dates: [date] }),
        'Pacific/Apia',
        '2011-12-20T00:00Z',
        1,
      );
    expect(samoa('2011-12-29', 'next')).toEqual(['2011-12-31T09:00:00+14:00']);
    expect(samoa('2011-12-31', 'previous')).toEqual(['2011-12-29T09:00:00-10:00']);
  });
});

describe('a stretch of more than 366 days', () => {
  const long: CalendarDefinition = { dates: [{ from: '2026-01-01', to: '2027-12-31' }] };

  test('drops the runs that would move further', () => {
    const moved = shift('0 9 1 * *', 'UTC', 'next', long);
    expect(nextLocal(moved, 'UTC', '2025-12-02T00:00Z', 2)).toEqual([
      '2028-01-01T09:00:00+00:00',
      '2028-02-01T09:00:00+00:00',
    ]);
    // 366 days before 1 January 2028 is 31 December 2026.
    const yearly = (frequency: string) => iso(shift(frequency, 'UTC', 'next', long).next(at('2026-02-01T00:00Z')));
    expect(yearly('0 9 31 12 *')).toBe('2028-01-01T09:00Z');
    expect(yearly('0 9 2 1 *')).toBe('2028-01-01T09:00Z');
    const dropped = shift('0 9 30 12 *', 'UTC', 'next', { dates: [{ from: '2025-12-30', to: '2027-12-29' }] });
    expect(iso(dropped.next(at('2025-12-01T00:00Z')))).toBe('2027-12-30T09:00Z');
    expect(dropped.movedFrom(at('2027-12-30T09:00Z'))).toBeNull();
  });

  test('does so in the other direction too', () => {
    const back = shift('0 9 1 * *', 'UTC', 'previous', long);
    const fires = walk(back, at('2025-12-02T00:00Z'), at('2028-03-01T00:00Z')).map(iso);
    expect(fires).toEqual(['2025-12-31T09:00Z', '2028-01-01T09:00Z', '2028-02-01T09:00Z']);
    expect(iso(back.previous(at('2027-12-31T12:00Z')))).toBe('2025-12-31T09:00Z');
  });

  test('without end leaves no run', () => {
    const days = daysOf({ a: { weekdays: ['MO', 'TU', 'WE'] }, b: { weekdays: ['TH', 'FR', 'SA', 'SU'] } });
    for (const direction of ['next', 'previous'] as const) {
      const none = shifting(recurrence('0 9 * * *', 'UTC'), 'UTC', days, direction);
      expect([none.next(0), none.previous(at('2026-01-01T00:00Z')), none.count(0, 1e12, 9)]).toEqual([null, null, 0]);
      expect(none.movedFrom(at('2026-01-01T09:00Z'))).toBeNull();
    }
  });
});

describe('where the clock was set back over midnight', () => {
  // In St. John's from 00:01 of 29 October 2006 to 23:01 of the 28th: 00:00 at 02:30Z, 23:50 at 03:20Z.
  const [after, until] = [at('2006-10-27T00:00Z'), at('2006-10-31T00:00Z')];
  const zone = 'America/St_Johns';

  test.each([
    ['*/15 * * * *', undefined],
    ['every 50 minutes', '2006-10-27T17:10:00Z'],
    // At 00:20, and on the 28th at 23:20 too.
    ['every 24 hours', '2006-10-25T02:50:00Z'],
  ])('the runs of %s come in order, the end of the day twice', (frequency, start) => {
    const base = recurrence(frequency, zone, start);
    const fires = walk(base, after, until);
    for (const direction of ['next', 'previous'] as const) {
      const same = shifting(base, zone, daysOf({ old: { dates: ['1990-01-01'] } }), direction);
      expect(walk(same, after, until)).toEqual(fires);
      expect(fires.slice(1).map((fire) => same.previous(fire - 1))).toEqual(fires.slice(0, -1));
      expect(fires.map((fire) => same.count(fire, until, 1e9))).toEqual(fires.map((_, n) => fires.length - 1 - n));
      expect(fires.map((fire) => same.movedFrom(fire))).toEqual(fires.map(() => null));
    }
  });
});

describe('the fires of a day', () => {
  const FROM = at('2026-01-01T00:00Z');
  test.each([
    ['0 9 * * *', 1],
    ['0 9 25 12 *', 1],
    ['0 8-17 * * 1-5', 10],
    ['0 * * * *', 24], // on the day of 25 hours too
    ['every 90 minutes', 16],
    ['0,30 0-11 * * *', 24],
    ['*/5 0-1 1 * *', 24],
    ['*/5 0-2 1 * *', 25],
    ['* * * * * *', 25],
  ])('%s', (frequency, most) => {
    const found = firesADay(recurrence(frequency, 'Europe/Lisbon'), 'Europe/Lisbon', FROM);
    expect(Math.min(found, 25)).toBe(most);
  });
});
