import { describe, expect, test } from '@jest/globals';
import { nextFire, parseSchedule, timeZoneDataVersion, type ScheduleInput } from '../../src/schedule/index.js';
import { iso } from './support/schedules.js';

const wordsFor = (input: ScheduleInput): string => {
  const parsed = parseSchedule(input);
  return parsed.ok ? parsed.understoodAs : JSON.stringify(parsed.problems);
};

describe('the words for what was understood', () => {
  test.each([
    ['30 9 * * 1-5', 'every weekday at 09:30'],
    ['30 9 * * MON-FRI', 'every weekday at 09:30'],
    ['@daily', 'every day at 00:00'],
    ['0,30 9,14 * * *', 'every day at 09:00, 09:30, 14:00 and 14:30'],
    ['15 30 9 * * *', 'every day at 09:30:15'],
    ['0 8 * * 1,3,sun', 'every Monday, Wednesday and Sunday at 08:00'],
    ['0 8 * * SAT-SUN', 'on Saturday to Sunday at 08:00'],
    ['0 8 1,15 * *', 'on the 1st and the 15th at 08:00'],
    ['0 8 2-22 3 *', 'on the 2nd to the 22nd at 08:00 in March'],
    ['0 8 13 * 5', 'on the 13th or every Friday at 08:00'],
    ['0 8 */2 * 1', 'on every 2nd day of the month if it is Monday at 08:00'],
    ['0 8 L * *', 'on the last day of the month at 08:00'],
    ['0 8 L-3 * *', 'on the 3rd day before the last day of the month at 08:00'],
    ['0 8 l-1,LW * *', 'on the day before the last day of the month and the last weekday of the month at 08:00'],
    ['0 8 L-0 * *', 'on the last day of the month at 08:00'],
    ['0 8 LW * *', 'on the last weekday of the month at 08:00'],
    ['0 8 15W * *', 'on the weekday nearest the 15th at 08:00'],
    ['0 8 * * 5L', 'on the last Friday of the month at 08:00'],
    ['0 8 * * 5#2', 'on the 2nd Friday of the month at 08:00'],
    ['0 8 1 */3 *', 'on the 1st at 08:00 in every 3rd month'],
    ['* * * * *', 'every minute'],
    ['* * * * * *', 'every second'],
    ['*/10 * * * * *', 'every 10 seconds'],
    ['*/15 * * * *', 'every 15 minutes'],
    ['*/7 * * * *', 'at every 7th minute of each hour'],
    ['5/20 * * * *', 'at every 20th minute from 5 of each hour'],
    ['5 * * * *', 'at minute 5 of each hour'],
    ['0,30 * * * *', 'at minutes 0 and 30 of each hour'],
    ['@hourly', 'every hour on the hour'],
    ['0 */2 * * *', 'every 2 hours'],
    ['0 9-17 * * 1-5', 'on the hour, in hours 9 to 17, on weekdays'],
    ['*/15 9-17 * JUN,JUL *', 'every 15 minutes, in hours 9 to 17, in June and July'],
    ['*/5 30 9 * * *', 'every 5 seconds, in minute 30, in hour 9'],
  ])('of cron "%s" are "%s"', (frequency, words) => {
    const timezone = 'Europe/Lisbon';
    expect(wordsFor({ jobType: 'recurring', frequency, timezone })).toBe(`${words}, Europe/Lisbon time`);
  });

  test.each([
    ['hourly', 'every hour'],
    ['daily', 'every day at 09:30'],
    ['WeekDays', 'every weekday at 09:30'],
    ['weekly', 'every Saturday at 09:30'],
    ['monthly', 'every month on the 31st (the last day of shorter months) at 09:30'],
    [
      'quarterly',
      'every quarter (January, April, July and October) on the 31st (the last day of shorter months) at 09:30',
    ],
    ['yearly', 'every year on 31 January at 09:30'],
    ['every 15 minutes', 'every 15 minutes'],
    ['PT90S', 'every 1 minute and 30 seconds'],
    ['P1D', 'every day'],
    ['every 14 days', 'every 2 weeks'],
    ['P1Y6M', 'every 1 year and 6 months'],
    ['P1DT12H', 'every 1 day and 12 hours'],
  ])('of "%s" with an anchor are "%s" and the anchor', (frequency, words) => {
    const input: ScheduleInput = {
      jobType: 'recurring',
      frequency,
      timezone: 'Europe/Lisbon',
      executionTime: '2026-01-31T09:30',
    };
    expect(wordsFor(input)).toBe(`${words}, Europe/Lisbon time, from 2026-01-31 09:30 on`);
  });

  test.each([
    ['hourly', 'every hour on the hour, UTC'],
    ['weekly', 'every Sunday at 00:00, UTC'],
    ['quarterly', 'every quarter (January, April, July and October) on the 1st at 00:00, UTC'],
    ['every 7 seconds', 'every 7 seconds, counted from 2000-01-01 00:00, UTC'],
    ['every 2 weeks', 'every 2 weeks, counted from 2000-01-02 00:00, UTC'],
  ])('of "%s" without an anchor are "%s"', (frequency, words) => {
    expect(wordsFor({ jobType: 'recurring', frequency })).toBe(words);
  });

  test('of a yearly job on 29 February say what common years do', () => {
    const executionTime = '2028-02-29T06:00:00Z';
    expect(wordsFor({ jobType: 'recurring', frequency: 'yearly', executionTime })).toBe(
      'every year on 29 February (28 February in common years) at 06:00, UTC, from 2028-02-29 06:00 on',
    );
  });

  test('of a one-time job are its local time', () => {
    const input: ScheduleInput = { jobType: 'one-time', executionTime: '2026-07-03T06:00:00Z' };
    expect(wordsFor({ ...input, timezone: 'Europe/Lisbon' })).toBe('once, on 2026-07-03 at 07:00, Europe/Lisbon time');
  });
});

