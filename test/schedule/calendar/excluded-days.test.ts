import { describe, expect, test } from '@jest/globals';
import { Temporal } from 'temporal-polyfill';
import { describeExclusion, type RecurringDay } from '../../../src/schedule/calendar/index.js';
import { dateOf, dayOf } from '../../../src/schedule/calendar/days.js';
import { daysOf } from './support/calendars.js';

const on = (days: ReturnType<typeof daysOf>, date: string) => days.on(Temporal.PlainDate.from(date));

/** The days of a year that a recurring entry excludes. */
function inYear(entry: RecurringDay, year: number): string[] {
  const days = daysOf({ holidays: { recurring: [entry] } });
  const found: string[] = [];
  for (let day = Temporal.PlainDate.from({ year, month: 1, day: 1 }); day.year === year; day = day.add({ days: 1 })) {
    if (days.on(day) !== null) found.push(day.toString());
  }
  return found;
}

describe('recurring days', () => {
  test.each([
    [1970, '03-29'],
    [1981, '04-19'],
    [2000, '04-23'],
    [2008, '03-23'],
    [2011, '04-24'],
    [2024, '03-31'],
    [2025, '04-20'],
    [2026, '04-05'],
    [2027, '03-28'],
    [2028, '04-16'],
    [2029, '04-01'],
    [2030, '04-21'],
    [2038, '04-25'],
    [2049, '04-18'],
    [2076, '04-19'],
    [2285, '03-22'],
  ])('Easter Sunday of %i is %s', (year, date) => {
    expect(inYear({ easter: 0 }, year)).toEqual([`${year}-${date}`]);
  });

  test.each<[string, RecurringDay, Record<number, string>]>([
    ['Good Friday', { easter: -2 }, { 2024: '03-29', 2025: '04-18', 2026: '04-03', 2027: '03-26' }],
    ['Easter Monday', { easter: 1 }, { 2024: '04-01', 2025: '04-21', 2026: '04-06', 2029: '04-02' }],
    ['Ascension Day', { easter: 39 }, { 2024: '05-09', 2025: '05-29', 2026: '05-14', 2027: '05-06' }],
    ['Corpus Christi', { easter: 60 }, { 2024: '05-30', 2025: '06-19', 2026: '06-04' }],
    [
      'Thanksgiving',
      { month: 11, weekday: 'TH', nth: 4 },
      { 2024: '11-28', 2025: '11-27', 2026: '11-26', 2029: '11-22' },
    ],
    [
      'Memorial Day',
      { month: 5, weekday: 'MO', nth: -1 },
      { 2024: '05-27', 2025: '05-26', 2026: '05-25', 2027: '05-31' },
    ],
    ['Labor Day', { month: 9, weekday: 'MO', nth: 1 }, { 2025: '09-01', 2026: '09-07', 2027: '09-06' }],
    ['Christmas Day', { month: 12, day: 25 }, { 1970: '12-25', 2026: '12-25', 9999: '12-25' }],
  ])('%s', (_, entry, dates) => {
    for (const [year, date] of Object.entries(dates)) expect(inYear(entry, Number(year))).toEqual([`${year}-${date}`]);
  });

  test('are left out in a year that does not have them', () => {
    expect([2023, 2024, 2100].map((year) => inYear({ month: 2, day: 29 }, year))).toEqual([[], ['2024-02-29'], []]);
    const fifth: RecurringDay = { month: 3, weekday: 'SU', nth: 5 };
    expect([2025, 2026].map((year) => inYear(fifth, year))).toEqual([['2025-03-30'], ['2026-03-29']]);
    expect(inYear({ month: 2, weekday: 'SU', nth: 5 }, 2026)).toEqual([]);
  });
});

