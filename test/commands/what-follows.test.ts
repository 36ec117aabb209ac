import { describe, expect, test } from '@jest/globals';
import { decideLate, whatFollows } from '../../src/commands/index.js';
import type { RunTrigger } from '../../src/domain/run.js';
import type { JobRecord } from '../../src/store/job-record.js';
import { fire, HOUR, job, MINUTE, NINE } from './support.js';

const ended = (outcome: 'completed' | 'failed' | 'timed_out', isManual: boolean, othersAreOpen = false) => ({
  outcome,
  trigger: isManual ? ('manual' as const) : ('schedule' as const),
  othersAreOpen,
  buffered: 0,
});
const once = { type: 'one-time', frequency: null, executionTime: NINE, next: null } as const;

describe('the end of a run', () => {
  test('of a one-time job ends the job as the run ended', () => {
    expect(whatFollows(job(once), ended('completed', false), NINE).move).toBe('succeed');
    expect(whatFollows(job(once), ended('failed', false), NINE).move).toBe('fail');
    expect(whatFollows(job(once), ended('timed_out', false), NINE).move).toBe('fail');
  });

  describe('that is a retry', () => {
    const retry = (origin: RunTrigger, othersAreOpen = false) =>
      ({ outcome: 'completed', trigger: 'retry', origin, othersAreOpen, buffered: 0 }) as const;
    const moveOf = (given: Partial<JobRecord>, run: ReturnType<typeof retry>) =>
      whatFollows(job({ ...once, ...given }), run, NINE).move;

    test('of the only run of a one-time job ends the job anew', () => {
      expect(moveOf({}, retry('schedule'))).toBe('succeed');
      // What it did first is no more in the ledger.
      expect(moveOf({}, retry('retry'))).toBe('succeed');
    });

    test('of a run by hand, or beside a fire that is yet to come or waits, leaves the job to its own run', () => {
      expect(moveOf({}, retry('manual', true))).toBe('settle');
      expect(moveOf({ next: fire(NINE + HOUR) }, retry('schedule'))).toBe('settle');
      expect(moveOf({}, retry('schedule', true))).toBe('settle');
    });

    test('of the run of a job that follows others ends it, whatever waits beside it', () => {
      const chained = { executionTime: null, after: { jobs: [] } };
      expect(moveOf(chained, retry('chain', true))).toBe('succeed');
      expect(moveOf(chained, retry('manual'))).toBe('settle');
    });
  });

  test('of a recurring job leads to the next fire, whatever its outcome', () => {
    for (const outcome of ['completed', 'failed', 'timed_out'] as const) {
      const following = whatFollows(job(), ended(outcome, false), NINE + MINUTE);
      expect(following).toEqual({ move: 'settle', next: fire(NINE + HOUR), skips: [], buffered: [] });
    }
  });

  test('that took longer than the time to the next fires writes those as skipped', () => {
    const following = whatFollows(job(), ended('completed', false), NINE + 2 * HOUR + MINUTE);
    expect(following.skips.map((skip) => [skip.fireAt, skip.outcome])).toEqual([
      [NINE + HOUR, 'skipped_overlap'],
      [NINE + 2 * HOUR, 'skipped_overlap'],
    ]);
    expect(following.next).toEqual(fire(NINE + 3 * HOUR));
  });

  test('that overlapped more than a hundred fires writes one row for all of them', () => {
    const following = whatFollows(job({ frequency: 'every second' }), ended('completed', false), NINE + HOUR);
    expect(following.skips).toEqual([
      expect.objectContaining({ fireAt: NINE + 1_000, until: NINE + HOUR, count: 3_600, outcome: 'skipped_overlap' }),
    ]);
  });

  test('does not skip the fires that a resume asked for', () => {
    const following = whatFollows(job({ catchUpUntil: NINE + 2 * HOUR }), ended('completed', false), NINE + 2.5 * HOUR);
    expect(following).toEqual({ move: 'settle', next: fire(NINE + HOUR), skips: [], buffered: [] });
  });

  test('of a run by hand leaves the schedule as it is, even when a fire came due meanwhile', () => {
    const following = whatFollows(job({ next: fire(NINE + HOUR) }), ended('completed', true), NINE + 2 * HOUR);
    expect(following).toEqual({ move: 'settle', next: fire(NINE + HOUR), skips: [], buffered: [] });
  });

  test('of the last fire does not end the job while a run by hand waits', () => {
    const last = job({ frequency: 'every 100 years', executionTime: NINE, next: null });
    const far = Date.parse('9998-01-01T00:00:00Z');
    const settled = { ...last, settledUntil: far };
    expect(whatFollows(settled, ended('completed', false), far).move).toBe('exhaust');
    expect(whatFollows(settled, ended('completed', false, true), far).move).toBe('settle');
  });

  test('of a job whose schedule is no longer understood ends the job as failed', () => {
    const broken = job({ frequency: 'whenever' });
    expect(whatFollows(broken, ended('completed', false), NINE)).toEqual({
      move: 'fail',
      next: null,
      skips: [],
      buffered: [],
    });
  });

  test('of a paused job leaves its fires to the end of the pause', () => {
    const following = whatFollows(job({ status: 'paused' }), ended('completed', false), NINE + 5 * HOUR);
    expect(following).toEqual({ move: 'settle', next: fire(NINE + HOUR), skips: [], buffered: [] });
  });
});

