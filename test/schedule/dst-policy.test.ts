/** What a job may say about the clock's changes, against what its kind of frequency does by itself. */
import { describe, expect, test } from '@jest/globals';
import { countFires, firesBetween, lastFire, parseSchedule, type ScheduleInput } from '../../src/schedule/index.js';
import { at, iso, localTime } from './support/schedules.js';
import { gaps, overlaps } from './support/zones.js';

const HOUR = 3_600_000;

type Dst = NonNullable<ScheduleInput['dst']>;

/** The fires in the half day on either side of an instant, which next, previous and count agree on. */
function around(instant: string, frequency: string, timezone: string, dst: Dst, executionTime?: string): string[] {
  const parsed = parseSchedule({ jobType: 'recurring', frequency, timezone, dst, executionTime });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const [after, until] = [at(instant) - 12 * HOUR, at(instant) + 12 * HOUR];
  const fires = firesBetween(parsed.schedule, after, until, 10_000);
  expect(countFires(parsed.schedule, after, until, 10_000)).toBe(fires.length);
  const backwards: number[] = [];
  for (let fire = lastFire(parsed.schedule, after, until); fire !== null;) {
    backwards.unshift(fire);
    fire = lastFire(parsed.schedule, after, fire - 1);
  }
  expect(backwards).toEqual(fires);
  return fires.map((fire) => iso(fire) ?? '');
}

const minute = (local: string) => Number(local.slice(14, 16));
const hour = (local: string) => Number(local.slice(11, 13));
const fixedAt = (local: string) => `${minute(local)} ${hour(local)} * * *`;
/** The same time, written with a step, so that the job follows real time by default. */
const steppedAt = (local: string) => `${minute(local)}/60 ${hour(local)} * * *`;
const daysBefore = (local: string) => new Date(Date.parse(`${local}Z`) - 72 * HOUR).toISOString().slice(0, 16);
const atLocal = (fires: string[], zone: string, local: string) =>
  fires.filter((fire) => localTime(at(fire), zone).startsWith(local));

describe.each(gaps)('in $zone, where $local is skipped', ({ zone, local, end, shifted }) => {
  test.each([
    ['a cron job at a fixed time', fixedAt(local)],
    ['a cron job with a step', steppedAt(local)],
  ])('%s fires at the end of the gap with "shift", and not at all with "skip"', (_, frequency) => {
    expect(around(end, frequency, zone, { gap: 'shift' })).toContain(end);
    expect(around(end, frequency, zone, { gap: 'skip' })).not.toContain(end);
  });

  test('a daily job moves forward by the length of the gap with "shift", and does not fire with "skip"', () => {
    const daily = (dst: Dst) => around(end, 'daily', zone, dst, daysBefore(local));
    expect(daily({ gap: 'shift' })).toContain(shifted);
    // Samoa's 31st has a fire at that instant all the same: its own.
    expect(daily({ gap: 'skip' }).includes(shifted)).toBe(zone === 'Pacific/Apia');
  });
});

describe.each(overlaps)('in $zone, where $local comes twice', ({ zone, local, first, second }) => {
  test.each([
    ['a cron job at a fixed time', fixedAt(local), undefined],
    ['a cron job with a step', steppedAt(local), undefined],
    ['a daily job', 'daily', daysBefore(local)],
    ['a job of every day', 'P1D', daysBefore(local)],
  ])('%s fires once with "first", and twice with "both"', (_, frequency, executionTime) => {
    const fires = (dst: Dst) => atLocal(around(first, frequency, zone, dst, executionTime), zone, local);
    expect(fires({ overlap: 'first' })).toEqual([first]);
    expect(fires({ overlap: 'both' })).toEqual([first, second]);
  });
});

test('the ticks that fall into a gap make one fire together, and none of its own where a tick is there anyway', () => {
  const paris = (frequency: string) =>
    around('2026-03-29T01:00Z', frequency, 'Europe/Paris', { gap: 'shift' }).filter(
      (fire) => fire > '2026-03-28T23:30Z' && fire < '2026-03-29T02:00Z',
    );
  expect(paris('10/30 * * * *')).toEqual([
    '2026-03-28T23:40Z',
    '2026-03-29T00:10Z',
    '2026-03-29T00:40Z',
    '2026-03-29T01:00Z', // 02:10 and 02:40
    '2026-03-29T01:10Z', // 03:10
    '2026-03-29T01:40Z',
  ]);
  expect(around('2026-03-29T01:00Z', '*/30 * * * *', 'Europe/Paris', { gap: 'shift' })).toEqual(
    around('2026-03-29T01:00Z', '*/30 * * * *', 'Europe/Paris', { gap: 'skip' }),
  );
});

test('with "first" a wildcard job has no tick in the second copy', () => {
  expect(around('2026-10-25T01:00Z', '*/30 1-3 * * *', 'Europe/Paris', { overlap: 'first' })).toEqual([
    '2026-10-24T23:00Z',
    '2026-10-24T23:30Z',
    '2026-10-25T00:00Z',
    '2026-10-25T00:30Z',
    '2026-10-25T02:00Z',
    '2026-10-25T02:30Z',
  ]);
});

test('intervals of hours and finer, and with hours on top of days, take no notice', () => {
  for (const frequency of ['hourly', 'every 90 minutes', 'PT24H', 'P1DT12H']) {
    for (const change of ['2026-03-29T01:00Z', '2026-10-25T01:00Z']) {
      const start = new Date(at(change) - 24 * HOUR).toISOString();
      const plain = around(change, frequency, 'Europe/Paris', {}, start);
      expect(around(change, frequency, 'Europe/Paris', { gap: 'skip', overlap: 'both' }, start)).toEqual(plain);
    }
  }
});

test('"@hourly" and "hourly" on the clock of the zone take notice', () => {
  for (const frequency of ['@hourly', 'hourly']) {
    expect(around('2026-10-25T01:00Z', frequency, 'Europe/Paris', { overlap: 'first' })).toHaveLength(23);
    expect(around('2026-10-25T01:00Z', frequency, 'Europe/Paris', {})).toHaveLength(24);
  }
});

test('an anchor on a copy of a repeated time begins there, and the other copy fires only when it is later', () => {
  const from = (executionTime: string) =>
    around('2026-10-25T01:00Z', 'daily', 'Europe/Lisbon', { overlap: 'both' }, executionTime);
  expect(from('2026-10-25T00:30:00Z')).toEqual(['2026-10-25T00:30Z', '2026-10-25T01:30Z']);
  expect(from('2026-10-25T01:30:00Z')).toEqual(['2026-10-25T01:30Z']);
});