describe('why a day is excluded', () => {
  const days = daysOf({
    weekends: { weekdays: ['SA', 'SU'] },
    holidays: {
      dates: [{ from: '2026-12-28', to: '2027-01-03', name: 'Company holidays' }, '2026-10-05'],
      weekdays: ['FR'],
      recurring: [
        { month: 12, day: 25, name: 'Christmas Day' },
        { month: 1, day: 1, name: "New Year's Day" },
      ],
    },
  });

  test.each([
    ['2026-12-24', null],
    ['2026-10-05', { calendar: 'holidays' }],
    ['2026-12-25', { calendar: 'holidays', day: 'Christmas Day' }],
    ['2026-12-26', { calendar: 'weekends', day: 'Saturday' }],
    ['2026-12-27', { calendar: 'weekends', day: 'Sunday' }],
    ['2026-12-28', { calendar: 'holidays', day: 'Company holidays' }],
    // In two parts and in two calendars: the first one says why.
    ['2027-01-01', { calendar: 'holidays', day: 'Company holidays' }],
    ['2027-01-02', { calendar: 'weekends', day: 'Saturday' }],
    ['2028-01-01', { calendar: 'weekends', day: 'Saturday' }],
    ['2029-01-01', { calendar: 'holidays', day: "New Year's Day" }],
    ['2029-01-05', { calendar: 'holidays', day: 'Friday' }],
    ['1969-12-27', null],
  ])('%s', (date, reason) => {
    expect(on(days, date)).toEqual(reason);
  });

  test('is the same for a plain object', () => {
    expect(days.on({ year: 2026, month: 12, day: 25 })).toEqual({ calendar: 'holidays', day: 'Christmas Day' });
  });
});

describe('the nearest day', () => {
  const nearest = (definition: Parameters<typeof daysOf>[0]) => {
    const days = daysOf(definition);
    return (date: string, step: 1 | -1, excluded: boolean) => {
      const day = days.nearest(dayOf(date), step, excluded);
      return day === null ? null : dateOf(day);
    };
  };

  test('is found across years, in both directions', () => {
    const find = nearest({ a: { dates: [{ from: '2026-12-20', to: '2027-01-10' }, '2050-06-01'] } });
    expect(find('2026-12-25', 1, false)).toBe('2027-01-11');
    expect(find('2027-01-05', -1, false)).toBe('2026-12-19');
    expect(find('2027-01-10', 1, true)).toBe('2050-06-01');
    expect(find('2049-01-01', -1, true)).toBe('2027-01-10');
    expect(find('2027-01-10', 1, false)).toBe('2027-01-11');
    expect(find('2050-06-01', 1, true)).toBeNull();
    expect(find('2026-12-20', -1, true)).toBeNull();
  });

  test('is found where it comes back after decades', () => {
    const find = nearest({ a: { recurring: [{ month: 2, weekday: 'SU', nth: 5 }] } });
    // A February of five Sundays: 2032, 2060, 2088, and over 2100 without a leap day to 2128.
    expect(find('2026-01-01', 1, true)).toBe('2032-02-29');
    expect(find('2088-02-29', 1, true)).toBe('2128-02-29');
    expect(find('2128-02-29', -1, true)).toBe('2088-02-29');
  });

  test('is none at the ends of time, and where all days are excluded', () => {
    const find = nearest({ a: { weekdays: ['MO', 'TU', 'WE', 'TH'] }, b: { weekdays: ['FR', 'SA', 'SU'] } });
    expect([find('2026-01-01', 1, false), find('2026-01-01', -1, false)]).toEqual([null, null]);
    expect([find('9999-12-31', 1, true), find('1970-01-01', -1, true)]).toEqual([null, null]);
  });
});

test('a day is found in less than two microseconds', () => {
  const days = daysOf({
    weekends: { weekdays: ['SA', 'SU'] },
    holidays: { recurring: [{ month: 12, day: 25 }, { easter: 1 }], dates: ['2026-06-10'] },
  });
  const day = { year: 2026, month: 6, day: 12 };
  for (let n = 0; n < 20_000; n++) days.on(day);
  const started = process.cpuUsage();
  for (let n = 0; n < 20_000; n++) days.on(day);
  expect(process.cpuUsage(started).user).toBeLessThan(2 * 20_000);
});

describe('in words', () => {
  test.each([
    [['holidays'], null, ', except on days of "holidays"'],
    [['holidays', 'weekends'], null, ', except on days of "holidays" and "weekends"'],
    [['holidays'], 'next', ', moved to the next day that is not in "holidays"'],
    [['a', 'b', 'c'], 'previous', ', moved to the previous day that is not in any of "a", "b" and "c"'],
    [[], 'next', ''],
  ] as const)('%j, shift %s', (names, shift, words) => {
    expect(describeExclusion(names, shift)).toBe(words);
  });
});