describe('a fire whose time has come', () => {
  const pending = job({ status: 'pending', runningRuns: 0, settledUntil: NINE - HOUR, next: fire(NINE) });

  test('runs, on time or a little late', () => {
    for (const now of [NINE, NINE + 59 * MINUTE]) {
      expect(decideLate(pending, NINE, now)).toEqual({ fire: fire(NINE), next: fire(NINE + HOUR), skips: [] });
    }
  });

  test('gives way to the last of several that are due together', () => {
    const late = decideLate(pending, NINE, NINE + 3 * HOUR + MINUTE);
    expect(late.fire).toEqual(fire(NINE + 3 * HOUR));
    expect(late.next).toEqual(fire(NINE + 4 * HOUR));
    // Of those that are past the window of an hour there is one row.
    expect(late.skips).toEqual([
      expect.objectContaining({ fireAt: NINE, until: NINE + 2 * HOUR, count: 3, outcome: 'missed' }),
    ]);
  });

  test('is missed when even the last one is past its window', () => {
    const daily = { ...pending, frequency: '@daily' };
    const midnight = Date.parse('2027-03-01T00:00:00Z');
    const late = decideLate(daily, midnight, midnight + 90 * MINUTE);
    expect(late.fire).toBeNull();
    expect(late.next).toEqual(fire(midnight + 24 * HOUR));
    expect(late.skips).toEqual([expect.objectContaining({ fireAt: midnight, outcome: 'missed' })]);
  });

  test('of a one-time job is missed after its window, and nothing follows', () => {
    const late = decideLate(job({ ...once, status: 'pending', next: fire(NINE) }), NINE, NINE + 2 * HOUR);
    expect(late).toMatchObject({ fire: null, next: null, skips: [{ fireAt: NINE, outcome: 'missed' }] });
  });

  test('of a one-time job that was past when it was submitted runs however long it waits', () => {
    const late = job({ ...once, status: 'pending', next: fire(NINE), createdAt: NINE + 59 * MINUTE });
    expect(decideLate(late, NINE, NINE + 2 * HOUR)).toMatchObject({ fire: fire(NINE), skips: [] });
  });

  test('runs however late it is when a resume asked for it', () => {
    const resumed = { ...pending, catchUpUntil: NINE + 5 * HOUR };
    expect(decideLate(resumed, NINE, NINE + 5 * HOUR)).toEqual({
      fire: fire(NINE),
      next: fire(NINE + HOUR),
      skips: [],
    });
  });
});
