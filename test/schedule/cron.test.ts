import { describe, expect, test } from '@jest/globals';
import { countFires, firesBetween, lastFire, nextFire } from '../../src/schedule/index.js';
import { at, iso, nextFires, recurring } from './support/schedules.js';

/** The first three fires after New Year 2026, a Thursday, in UTC. */
const fires = (expression: string): string[] => nextFires(recurring(expression), '2026-01-01T00:00Z', 3);

describe('a cron expression', () => {
  test.each([
    // five fields, six with the second first
    ['30 9 * * *', ['2026-01-01T09:30Z', '2026-01-02T09:30Z', '2026-01-03T09:30Z']],
    ['15 30 9 * * *', ['2026-01-01T09:30:15Z', '2026-01-02T09:30:15Z', '2026-01-03T09:30:15Z']],
    // lists, ranges, steps, names
    ['0 9,17 * * *', ['2026-01-01T09:00Z', '2026-01-01T17:00Z', '2026-01-02T09:00Z']],
    ['0 9-17/4 * * *', ['2026-01-01T09:00Z', '2026-01-01T13:00Z', '2026-01-01T17:00Z']],
    ['*/20 * * * *', ['2026-01-01T00:20Z', '2026-01-01T00:40Z', '2026-01-01T01:00Z']],
    ['5/20 * * * *', ['2026-01-01T00:05Z', '2026-01-01T00:25Z', '2026-01-01T00:45Z']],
    ['0 0 * jan-mar MON', ['2026-01-05T00:00Z', '2026-01-12T00:00Z', '2026-01-19T00:00Z']],
    ['0 0 * * Sat-Sun', ['2026-01-03T00:00Z', '2026-01-04T00:00Z', '2026-01-10T00:00Z']],
    ['0 0 ? * 1', ['2026-01-05T00:00Z', '2026-01-12T00:00Z', '2026-01-19T00:00Z']],
    // Sunday
    ['0 0 * * 0', ['2026-01-04T00:00Z', '2026-01-11T00:00Z', '2026-01-18T00:00Z']],
    ['0 0 * * 7', ['2026-01-04T00:00Z', '2026-01-11T00:00Z', '2026-01-18T00:00Z']],
    // the last day, the nearest weekday, the nth and the last weekday
    ['0 0 L * *', ['2026-01-31T00:00Z', '2026-02-28T00:00Z', '2026-03-31T00:00Z']],
    ['0 0 LW * *', ['2026-01-30T00:00Z', '2026-02-27T00:00Z', '2026-03-31T00:00Z']],
    ['0 0 L-3 * *', ['2026-01-28T00:00Z', '2026-02-25T00:00Z', '2026-03-28T00:00Z']],
    ['0 0 L-0 * *', ['2026-01-31T00:00Z', '2026-02-28T00:00Z', '2026-03-31T00:00Z']],
    ['0 0 l-30 * *', ['2026-03-01T00:00Z', '2026-05-01T00:00Z', '2026-07-01T00:00Z']],
    ['0 0 L-28 2 *', ['2028-02-01T00:00Z', '2032-02-01T00:00Z', '2036-02-01T00:00Z']],
    ['0 6,18 L-3 2 *', ['2026-02-25T06:00Z', '2026-02-25T18:00Z', '2027-02-25T06:00Z']],
    ['0 0 LW,L-3,L,15W * *', ['2026-01-15T00:00Z', '2026-01-28T00:00Z', '2026-01-30T00:00Z']],
    ['0 0 LW,1 * *', ['2026-01-30T00:00Z', '2026-02-01T00:00Z', '2026-02-27T00:00Z']],
    ['0 0 L-3 * 1', ['2026-01-05T00:00Z', '2026-01-12T00:00Z', '2026-01-19T00:00Z']],
    ['0 0 L-3,1 */2 6', ['2026-01-03T00:00Z', '2026-01-10T00:00Z', '2026-01-17T00:00Z']],
    // a weekday that begins with a star narrows: the days that are Sunday, Wednesday or Saturday too
    ['0 0 L-3 * */3', ['2026-01-28T00:00Z', '2026-02-25T00:00Z', '2026-03-28T00:00Z']],
    ['0 0 15W * *', ['2026-01-15T00:00Z', '2026-02-16T00:00Z', '2026-03-16T00:00Z']],
    ['0 0 1W * *', ['2026-02-02T00:00Z', '2026-03-02T00:00Z', '2026-04-01T00:00Z']],
    ['0 0 * * 5L', ['2026-01-30T00:00Z', '2026-02-27T00:00Z', '2026-03-27T00:00Z']],
    ['0 0 * * 5#2', ['2026-01-09T00:00Z', '2026-02-13T00:00Z', '2026-03-13T00:00Z']],
    ['0 0 * * FRI#5', ['2026-01-30T00:00Z', '2026-05-29T00:00Z', '2026-07-31T00:00Z']],
    ['0 0 29 2 *', ['2028-02-29T00:00Z', '2032-02-29T00:00Z', '2036-02-29T00:00Z']],
    // nicknames
    ['@hourly', ['2026-01-01T01:00Z', '2026-01-01T02:00Z', '2026-01-01T03:00Z']],
    ['@daily', ['2026-01-02T00:00Z', '2026-01-03T00:00Z', '2026-01-04T00:00Z']],
    ['@midnight', ['2026-01-02T00:00Z', '2026-01-03T00:00Z', '2026-01-04T00:00Z']],
    ['@WEEKLY', ['2026-01-04T00:00Z', '2026-01-11T00:00Z', '2026-01-18T00:00Z']],
    ['@monthly', ['2026-02-01T00:00Z', '2026-03-01T00:00Z', '2026-04-01T00:00Z']],
    ['@yearly', ['2027-01-01T00:00Z', '2028-01-01T00:00Z', '2029-01-01T00:00Z']],
    ['@annually', ['2027-01-01T00:00Z', '2028-01-01T00:00Z', '2029-01-01T00:00Z']],
  ])('"%s" fires as written', (expression, expected) => {
    expect(fires(expression)).toEqual(expected);
  });

  test('fires on the day of the month OR of the week when both are restricted', () => {
    expect(fires('0 0 13 * 5')).toEqual(['2026-01-02T00:00Z', '2026-01-09T00:00Z', '2026-01-13T00:00Z']);
    expect(fires('0 0 13 */2 5')).toEqual(['2026-01-02T00:00Z', '2026-01-09T00:00Z', '2026-01-13T00:00Z']);
    expect(fires('0 0 1-31 * 1')).toEqual(['2026-01-02T00:00Z', '2026-01-03T00:00Z', '2026-01-04T00:00Z']);
  });

  test('fires on days that are both when one of the two fields begins with a star, as in Vixie cron', () => {
    expect(fires('0 0 */2 * 1')).toEqual(['2026-01-05T00:00Z', '2026-01-19T00:00Z', '2026-02-09T00:00Z']);
    expect(fires('0 0 *,13 * 5')).toEqual(['2026-01-02T00:00Z', '2026-01-09T00:00Z', '2026-01-16T00:00Z']);
    expect(fires('0 0 1 * */3')).toEqual(['2026-02-01T00:00Z', '2026-03-01T00:00Z', '2026-04-01T00:00Z']);
  });

  test('fires to the end of the calendar', () => {
    expect(nextFires(recurring('0 0 29 2 *'), '2999-01-01T00:00Z', 2)).toEqual([
      '3004-02-29T00:00Z',
      '3008-02-29T00:00Z',
    ]);
    expect(nextFires(recurring('0 0 L-1 12 *'), '9998-01-01T00:00Z', 5)).toEqual([
      '9998-12-30T00:00Z',
      '9999-12-30T00:00Z',
    ]);
  });

  test('is the same with more spaces and in other letters', () => {
    expect(recurring('  0  9 *   *  Mon-Fri ')).toEqual(recurring('0 9 * * Mon-Fri'));
    expect(fires('0 0 l * *')).toEqual(fires('0 0 L * *'));
  });
});

