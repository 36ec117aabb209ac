import { describe, expect, test } from '@jest/globals';
import { decideLate, whatFollows } from '../../src/commands/index.js';
import type { JobRecord } from '../../src/store/job-record.js';
import { fire, HOUR, job, MINUTE, NINE } from './support.js';

/** What becomes of fires that nothing could run in time, by the job's catch-up policy. The first fire is at nine. */

const SECOND = 1_000;
const DAY = 24 * HOUR;
const waiting = (given: Partial<JobRecord> = {}) =>
  job({
    status: 'pending',
    runningRuns: 0,
    runCount: 0,
    scheduleRunCount: 0,
    settledUntil: NINE - 1,
    next: fire(NINE),
    ...given,
  });
const everyMinute = { frequency: 'every 1 minute' };
const late = (given: Partial<JobRecord>, now: number) => decideLate(waiting(given), NINE, now);
const rows = ({ skips }: ReturnType<typeof decideLate>) =>
  skips.map(({ fireAt, count = 1, outcome }) => [(fireAt - NINE) / MINUTE, count, outcome]);

describe('catchUp none', () => {
  const none = { catchUp: { policy: 'none', windowMs: HOUR } } as const;

  test('runs a fire that is up to a minute late, and misses it a millisecond later', () => {
    expect(late(none, NINE + MINUTE)).toMatchObject({ fire: fire(NINE), skips: [] });
    const missed = late(none, NINE + MINUTE + 1);
    expect(missed).toMatchObject({ fire: null, next: fire(NINE + HOUR) });
    expect(missed.skips).toEqual([
      expect.objectContaining({
        fireAt: NINE,
        outcome: 'missed',
        reason: 'Nothing could run it in time, and the job does not catch up.',
      }),
    ]);
  });

  test('after an outage runs the fire that has just come, and misses those before it', () => {
    const decision = late({ ...none, ...everyMinute }, NINE + 5 * MINUTE + SECOND);
    expect(decision.fire).toEqual(fire(NINE + 5 * MINUTE));
    expect(rows(decision)).toEqual([0, 1, 2, 3, 4].map((minute) => [minute, 1, 'missed']));
  });
});

describe('catchUp last', () => {
  test('runs the last fire of those within the window, however late it is', () => {
    const decision = late({}, NINE + 2 * HOUR + 59 * MINUTE);
    expect(decision.fire).toEqual(fire(NINE + 2 * HOUR));
    expect(decision.catchUpUntil).toBeUndefined();
  });

  test('misses a fire that is a millisecond past the window', () => {
    const daily = { frequency: 'every 1 day', executionTime: NINE };
    expect(late(daily, NINE + HOUR).fire).toEqual(fire(NINE));
    expect(late(daily, NINE + HOUR + 1).fire).toBeNull();
  });
});

describe('catchUp all', () => {
  const all = { catchUp: { policy: 'all', windowMs: HOUR } } as const;

  test('runs every fire within the window from its first on, and tells of the older ones in one row', () => {
    const decision = late({ ...all, ...everyMinute }, NINE + 3 * HOUR);
    expect(decision).toMatchObject({
      fire: fire(NINE + 2 * HOUR),
      next: fire(NINE + 2 * HOUR + MINUTE),
      catchUpUntil: NINE + 3 * HOUR,
    });
    expect(rows(decision)).toEqual([[0, 120, 'missed']]);
    expect(decision.skips[0]?.reason).toBe(
      'Nothing could run it within its catch-up window of 1 hour. (120 fires in one row)',
    );
  });

  test('runs at most a thousand, the newest ones', () => {
    const decision = late(
      { frequency: 'every 1 second', catchUp: { policy: 'all', windowMs: HOUR } },
      NINE + 30 * MINUTE,
    );
    expect(decision.fire).toEqual(fire(NINE + 30 * MINUTE - 999 * SECOND));
    expect(decision.skips.reduce((sum, skip) => sum + (skip.count ?? 1), 0)).toBe(1_801 - 1_000);
  });

  test('begins with the oldest, however few runs maxRuns leaves', () => {
    const decision = late({ ...all, ...everyMinute, maxRuns: 7, scheduleRunCount: 4 }, NINE + 30 * MINUTE);
    expect(decision.fire).toEqual(fire(NINE));
    expect(rows(decision)).toHaveLength(0);
  });
});

