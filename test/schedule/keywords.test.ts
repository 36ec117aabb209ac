import { describe, expect, test } from '@jest/globals';
import { firesBetween, nextFire } from '../../src/schedule/index.js';
import { at, iso, localTime, nextFires, recurring } from './support/schedules.js';

describe('a keyword with an execution time', () => {
  test.each([
    ['hourly', ['2026-01-31T09:30Z', '2026-01-31T10:30Z', '2026-01-31T11:30Z']],
    ['daily', ['2026-01-31T09:30Z', '2026-02-01T09:30Z', '2026-02-02T09:30Z']],
    ['weekdays', ['2026-02-02T09:30Z', '2026-02-03T09:30Z', '2026-02-04T09:30Z']], // the 31st is a Saturday
    ['weekly', ['2026-01-31T09:30Z', '2026-02-07T09:30Z', '2026-02-14T09:30Z']],
    ['monthly', ['2026-01-31T09:30Z', '2026-02-28T09:30Z', '2026-03-31T09:30Z']],
    ['quarterly', ['2026-01-31T09:30Z', '2026-04-30T09:30Z', '2026-07-31T09:30Z']],
    ['yearly', ['2026-01-31T09:30Z', '2027-01-31T09:30Z', '2028-01-31T09:30Z']],
  ])('"%s" fires first at that time and then repeats it', (keyword, fires) => {
    expect(nextFires(recurring(keyword, undefined, '2026-01-31T09:30:00Z'), '1970-01-01T00:00Z', 3)).toEqual(fires);
  });

  test.each(['hourly', 'daily', 'weekdays', 'weekly', 'monthly', 'quarterly', 'yearly'])(
    '"%s" fires at nothing before it',
    (keyword) => {
      const schedule = recurring(keyword, 'Europe/Lisbon', '2026-06-03T09:30:00.250');
      const first = at('2026-06-03T08:30:00.250Z');
      expect(nextFire(schedule, 0)).toBe(first);
      expect(nextFire(schedule, first - 1)).toBe(first);
      expect(nextFire(schedule, first)).toBeGreaterThan(first);
      expect(firesBetween(schedule, 0, first - 1, 10)).toEqual([]);
    },
  );

  test('keeps its local time through a year with daylight saving time', () => {
    const schedule = recurring('daily', 'Europe/Lisbon', '2026-01-01T09:30');
    const fires = firesBetween(schedule, 0, at('2027-01-01T00:00Z'), 1_000);
    expect(fires).toHaveLength(365);
    expect(new Set(fires.map((fire) => localTime(fire, 'Europe/Lisbon').slice(11, 19)))).toEqual(new Set(['09:30:00']));
  });

  test('"monthly" on the 31st runs on the last day of shorter months and comes back to the 31st', () => {
    const fires = nextFires(recurring('monthly', undefined, '2027-10-31T06:00:00Z'), '2027-10-01T00:00Z', 12);
    expect(fires.map((fire) => fire.slice(5, 10))).toEqual(
      '10-31 11-30 12-31 01-31 02-29 03-31 04-30 05-31 06-30 07-31 08-31 09-30'.split(' '),
    );
  });

  test('"yearly" on 29 February runs on 28 February in common years', () => {
    const fires = nextFires(recurring('yearly', undefined, '2096-02-29T06:00:00Z'), '2096-01-01T00:00Z', 9);
    expect(fires.map((fire) => fire.slice(0, 10))).toEqual([
      '2096-02-29',
      '2097-02-28',
      '2098-02-28',
      '2099-02-28',
      '2100-02-28', // divisible by 100: no leap year
      '2101-02-28',
      '2102-02-28',
      '2103-02-28',
      '2104-02-29',
    ]);
  });

  test('"weekdays" asks the local day, not the day in UTC', () => {
    // 06:00 on Monday in Auckland is Sunday evening in UTC.
    const schedule = recurring('weekdays', 'Pacific/Auckland', '2026-06-05T06:00');
    expect(nextFires(schedule, '2026-06-04T00:00Z', 3)).toEqual([
      '2026-06-04T18:00Z', // Friday
      '2026-06-07T18:00Z', // Monday
      '2026-06-08T18:00Z',
    ]);
  });

  test('is as right, and answers, seven thousand years from the anchor', () => {
    const schedule = recurring('monthly', 'Europe/Lisbon', '1999-12-31T09:30');
    expect(iso(nextFire(schedule, at('9000-02-15T00:00Z')))).toBe('9000-02-28T09:30Z');
  });
});

describe('a keyword without an execution time', () => {
  test.each([
    ['hourly', '@hourly'],
    ['daily', '@daily'],
    ['weekdays', '0 0 * * 1-5'],
    ['weekly', '@weekly'],
    ['monthly', '@monthly'],
    ['quarterly', '0 0 1 1,4,7,10 *'],
    ['yearly', '@yearly'],
  ])('"%s" fires when cron\'s "%s" does, in every zone', (keyword, cron) => {
    const zones =
      'UTC Europe/Lisbon America/New_York America/Nuuk America/Santiago Africa/Cairo Asia/Kathmandu Australia/Lord_Howe Pacific/Chatham Antarctica/Troll';
    for (const zone of zones.split(' ')) {
      const [from, until] = [at('2025-12-20T00:00Z'), at('2027-01-10T00:00Z')];
      const fires = firesBetween(recurring(keyword, zone), from, until, 400);
      expect(fires.length).toBeGreaterThan(1);
      expect(fires).toEqual(firesBetween(recurring(cron, zone), from, until, 400));
    }
  });
});

test('an anchored daily keyword and the cron expression of its time differ only where the clock jumps', () => {
  const keyword = recurring('daily', 'Europe/Paris', '2026-01-01T02:30');
  const cron = recurring('30 2 * * *', 'Europe/Paris', '2026-01-01T02:30');
  const year = (schedule: typeof cron) => firesBetween(schedule, 0, at('2027-01-01T00:00Z'), 400);
  const [fromKeyword, fromCron] = [year(keyword), year(cron)];
  expect(fromKeyword.filter((fire) => !fromCron.includes(fire)).map(iso)).toEqual(['2026-03-29T01:30Z']);
  expect(fromCron.filter((fire) => !fromKeyword.includes(fire)).map(iso)).toEqual(['2026-03-29T01:00Z']);
});