test('the days before the last day are found backwards and counted as they are walked', () => {
  const [after, until] = [at('2024-01-01T00:00Z'), at('2034-01-01T00:00Z')];
  for (const expression of ['0 */7 L-3 * *', '5 4 L-29,LW,7 * *', '0 0 L-28 2,3 1', '0 12 L-1,L-30 * */2']) {
    const schedule = recurring(expression, 'Europe/Lisbon');
    const walk = firesBetween(schedule, after, until, 9_999);
    expect(walk.length).toBeGreaterThan(10);
    expect(countFires(schedule, after, until, 9_999)).toBe(walk.length);
    for (const [n, fire] of walk.entries()) {
      expect(lastFire(schedule, after, fire)).toBe(fire);
      expect(lastFire(schedule, after, fire - 1)).toBe(walk[n - 1] ?? null);
    }
  }
});

describe('an execution time with a cron expression', () => {
  test('is the earliest fire when the expression names it', () => {
    const schedule = recurring('30 9 * * *', 'Europe/Lisbon', '2026-06-03T09:30');
    expect(iso(nextFire(schedule, 0))).toBe('2026-06-03T08:30Z');
  });

  test('holds fires back until it is past', () => {
    const schedule = recurring('30 9 * * *', 'Europe/Lisbon', '2026-06-03T09:30:00.001');
    expect(iso(nextFire(schedule, 0))).toBe('2026-06-04T08:30Z');
  });

  test('at the end of a gap lets the run of the skipped time happen', () => {
    const schedule = recurring('30 2 * * *', 'Europe/Paris', '2026-03-29T01:00:00Z');
    expect(iso(nextFire(schedule, 0))).toBe('2026-03-29T01:00Z');
  });
});

test('a fire is strictly after the instant asked from, to the millisecond', () => {
  const schedule = recurring('* * * * * *');
  const second = at('2026-01-01T00:00:01Z');
  expect(nextFire(schedule, second - 1)).toBe(second);
  expect(nextFire(schedule, second)).toBe(second + 1_000);
  expect(nextFire(schedule, second + 999)).toBe(second + 1_000);
  expect(nextFire(schedule, second - 0.5)).toBe(second);
});
