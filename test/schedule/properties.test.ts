/** What holds for every schedule, on random ones around the changes of the clock (fast-check, with fixed seeds). */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  countFires,
  dueUntil,
  effectiveTime,
  firesBetween,
  lastFire,
  nextFire,
  type Schedule,
} from '../../src/schedule/index.js';
import { anyFrequency, anySample, anyWindow, scheduleOf, type Sample } from './support/arbitrary.js';
import { at, recurring } from './support/schedules.js';

const MANY = 400;

type Stretch = Pick<Sample, 'schedule' | 'after' | 'until'>;

const walk = ({ schedule, after, until }: Stretch): number[] => firesBetween(schedule, after, until, MANY);

/** Runs a check on 120 samples; a failure names the smallest sample it was found on, and the seed. */
function holds<T>(seed: number, extra: fc.Arbitrary<T>, check: (sample: Sample, extra: T) => void): void {
  fc.assert(fc.property(anySample, extra, check), { seed, numRuns: 120 });
}

/** A part of a whole, for a point in a window or in a list of fires. */
const fraction = fc.double({ min: 0, max: 0.999, noNaN: true });
const nothing = fc.constant(null);

describe('for schedules of every kind, with every choice on daylight saving time', () => {
  test('fires are strictly increasing and lie in the window', () => {
    let seen = 0;
    holds(1, nothing, (sample) => {
      const fires = walk(sample);
      seen += fires.length;
      expect(fires.every((fire, n) => fire > (fires[n - 1] ?? sample.after))).toBe(true);
      expect(fires.at(-1) ?? -Infinity).toBeLessThanOrEqual(sample.until);
    });
    expect(seen).toBeGreaterThan(1_500); // the samples are worth something
  });

  test('a window split at any instant has the same fires', () => {
    holds(2, fraction, (sample, part) => {
      const middle = sample.after + Math.floor(part * (sample.until - sample.after));
      const halves = [...walk({ ...sample, until: middle }), ...walk({ ...sample, after: middle })];
      expect(halves.slice(0, MANY)).toEqual(walk(sample));
    });
  });

  test('a window split at a fire has the same fires', () => {
    holds(3, fraction, (sample, part) => {
      const fires = walk(sample);
      const cut = Math.floor(part * fires.length);
      const middle = fires[cut];
      if (middle === undefined || fires.length === MANY) return;
      expect(walk({ ...sample, until: middle })).toEqual(fires.slice(0, cut + 1));
      expect(walk({ ...sample, after: middle })).toEqual(fires.slice(cut + 1));
    });
  });

  test('the next fire is the same from every instant since the one before', () => {
    holds(4, fraction, ({ schedule, after }, part) => {
      const first = nextFire(schedule, after);
      const second = first === null ? null : nextFire(schedule, first);
      if (first === null || second === null) return;
      for (const from of [first + Math.floor(part * (second - first)), second - 1]) {
        expect(nextFire(schedule, from)).toBe(second);
      }
    });
  });

  test('walked backwards the fires are the same', () => {
    holds(5, nothing, (sample) => {
      const fires = walk(sample);
      if (fires.length === MANY) return;
      const found: (number | null)[] = [];
      for (let until = sample.until; found.length < 20;) {
        const fire = lastFire(sample.schedule, sample.after, until);
        found.unshift(fire);
        if (fire === null) break;
        until = fire - 1;
      }
      expect(found).toEqual([null, ...fires].slice(-20));
    });
  });

  test('the count is the length of the walk, up to the cap', () => {
    holds(6, fraction, (sample, part) => {
      const { length } = walk(sample);
      expect(countFires(sample.schedule, sample.after, sample.until, MANY)).toBe(length);
      const cap = Math.floor(part * length);
      expect(countFires(sample.schedule, sample.after, sample.until, cap)).toBe(cap);
    });
  });

  test('a schedule that went through JSON fires the same', () => {
    holds(7, nothing, (sample) => {
      const copy = JSON.parse(JSON.stringify(sample.schedule)) as Sample['schedule'];
      expect(copy).toEqual(JSON.parse(JSON.stringify(copy)));
      expect(walk({ ...sample, schedule: copy })).toEqual(walk(sample));
    });
  });
});

