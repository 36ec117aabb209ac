import { describe, expect, test } from '@jest/globals';
import { firesBetween, nextFire } from '../../src/schedule/index.js';
import { at, iso, localTime, nextFires, recurring } from './support/schedules.js';
import { gaps, overlaps } from './support/zones.js';

const DAY = 86_400_000;

/** The same local time some days earlier. */
const daysBefore = (local: string, days: number): string =>
  new Date(Date.parse(`${local}Z`) - days * DAY).toISOString().slice(0, 16);

describe.each(['daily', 'every day', 'P1D'])('"%s"', (frequency) => {
  test.each(gaps)('in $zone moves $local, which is skipped, forward by the length of the gap', (row) => {
    const schedule = recurring(frequency, row.zone, daysBefore(row.local, 3));
    expect(iso(nextFire(schedule, at(row.end) - 1))).toBe(row.shifted);
  });

  test.each(overlaps)('in $zone takes the first copy of $local', ({ zone, local, first, second }) => {
    const schedule = recurring(frequency, zone, daysBefore(local, 3));
    expect(iso(nextFire(schedule, at(first) - 1))).toBe(first);
    expect(nextFire(schedule, at(first))).toBeGreaterThan(at(second));
  });

  test.each(gaps.filter(({ zone }) => zone !== 'Pacific/Apia'))(
    'in $zone is back at its own time the day after $local was skipped',
    ({ zone, local, shifted }) => {
      const schedule = recurring(frequency, zone, daysBefore(local, 3));
      const following = nextFire(schedule, at(shifted)) ?? NaN;
      expect(localTime(following, zone).slice(11, 16)).toBe(local.slice(11, 16));
    },
  );
});

test('the day that Samoa skipped makes one run together with the next, not two', () => {
  for (const [frequency, expected] of [
    ['daily', ['2011-12-29T19:00Z', '2011-12-30T19:00Z', '2011-12-31T19:00Z']],
    // The 30th was a Friday; carried over it would be a run on a Saturday.
    ['weekdays', ['2011-12-29T19:00Z', '2012-01-01T19:00Z', '2012-01-02T19:00Z']],
  ] as const) {
    const schedule = recurring(frequency, 'Pacific/Apia', '2011-12-26T09:00');
    expect(nextFires(schedule, '2011-12-29T00:00Z', 3)).toEqual(expected);
  }
});

test('an anchor on the second copy of a repeated time is the first fire, and later ones keep its local time', () => {
  const schedule = recurring('daily', 'Europe/Lisbon', '2026-10-25T01:30:00Z');
  expect(nextFires(schedule, '2026-10-01T00:00Z', 2)).toEqual(['2026-10-25T01:30Z', '2026-10-26T01:30Z']);
});

describe('intervals of hours and finer', () => {
  test.each([...gaps, ...overlaps])('in $zone are exact elapsed time, whatever the clock does at $local', (row) => {
    const change = at('end' in row ? row.end : row.second);
    const start = new Date(change - DAY).toISOString();
    const fires = firesBetween(recurring('every 90 minutes', row.zone, start), 0, change + DAY, 100);
    expect(fires).toHaveLength(33);
    expect(fires.every((fire, n) => fire === change - DAY + n * 5_400_000)).toBe(true);
  });

  test('PT24H is not P1D', () => {
    const dayBefore = '2026-03-28T09:00';
    const next = (frequency: string) =>
      nextFires(recurring(frequency, 'Europe/Paris', dayBefore), '2026-03-28T12:00Z', 1);
    expect(next('PT24H')).toEqual(['2026-03-29T08:00Z']);
    expect(next('P1D')).toEqual(['2026-03-29T07:00Z']);
  });

  test('a mixed duration counts its days on the clock and its hours in real time', () => {
    expect(nextFires(recurring('P1DT12H', 'Europe/Paris', '2026-03-28T00:00'), '2026-03-28T00:00Z', 3)).toEqual([
      '2026-03-29T11:00Z', // a day later midnight (23:00Z), then 12 hours of real time
      '2026-03-30T22:00Z', // two days later midnight (22:00Z), then 24 hours
      '2026-04-01T10:00Z',
    ]);
  });
});
