import { describe, expect, test } from '@jest/globals';
import { countFires, firesBetween, lastFire, nextFire, type Schedule } from '../../src/schedule/index.js';
import { random, randomCron, type Random } from './support/random.js';
import { at, recurring } from './support/schedules.js';
import { changes } from './support/zones.js';

const HOUR = 3_600_000;
const CASES = 120;
const MANY = 3_000;

interface Case {
  name: string;
  schedule: Schedule;
  after: number;
  until: number;
}

/** A schedule of any kind in a zone, and a window of up to ten days around a change of that zone's clock. */
function anyCase(source: Random): Case {
  const { zone, instant } = source.pick(changes);
  const change = at(instant);
  const start = new Date(change - source.integer(0, 2_000 * HOUR)).toISOString();
  const amount = source.integer(1, 40);
  const [frequency, anchor] = source.pick<() => [string, (string | undefined)?]>([
    () => [randomCron(source)],
    () => [randomCron(source)],
    () => [`${source.integer(0, 59)} ${randomCron(source)}`, start],
    () => [source.pick(['hourly', 'daily', 'weekdays', 'weekly'])],
    () => [source.pick(['hourly', 'daily', 'weekdays', 'weekly', 'monthly', 'quarterly', 'yearly']), start],
    () => [`every ${amount} ${source.pick(['minutes', 'hours', 'days'])}`, source.pick([undefined, start])],
    () => [`P${source.integer(0, 2)}DT${amount}H`, start],
  ])();
  const after = change - source.integer(0, 120 * HOUR);
  const until = change + source.integer(0, 120 * HOUR);
  const schedule = recurring(frequency, zone, anchor);
  return { name: `${frequency} from ${anchor} in ${zone}, ${after} to ${until}`, schedule, after, until };
}

/** Runs a check on many seeded cases; a failure names its case. */
function forMany(seed: number, check: (sample: Case, source: Random) => void): void {
  const source = random(seed);
  for (let n = 0; n < CASES; n += 1) {
    const sample = anyCase(source);
    try {
      check(sample, source);
    } catch (cause) {
      throw new Error(sample.name, { cause });
    }
  }
}

const walk = ({ schedule, after, until }: Case): number[] => firesBetween(schedule, after, until, MANY);

describe('for schedules of every kind, around changes of the clock', () => {
  test('fires are strictly increasing and lie in the window', () => {
    let seen = 0;
    forMany(1, (sample) => {
      const fires = walk(sample);
      seen += fires.length;
      for (const [n, fire] of fires.entries()) expect(fire).toBeGreaterThan(fires[n - 1] ?? sample.after);
      expect(fires.at(-1) ?? -Infinity).toBeLessThanOrEqual(sample.until);
    });
    expect(seen).toBeGreaterThan(CASES * 10); // the cases are worth something
  });

  test('a window split at any instant has the same fires', () => {
    forMany(2, (sample, source) => {
      const middle = source.integer(sample.after, sample.until);
      const left = walk({ ...sample, until: middle });
      const right = walk({ ...sample, after: middle });
      expect([...left, ...right].slice(0, MANY)).toEqual(walk(sample));
    });
  });

  test('a window split at a fire has the same fires', () => {
    forMany(3, (sample, source) => {
      const fires = walk(sample);
      if (fires.length === 0) return;
      const cut = source.integer(0, fires.length - 1);
      const middle = fires[cut] ?? NaN;
      expect(walk({ ...sample, until: middle })).toEqual(fires.slice(0, cut + 1));
      expect(walk({ ...sample, after: middle })).toEqual(firesBetween(sample.schedule, middle, sample.until, MANY));
    });
  });

  test('the next fire is the same from every instant since the one before', () => {
    forMany(4, ({ schedule, after }, source) => {
      const first = nextFire(schedule, after);
      if (first === null) return;
      const second = nextFire(schedule, first);
      if (second === null) return;
      for (const from of [first, source.integer(first, second - 1), second - 1]) {
        expect(nextFire(schedule, from)).toBe(second);
      }
    });
  });

  test('the last fire is the end of the walk', () => {
    forMany(5, (sample) => {
      const fires = walk(sample);
      if (fires.length === MANY) return;
      expect(lastFire(sample.schedule, sample.after, sample.until)).toBe(fires.at(-1) ?? null);
    });
  });

  test('the count is the length of the walk, up to the cap', () => {
    forMany(6, (sample, source) => {
      const length = walk(sample).length;
      expect(countFires(sample.schedule, sample.after, sample.until, MANY)).toBe(length);
      const cap = source.integer(0, length);
      expect(countFires(sample.schedule, sample.after, sample.until, cap)).toBe(cap);
    });
  });

  test('a schedule that went through JSON fires the same', () => {
    forMany(7, (sample) => {
      const copy = JSON.parse(JSON.stringify(sample.schedule)) as Schedule;
      expect(copy).toEqual(sample.schedule);
      expect(walk({ ...sample, schedule: copy })).toEqual(walk(sample));
    });
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
      expect(firesBetween(schedule, noon, noon - HOUR, 10)).toEqual([]);
      expect(firesBetween(schedule, 0, noon, 0)).toEqual([]);
      expect(countFires(schedule, noon, noon - HOUR, 10)).toBe(0);
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
