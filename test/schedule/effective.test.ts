import { describe, expect, test } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { dueUntil, effectiveTime, nextFire, parseSchedule, type Schedule } from '../../src/schedule/index.js';
import { at } from './support/schedules.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function scheduleOf(frequency: string, putOff: { jitterMs?: number; spreadMs?: number }): Schedule {
  const parsed = parseSchedule({ jobType: 'recurring', frequency, ...putOff });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.schedule;
}

const midnight = at('2027-03-01T00:00Z');

describe('ten thousand jobs that all name midnight', () => {
  // As they are made: one after the other, ids nearly alike.
  const ids = Array.from({ length: 10_000 }, (_, n) => uuidv7({ msecs: 1_800_000_000_000 + n, seq: n }));

  test('with a spread of a minute begin in all of its seconds, and in none too many', () => {
    const schedule = scheduleOf('@daily', { spreadMs: MINUTE });
    const perSecond = Array.from({ length: 60 }, () => 0);
    for (const id of ids) {
      const second = Math.floor((effectiveTime(schedule, midnight, id) - midnight) / SECOND);
      perSecond[second] = (perSecond[second] ?? 0) + 1;
    }
    // 167 on average; chance alone strays by some 13.
    expect(perSecond).toHaveLength(60);
    expect(Math.min(...perSecond)).toBeGreaterThan(167 - 80);
    expect(Math.max(...perSecond)).toBeLessThan(167 + 80);
  });

  test('without it begin together', () => {
    const schedule = scheduleOf('@daily', {});
    expect(new Set(ids.map((id) => effectiveTime(schedule, midnight, id)))).toEqual(new Set([midnight]));
  });
});

describe('the effective time of a fire', () => {
  test('with a spread is the same part later for each fire of a job, and another one for another job', () => {
    const schedule = scheduleOf('@daily', { spreadMs: HOUR });
    const offsets = (id: string) =>
      [0, 1, 2, 30].map((day) => effectiveTime(schedule, midnight + day * 24 * HOUR, id) - midnight - day * 24 * HOUR);
    expect(new Set(offsets('a')).size).toBe(1);
    expect(offsets('a')[0]).toBeLessThan(HOUR);
    expect(offsets('a')).not.toEqual(offsets('b'));
  });

  test('with jitter is another part later for each fire, the same whenever it is asked for', () => {
    const schedule = scheduleOf('@hourly', { jitterMs: 10 * MINUTE });
    const offsets = Array.from({ length: 50 }, (_, hour) => {
      const fire = midnight + hour * HOUR;
      return effectiveTime(schedule, fire, 'a') - fire;
    });
    expect(new Set(offsets).size).toBeGreaterThan(45);
    expect(Math.max(...offsets)).toBeLessThan(10 * MINUTE);
    expect(effectiveTime(schedule, midnight, 'a')).toBe(effectiveTime(schedule, midnight, 'a'));
  });

  test('is before the next fire, however long spread and jitter are', () => {
    const schedule = scheduleOf('*/5 * * * *', { spreadMs: HOUR, jitterMs: HOUR });
    for (let fire: number | null = midnight, n = 0; fire !== null && n < 200; n += 1) {
      const next: number | null = nextFire(schedule, fire);
      expect(effectiveTime(schedule, fire, `job ${n}`)).toBeLessThan(next ?? Infinity);
      fire = next;
    }
  });
});

test('no effective time is beyond the year 9999', () => {
  const last = Date.UTC(9999, 11, 31, 23);
  const schedule = scheduleOf('0 23 31 12 *', { spreadMs: 24 * HOUR, jitterMs: 24 * HOUR });
  for (const id of ['a', 'b', 'c', 'd']) expect(effectiveTime(schedule, last, id)).toBeLessThan(Date.UTC(10_000, 0, 1));
});

test('a fire that is still put off is not due, and the ones before it are', () => {
  const schedule = scheduleOf('@daily', { spreadMs: HOUR });
  const effective = effectiveTime(schedule, midnight, 'a');
  expect(dueUntil(schedule, effective - 1, 'a')).toBe(midnight - 1);
  expect(dueUntil(schedule, effective, 'a')).toBe(effective);
});