describe('how schedules are put together', () => {
  const options = { numRuns: 60 };

  test('a list of expressions fires when any of them does, and once when several do', () => {
    const lists = fc.array(anyFrequency, { minLength: 2, maxLength: 3 });
    const property = fc.property(lists, anyWindow, (frequencies, window) => {
      const union = walk({ ...window, schedule: scheduleOf({ ...window, frequency: frequencies }) });
      const each = frequencies.flatMap((frequency) =>
        walk({ ...window, schedule: scheduleOf({ ...window, frequency }) }),
      );
      const expected = [...new Set(each)].toSorted((a, b) => a - b);
      expect(union).toEqual(expected.slice(0, MANY));
    });
    fc.assert(property, { seed: 11, ...options });
  });

  test('startAt and endAt cut the fires and move none', () => {
    const property = fc.property(anyFrequency, anyWindow, fraction, fraction, (frequency, window, one, other) => {
      const part = (share: number) => window.after + Math.floor(share * (window.until - window.after));
      const [start = 0, end = 0] = [part(one), part(other)].toSorted((a, b) => a - b);
      const whole = scheduleOf({ ...window, frequency });
      const cut = { ...whole, startAt: Math.max(start, whole.startAt ?? 0), endAt: end };
      const expected = walk({ ...window, schedule: whole }).filter((fire) => fire >= start && fire <= end);
      expect(walk({ ...window, schedule: cut }).slice(0, expected.length)).toEqual(expected);
      expect(lastFire(cut, window.after, window.until)).toBe(lastFire(whole, start - 1, end));
      expect(countFires(cut, window.after, window.until, 9e9)).toBe(countFires(whole, start - 1, end, 9e9));
    });
    fc.assert(property, { seed: 12, ...options });
  });

  test('runs that are put off keep their order, and begin before the next fire', () => {
    const lengths = fc.record({ jitterMs: fc.nat(7_200_000), spreadMs: fc.nat(7_200_000) });
    const property = fc.property(anySample, lengths, fc.string(), (sample, delays, seed) => {
      const schedule = { ...sample.schedule, ...delays };
      const fires = firesBetween(schedule, sample.after, sample.until, 40);
      const begins = fires.map((fire) => effectiveTime(schedule, fire, seed));
      for (const [n, fire] of fires.entries()) {
        const begin = begins[n] ?? NaN;
        expect(begin).toBeGreaterThanOrEqual(fire);
        expect(begin).toBeLessThanOrEqual(fire + delays.jitterMs + delays.spreadMs);
        expect(begin).toBeLessThan(fires[n + 1] ?? Infinity);
        // A fire is due from its effective time on, and not a millisecond before.
        expect(dueUntil(schedule, begin, seed)).toBeGreaterThanOrEqual(fire);
        expect(dueUntil(schedule, begin - 1, seed)).toBe(fire - 1);
      }
    });
    fc.assert(property, { seed: 13, ...options });
  });
});

describe('a stretch of years', () => {
  const [after, until] = [at('2000-01-01T00:00Z'), at('2100-01-01T00:00Z')];

  test('of a job of every second is counted exactly, DST included', () => {
    const everySecond = recurring('* * * * * *', 'Europe/Lisbon');
    expect(countFires(everySecond, after, until, Infinity)).toBe((until - after) / 1_000);
    expect(lastFire(everySecond, after, until - 1)).toBe(until - 1_000);
  });

  test('of a daily job is as many as its days', () => {
    for (const frequency of ['30 2 * * *', 'daily']) {
      expect(
        countFires(recurring(frequency, 'Europe/Paris', '2001-01-01T02:30'), 0, at('2011-01-01T00:00Z'), 9e9),
      ).toBe(3_652);
    }
  });
});

describe('at the edges', () => {
  const schedules = ['daily', 'every 7 seconds', '0 0 1 1 *', '* * * * * *'].map((frequency) => recurring(frequency));

  test('there is no fire before 1970 or after 9999', () => {
    for (const schedule of schedules) {
      expect(nextFire(schedule, -Infinity)).toBeGreaterThanOrEqual(0);
      expect(nextFire(schedule, Infinity)).toBeNull();
      expect(nextFire(schedule, Date.UTC(9999, 11, 31, 23, 59, 59, 999))).toBeNull();
      expect(lastFire(schedule, -Infinity, Infinity)).toBeLessThan(Date.UTC(10_000, 0, 1));
    }
  });

  test('an empty window holds nothing', () => {
    for (const schedule of schedules) {
      const noon = at('2026-01-01T00:00Z');
      expect(firesBetween(schedule, noon, noon, 10)).toEqual([]);
      expect(firesBetween(schedule, noon, noon - 3_600_000, 10)).toEqual([]);
      expect(firesBetween(schedule, 0, noon, 0)).toEqual([]);
      expect(countFires(schedule, noon, noon - 3_600_000, 10)).toBe(0);
      expect(lastFire(schedule, noon, noon)).toBeNull();
    }
  });

  test('an instant that is no number is an error, not a loop', () => {
    for (const schedule of schedules) {
      expect(() => nextFire(schedule, NaN)).toThrow(RangeError);
      expect(() => firesBetween(schedule, 0, NaN, 1)).toThrow(RangeError);
      expect(() => countFires(schedule, NaN, 0, 1)).toThrow(RangeError);
      expect(() => lastFire(schedule, 0, NaN)).toThrow(RangeError);
    }
  });

  test('a one-time schedule fires once', () => {
    const once: Schedule = { kind: 'once', at: 5_000, timeZone: 'UTC' };
    expect(firesBetween(once, 0, 9_000, 10)).toEqual([5_000]);
    expect(nextFire(once, 4_999)).toBe(5_000);
    expect(nextFire(once, 5_000)).toBeNull();
    expect([countFires(once, 0, 5_000, 9), countFires(once, 5_000, 9_000, 9)]).toEqual([1, 0]);
    expect([lastFire(once, 0, 5_000), lastFire(once, 0, 4_999)]).toEqual([5_000, null]);
  });
});
