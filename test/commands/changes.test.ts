import { describe, expect, test } from '@jest/globals';
import { decideCancel } from '../../src/commands/cancel-job.js';
import { decideNewCalendars } from '../../src/commands/new-calendars.js';
import { decideResume } from '../../src/commands/resume-job.js';
import { decideRetry } from '../../src/commands/retry-run.js';
import { decideUpdate } from '../../src/commands/update-job.js';
import { readCalendar } from '../../src/schedule/index.js';
import type { CalendarRecord, JobRecord } from '../../src/store/job-record.js';
import { testHandler } from '../support/handlers.js';
import { fire, HOUR, job, MINUTE, NINE } from './support.js';
import { testVault } from '../support/encryption.js';

/** What changes of a job do to its ledger, at moments that are hard to meet in time. Its fires are at full hours. */

const definitions = new Map([['log', testHandler('log').definition]]);
const update = (record: JobRecord, input: Parameters<typeof decideUpdate>[2], now: number) =>
  decideUpdate({ vault: testVault, definitions }, record, input, [], now);
const rows = ({ skips = [] }: { skips?: { fireAt: number; outcome: string }[] }) =>
  skips.map(({ fireAt, outcome }) => [(fireAt - NINE) / HOUR, outcome]);
const spent = { maxRuns: 1, scheduleRunCount: 1, next: null } as const;

describe('while the last run that maxRuns allows is under way', () => {
  const now = NINE + 3.5 * HOUR;

  test('a cancel tells of no fires after it, and of those of its twin that has runs left', () => {
    expect(rows(decideCancel(job(spent), now) ?? {})).toEqual([]);
    expect(rows(decideCancel(job(), now) ?? {})).toHaveLength(3);
  });

  test('nor does an update that raises it', () => {
    expect(rows(update(job(spent), { maxRuns: 5 }, now))).toEqual([]);
    expect(rows(update(job({ maxRuns: 2 }), { maxRuns: 5 }, now))).toHaveLength(3);
  });
});

describe('a resume', () => {
  const paused = job({ ...spent, status: 'paused', runningRuns: 0 });

  test('completes a job that has nothing left to run', () => {
    expect(decideResume(paused, {}, NINE + HOUR, false).change.status).toBe('completed');
  });

  test('does not end one whose runs wait', () => {
    expect(decideResume(paused, {}, NINE + HOUR, true).change.status).toBe('pending');
  });
});

describe('a retry of a run by hand of a one-time job', () => {
  const run = {
    outcome: 'failed',
    scheduledFor: NINE - HOUR,
    fireCount: 1,
    payload: undefined,
    upstream: null,
    runId: 'run',
    origin: 'manual',
    hasOpenRuns: false,
  } as const;
  const once = job({ type: 'one-time', frequency: null, executionTime: NINE, status: 'pending', runningRuns: 0 });

  test('is a conflict once its only run has begun: the job ends with that', () => {
    const begun = { ...once, status: 'running', runningRuns: 1, next: null, lastRunId: 'first' } as const;
    expect(() => decideRetry(begun, run, 'retry')).toThrow(expect.objectContaining({ code: 'conflict' }));
  });

  test('is a conflict once the job has failed: its own run is what a retry takes up again', () => {
    const failed = { ...once, status: 'failed', next: null } as const;
    expect(() => decideRetry(failed, run, 'retry')).toThrow('this one was beside it');
    expect(() => decideRetry(failed, { ...run, origin: 'schedule', hasOpenRuns: true }, 'retry')).toThrow('not ended');
    expect(decideRetry(failed, { ...run, origin: 'schedule' }, 'retry').status).toBe('pending');
  });

  test('runs before that', () => {
    expect(decideRetry({ ...once, next: fire(NINE) }, run, 'retry').newRuns).toHaveLength(1);
  });
});

describe('a fire that is put off, and has not begun', () => {
  const jittered = { frequency: '0 * * * *', schedule: { jitterMs: HOUR }, status: 'pending', runningRuns: 0 } as const;
  const waiting = job({ ...jittered, next: { fireAt: NINE + HOUR, runAt: NINE + 2 * HOUR - 1 } });
  const now = NINE + HOUR + 1;

  test('is kept by an update whose schedule names it, too', () => {
    const change = update(waiting, { endAt: '2027-03-02T00:00:00Z' }, now);
    expect(rows(change)).toEqual([]);
    expect(change.set).toMatchObject({ settledUntil: NINE + HOUR - 1, next: { fireAt: NINE + HOUR } });
  });

  test('has a row when the new schedule does not name it', () => {
    const change = update(waiting, { frequency: '30 * * * *' }, now);
    expect(rows(change)).toEqual([[1, 'missed']]);
    expect(change.set).toMatchObject({ settledUntil: now, next: { fireAt: NINE + 1.5 * HOUR } });
  });

  test('has a row when it is put off no more', () => {
    expect(rows(update(waiting, { jitter: null }, now))).toEqual([[1, 'missed']]);
  });
});

describe('a calendar that is changed', () => {
  const calendar = (...dates: string[]): CalendarRecord => {
    const read = readCalendar({ dates });
    if (!read.ok) throw new Error('not a calendar');
    return { id: '01900000-0000-7000-8000-000000000002', name: 'holidays', days: read.value };
  };
  const pending = job({
    status: 'pending',
    runningRuns: 0,
    frequency: '0 * * * *',
    calendars: [calendar('2027-12-25')],
    settledUntil: NINE,
  });

  test('leaves a fire due that is due, when it is about another day', () => {
    const change = decideNewCalendars(pending, [calendar('2027-12-24')], NINE + HOUR + 1);
    expect(rows(change)).toEqual([]);
    expect(change.set).toMatchObject({ settledUntil: NINE + HOUR - 1, next: fire(NINE + HOUR) });
  });

  test('leaves all fires due that a resume asked for', () => {
    const change = decideNewCalendars(
      { ...pending, catchUpUntil: NINE + 3 * HOUR },
      [calendar('2027-12-24')],
      NINE + 4 * HOUR,
    );
    expect(rows(change)).toEqual([]);
    expect(change.set).not.toHaveProperty('catchUpUntil');
  });

  test('takes away the fires of its days, though they are due, and no others', () => {
    const midnight = Date.parse('2027-03-02T00:00:00Z');
    const change = decideNewCalendars(pending, [calendar('2027-03-01')], midnight + 2 * HOUR + MINUTE);
    expect(rows(change)).toEqual(Array.from({ length: 14 }, (_, index) => [index + 1, 'skipped_excluded']));
    expect(change.set).toMatchObject({ next: fire(midnight) });
  });

  test('does not run what it gives back of the past', () => {
    const excluded = {
      ...pending,
      calendars: [calendar('2027-03-01')],
      next: fire(Date.parse('2027-03-02T00:00:00Z')),
    };
    const change = decideNewCalendars(excluded, [calendar('2027-12-25')], NINE + 3 * HOUR + 1);
    expect(change.set).toMatchObject({ next: fire(NINE + 4 * HOUR) });
  });
});
