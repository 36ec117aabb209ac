import { describe, expect, test } from '@jest/globals';
import { calendarOfDays, readCalendar, type CalendarDefinition } from '../../../src/schedule/calendar/index.js';
import { calendar } from './support/calendars.js';

const DAY = 86_400_000;

/** The problems of a definition that must be refused, as "path: sentence". */
function problems(definition: CalendarDefinition): string[] {
  const read = readCalendar(definition);
  if (read.ok) throw new Error('was taken');
  return read.problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('a calendar is read', () => {
  test('with single days, ranges, names, weekdays and recurring days', () => {
    expect(
      calendar({
        dates: ['2026-12-25', { date: '2026-05-01', name: 'Labour Day' }, { from: '2026-08-03', to: '2026-08-14' }],
        weekdays: ['SA', 'SU', 'SA'],
        recurring: [{ month: 12, day: 25, name: 'Christmas Day' }, { easter: 1 }],
      }),
    ).toEqual({
      ranges: [
        { from: '2026-05-01', to: '2026-05-01', name: 'Labour Day' },
        { from: '2026-08-03', to: '2026-08-14' },
        { from: '2026-12-25', to: '2026-12-25' },
      ],
      weekdays: ['SA', 'SU'],
      recurring: [{ month: 12, day: 25, name: 'Christmas Day' }, { easter: 1 }],
    });
  });

  test('and is plain JSON', () => {
    const value = calendar({ dates: ['2026-12-25'], weekdays: ['SU'], recurring: [{ month: 2, day: 29 }] });
    expect(JSON.parse(JSON.stringify(value))).toEqual(value);
  });

  test('with ranges cut where they overlap, so that each day is there once', () => {
    const dates = [
      { from: '2026-01-05', to: '2026-01-08', name: 'second' },
      { from: '2026-01-01', to: '2026-01-06', name: 'first' },
      { date: '2026-01-02', name: 'within' },
      { date: '2026-01-09', name: 'next to it' },
    ];
    expect(calendar({ dates }).ranges).toEqual([
      { from: '2026-01-01', to: '2026-01-06', name: 'first' },
      { from: '2026-01-07', to: '2026-01-08', name: 'second' },
      { from: '2026-01-09', to: '2026-01-09', name: 'next to it' },
    ]);
  });

  test('at its limits', () => {
    const days = Array.from({ length: 2_000 }, (_, n) => new Date(n * DAY).toISOString().slice(0, 10));
    expect(calendar({ dates: days }).ranges).toHaveLength(2_000);
    expect(calendar({ dates: [{ from: '2020-01-01', to: '2030-01-07' }] }).ranges).toHaveLength(1);
    expect(calendar({ dates: ['1970-01-01', '9999-12-31'] }).ranges).toHaveLength(2);
    expect(calendar({ weekdays: ['MO', 'TU', 'WE', 'TH', 'FR', 'SA'] }).weekdays).toHaveLength(6);
    expect(calendar({ recurring: [{ easter: -80 }, { easter: 250 }, { month: 2, day: 29 }] }).recurring).toHaveLength(
      3,
    );
  });
});

describe('a calendar is refused', () => {
  test.each<[CalendarDefinition, string]>([
    [{}, ': The calendar is empty: give it dates, weekdays or recurring days.'],
    [
      { weekdays: ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] },
      'weekdays: The calendar holds all seven weekdays, so a job that excludes it would never run: leave one out.',
    ],
    [{ dates: ['2026-02-30'] }, 'dates.0: The date "2026-02-30" does not exist: that month has 28 days.'],
    [{ dates: ['2100-02-29'] }, 'dates.0: The date "2100-02-29" does not exist: that month has 28 days.'],
    [{ dates: ['2026-13-01'] }, 'dates.0: The date "2026-13-01" does not exist: a year has the months 01 to 12.'],
    [{ dates: ['25.12.2026'] }, 'dates.0: The date "25.12.2026" is not understood: write it as "2026-12-25".'],
    [
      { dates: ['2026-12-25T00:00'] },
      'dates.0: The date "2026-12-25T00:00" is not understood: write it as "2026-12-25".',
    ],
    [{ dates: ['1969-12-31'] }, 'dates.0: The date "1969-12-31" is outside the years 1970 to 9999: check its year.'],
    [{ dates: [{ date: '' }] }, 'dates.0.date: The date "" is not understood: write it as "2026-12-25".'],
    [
      { dates: [{ from: '2026-12-31', to: '2026-12-24' }] },
      'dates.0: The range ends on 2026-12-24, before it begins on 2026-12-31: did you mean the other way round?',
    ],
    [
      { dates: [{ from: '2026-12-24', to: '2062-12-31' }] },
      'dates.0: The range has 13157 days, and at most 3660 (ten years) are taken: check its years.',
    ],
    [{ recurring: [{ month: 4, day: 31 }] }, 'recurring.0: There is no 31 April in any year: April has 30 days.'],
    [
      { recurring: [{ month: 2, day: 30 }] },
      'recurring.0: There is no 30 February in any year: February has at most 29 days.',
    ],
    [
      { recurring: [{ month: 13, day: 1 }] },
      'recurring.0: The month 13 does not exist: use 1 (January) to 12 (December).',
    ],
    [
      { recurring: [{ easter: 300 }] },
      'recurring.0: A day around Easter is a whole number of days from -80 to 250, not 300: -2 is Good Friday.',
    ],
    [
      { recurring: [{ month: 5, weekday: 'MO', nth: 6 as 5 }] },
      'recurring.0: A month has no weekday number 6: use 1 to 5, or -1 for the last.',
    ],
    [
      { dates: Array.from({ length: 2_001 }, () => '2026-12-25') },
      ': The calendar has 2001 entries, and at most 2000 are taken: join days in a row to ranges.',
    ],
  ])('%j', (definition, problem) => {
    expect(problems(definition)).toEqual([problem]);
  });

  test('with all its problems at once', () => {
    const definition: CalendarDefinition = {
      dates: ['2026-12-25', '2026-12-32', { from: 'x', to: '2026-02-29' }],
      weekdays: ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'],
      recurring: [{ easter: 0 }, { month: 6, day: 31 }],
    };
    expect(problems(definition).map((problem) => problem.split(':')[0])).toEqual([
      'dates.1',
      'dates.2.from',
      'dates.2.to',
      'weekdays',
      'recurring.1',
    ]);
  });
});

test('days of iCalendar files become a calendar, those in a row and of one name as one range', () => {
  const days = calendarOfDays([
    { from: '2026-12-26', to: '2026-12-26' },
    { from: '2026-12-24', to: '2026-12-25' },
    { from: '2027-01-01', to: '2027-01-01', name: 'New Year' },
  ]);
  expect([days.weekdays, days.recurring, days.ranges.at(-1)]).toEqual([
    [],
    [],
    { from: '2027-01-01', to: '2027-01-01', name: 'New Year' },
  ]);
  expect(days.ranges.map(({ from }) => from)).toEqual(days.ranges.map(({ from }) => from).toSorted());
});