describe('catchUp all, with runs that take longer than the time between fires', () => {
  test('ends with what was due when it began, and what came due meanwhile is skipped', () => {
    let now = NINE + 3 * HOUR;
    let record = waiting({ catchUp: { policy: 'all', windowMs: 24 * HOUR } });
    const ran: number[] = [];
    const skipped: number[] = [];
    const hourOf = (fireAt: number) => (fireAt - NINE) / HOUR;
    for (let run = 1; run <= 6 && record.next; run++) {
      now = Math.max(now, record.next.runAt);
      const decision = decideLate(record, record.next.fireAt, now);
      if (!decision.fire) throw new Error('the fire does not run');
      const { fireAt } = decision.fire;
      ran.push(hourOf(fireAt));
      const { next, catchUpUntil = record.catchUpUntil } = decision;
      const begun = { ...record, status: 'running', settledUntil: fireAt, next, catchUpUntil } as const;
      now += 1.5 * HOUR;
      const end = { outcome: 'completed', trigger: 'schedule', othersAreOpen: false, buffered: 0 } as const;
      const following = whatFollows(begun, end, now);
      skipped.push(...following.skips.map((skip) => hourOf(skip.fireAt)));
      const settledUntil = Math.max(fireAt, ...following.skips.map((skip) => skip.fireAt));
      record = { ...begun, status: 'pending', next: following.next, settledUntil };
    }
    expect(ran.slice(0, 4)).toEqual([0, 1, 2, 3]);
    // Four runs took six hours; from then on each second fire is on time.
    expect(ran.slice(4)).toEqual([10, 12]);
    expect(skipped).toEqual([4, 5, 6, 7, 8, 9, 11, 13]);
  });
});

describe('a job that wants each of its fires', () => {
  const often = { frequency: 'every 20 seconds' };

  test.each(['allow_all', 'buffer_all'] as const)('%s: loses none that is up to a minute late', (overlap) => {
    for (const policy of ['none', 'last'] as const) {
      const wanted = { ...often, overlap, catchUp: { policy, windowMs: HOUR } };
      expect(late(wanted, NINE + MINUTE)).toMatchObject({
        fire: fire(NINE),
        next: fire(NINE + 20 * SECOND),
        skips: [],
      });
      const afterAnOutage = late(wanted, NINE + 10 * MINUTE);
      expect(afterAnOutage.fire).toEqual(fire(NINE + 9 * MINUTE));
      expect(afterAnOutage.skips.reduce((sum, skip) => sum + (skip.count ?? 1), 0)).toBe(27);
    }
  });

  test('skip, their twin, runs the last one', () => {
    expect(late({ ...often, overlap: 'skip' }, NINE + MINUTE).fire).toEqual(fire(NINE + MINUTE));
  });
});

describe('the work of an outage is bounded', () => {
  test.each(['none', 'last', 'all'] as const)('%s: a job of every second that nothing ran for a year', (policy) => {
    const began = performance.now();
    const decision = late({ frequency: 'every 1 second', catchUp: { policy, windowMs: 365 * DAY } }, NINE + 365 * DAY);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(decision.skips.length).toBeLessThanOrEqual(1_001);
    expect(decision.fire).not.toBeNull();
  });

  test('each missed fire within the window has a row, up to a thousand; more are one row', () => {
    expect(late({ ...everyMinute }, NINE + 59 * MINUTE).skips).toHaveLength(59);
    const day = { ...everyMinute, catchUp: { policy: 'last', windowMs: 2 * DAY } } as const;
    expect(late(day, NINE + DAY).skips).toHaveLength(1);
  });
});