describe('an execution time', () => {
  test.each([
    ['2026-03-03T06:00:00Z', undefined, '2026-03-03T06:00Z'],
    ['2026-03-03t06:00:00z', undefined, '2026-03-03T06:00Z'],
    ['2026-03-03T06:00Z', undefined, '2026-03-03T06:00Z'],
    ['2026-03-03T06:00:00-00:00', undefined, '2026-03-03T06:00Z'],
    ['2026-03-03T06:00:00+05:45', undefined, '2026-03-03T00:15Z'],
    ['2026-03-03T06:00:00.5Z', undefined, '2026-03-03T06:00:00.500Z'],
    ['2026-03-03T06:00:00.123999999Z', undefined, '2026-03-03T06:00:00.123Z'],
    ['2024-02-29T23:59:59Z', undefined, '2024-02-29T23:59:59Z'],
    ['1970-01-01T00:00:00Z', undefined, '1970-01-01T00:00Z'],
    ['9999-12-31T23:59:59.999Z', undefined, '9999-12-31T23:59:59.999Z'],
    // The offset decides, the zone is only where the job lives.
    ['2026-07-03T06:00:00+02:00', 'Asia/Tokyo', '2026-07-03T04:00Z'],
    // A local time of the zone; in a gap forward by its length, of two copies the first.
    ['2026-07-03T06:00', 'Europe/Lisbon', '2026-07-03T05:00Z'],
    ['2026-07-03T06:00:30', 'asia/kathmandu', '2026-07-03T00:15:30Z'],
    ['2026-03-29T01:30', 'Europe/Lisbon', '2026-03-29T01:30Z'],
    ['2026-10-25T01:30', 'Europe/Lisbon', '2026-10-25T00:30Z'],
  ])('"%s" in %s is %s', (executionTime, timezone, instant) => {
    const parsed = parseSchedule({ jobType: 'one-time', executionTime, timezone });
    expect(parsed.ok && iso(nextFire(parsed.schedule, -1))).toBe(instant);
  });
});

test.each([
  ['europe/lisbon', 'Europe/Lisbon'],
  ['EUROPE/KYIV', 'Europe/Kyiv'], // not Europe/Kiev, which Intl makes of it
  ['us/pacific', 'US/Pacific'],
  ['utc', 'UTC'],
  ['etc/gmt+5', 'Etc/GMT+5'],
  ['america/port-au-prince', 'America/Port-au-Prince'],
  [undefined, 'UTC'],
])('the time zone %s is kept as %s', (timezone, expected) => {
  const parsed = parseSchedule({ jobType: 'recurring', frequency: 'daily', timezone });
  expect(parsed.ok && parsed.schedule.timeZone).toBe(expected);
});

test('the version of the time-zone data is known', () => {
  expect(timeZoneDataVersion).toMatch(/^20\d\d[a-z]$/);
});
