import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { gate, testHandler, type Gate } from '../support/handlers.js';
import { HOUR, hourlyJob, type RecurringJob } from '../support/recurring-job.js';
import type { Scheduler } from '../support/scheduler.js';
import { eventually } from '../support/eventually.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

let time: TimeTravel;
let scheduler: Scheduler;
let door: Gate | undefined;
const work = testHandler('work', async ({ signal }) => {
  await door?.wait(signal);
});

beforeAll(async () => {
  time = await timeTravel({ handlers: [work], places: 50 });
  scheduler = time.scheduler;
});
afterAll(() => time?.close());
beforeEach(() => {
  door = undefined;
});

const iso = (instant: number) => new Date(instant).toISOString();

/** A job that is paused at once for `hours` fires, which it skips; the next one is to come. */
async function afterAPause(hours: number): Promise<RecurringJob> {
  const job = await hourlyJob(time);
  await scheduler.pause(job.jobId);
  await time.passes(`${hours} hours`);
  await scheduler.resume(job.jobId);
  return job;
}

describe('a backfill', () => {
  test('runs the fires that were skipped and those from before the job, oldest first, and no other', async () => {
    const job = await afterAPause(3);
    expect(await job.ledger()).toEqual(['1 skipped_paused', '2 skipped_paused', '3 skipped_paused']);
    const filled = await scheduler.backfill(job.jobId, { from: job.hour(-1), to: job.hour(2) });
    expect(filled).toEqual({ count: 4, alreadyRan: 0 });
    await job.ledgerBecomes([...[-1, 0, 1, 2].map((at) => `${at} completed by backfill`), '3 skipped_paused']);
    expect(job.ranBy(work)).toEqual([-1, 0, 1, 2]);
    expect(await scheduler.job(job.jobId)).toMatchObject({ runCount: 4, scheduleRunCount: 0, status: 'pending' });
    await job.end();
  });

  test('gets its turn between the fires of a job that always has one near', async () => {
    const submitted = { jobName: 'often', jobType: 'recurring', frequency: 'every second', handler: 'work' } as const;
    const jobId = await scheduler.submit(submitted);
    const to = Math.floor((await time.now()) / 1_000) * 1_000 - 60_000;
    const filled = await scheduler.backfill(jobId, { from: iso(to - 4_000), to: iso(to) });
    expect(filled.count).toBe(5);
    await time.passes('60 seconds');
    const rows = await scheduler.ledger(jobId);
    expect(rows.filter((row) => row.trigger === 'backfill').map((row) => row.outcome)).toEqual(
      Array.from({ length: 5 }, () => 'completed'),
    );
    await scheduler.cancel(jobId);
  });

  test('that is dry only counts', async () => {
    const job = await afterAPause(3);
    const before = [await scheduler.job(job.jobId), await job.rows()];
    const range = { from: job.hour(-1), to: job.hour(2) };
    expect(await scheduler.backfill(job.jobId, { ...range, dryRun: true })).toEqual({ count: 4, alreadyRan: 0 });
    expect([await scheduler.job(job.jobId), await job.rows()]).toEqual(before);
    await job.end();
  });

  test('that is asked for twice runs nothing twice, neither before nor after the first has run', async () => {
    const job = await afterAPause(3);
    const range = { from: job.hour(1), to: job.hour(3) };
    await scheduler.pause(job.jobId);
    await scheduler.backfill(job.jobId, range);
    expect(await scheduler.backfill(job.jobId, range)).toEqual({ count: 0, alreadyRan: 3 });
    await scheduler.resume(job.jobId);
    await job.ledgerBecomes([1, 2, 3].map((at) => `${at} completed by backfill`));
    expect(await scheduler.backfill(job.jobId, range)).toEqual({ count: 0, alreadyRan: 3 });
    expect(job.ranBy(work)).toEqual([1, 2, 3]);
    await job.end();
  });

  test('does not run what ran on schedule, nor the fire that the job waits for', async () => {
    const job = await hourlyJob(time);
    await time.passes('2 hours');
    const filled = await scheduler.backfill(job.jobId, {
      from: job.hour(0),
      to: new Date(await time.now()).toISOString(),
    });
    expect(filled).toEqual({ count: 1, alreadyRan: 2 });
    await job.ledgerBecomes(['0 completed by backfill', '1 completed', '2 completed']);
    await job.end();
  });

  test('lets a fire that is due go before its runs that wait', async () => {
    const job = await afterAPause(3);
    await scheduler.pause(job.jobId);
    await scheduler.backfill(job.jobId, { from: job.hour(1), to: job.hour(3) });
    await time.passes('1 hours');
    await scheduler.resume(job.jobId, { catchUp: 'last' });
    await eventually(() => expect(job.ranBy(work)).toEqual([4, 1, 2, 3]));
    await job.end();
  });

  test('waits while the job is paused', async () => {
    const job = await afterAPause(2);
    await scheduler.pause(job.jobId);
    await scheduler.backfill(job.jobId, { from: job.hour(1), to: job.hour(2) });
    await time.passes('30 minutes');
    expect(await job.ledger()).toEqual(['1 waiting by backfill', '2 waiting by backfill']);
    await scheduler.resume(job.jobId);
    await eventually(() => expect(job.ranBy(work)).toEqual([1, 2]));
    await job.end();
  });

  test('is run by a resume though the schedule ended in the pause, and then the job is completed', async () => {
    const first = await hourlyJob(time);
    await scheduler.cancel(first.jobId);
    const job = await hourlyJob(time, { endAt: first.hour(3) });
    await scheduler.pause(job.jobId);
    await scheduler.backfill(job.jobId, { from: job.hour(-1), to: job.hour(0) });
    await time.passes('5 hours');
    await scheduler.resume(job.jobId);
    await job.becomes('completed');
    expect(await job.ledger()).toEqual([
      '-1 completed by backfill',
      '0 completed by backfill',
      ...[1, 2, 3].map((at) => `${at} skipped_paused`),
    ]);
  });

  test('allow_all: its runs go beside each other, twenty at a time', async () => {
    const job = await hourlyJob(time);
    door = gate();
    await scheduler.backfill(job.jobId, { from: job.hour(-24), to: job.hour(0), overlap: 'allow_all' });
    await eventually(() => expect(job.ranBy(work)).toHaveLength(20));
    door.open();
    await eventually(async () =>
      expect((await job.rows()).map((row) => row.outcome)).toEqual(Array(25).fill('completed')),
    );
    expect(new Set(job.ranBy(work)).size).toBe(25);
    await job.end();
  });

  test('buffer_all, its twin: one at a time', async () => {
    const job = await hourlyJob(time);
    door = gate();
    await scheduler.backfill(job.jobId, { from: job.hour(-24), to: job.hour(0) });
    await door.reached;
    expect(job.ranBy(work)).toHaveLength(1);
    door.open();
    await job.end();
  });
});

describe('inside a row that tells of many fires', () => {
  test('the counts of all rows together stay what they were', async () => {
    const job = await afterAPause(120);
    expect(await job.ledger()).toEqual(['1 skipped_paused x120']);
    for (const [from, to] of [
      [1, 3],
      [50, 52],
      [2, 4],
      [119, 120],
    ] as const) {
      await scheduler.backfill(job.jobId, { from: job.hour(from), to: job.hour(to) });
    }
    const filled = [1, 2, 3, 4, 50, 51, 52, 119, 120];
    await eventually(() => expect(job.ranBy(work).toSorted((a, b) => a - b)).toEqual(filled));
    await eventually(async () => expect((await scheduler.job(job.jobId)).status).toBe('pending'));
    const rows = await job.rows();
    expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(120);
    expect(rows.filter((row) => row.outcome === 'completed')).toHaveLength(filled.length);
    await job.end();
    // Nine runs, one after another, each of many round trips: on a busy machine that takes its time.
  }, 120_000);

  test('a row all of whose fires were run is gone', async () => {
    const job = await afterAPause(101);
    await scheduler.backfill(job.jobId, { from: job.hour(1), to: job.hour(101), overlap: 'allow_all' });
    await eventually(async () =>
      expect(new Set((await job.rows()).map((row) => row.outcome))).toEqual(new Set(['completed'])),
    );
    expect(await job.rows()).toHaveLength(101);
    await job.end();
  });
});

describe('is refused', () => {
  test('for more than a thousand fires, and not for a thousand', async () => {
    const job = await hourlyJob(time);
    const range = (from: number) => ({ from: job.hour(from), to: job.hour(0), dryRun: true });
    expect((await scheduler.backfill(job.jobId, range(-999))).count).toBe(1_000);
    await expect(scheduler.backfill(job.jobId, range(-1_000))).rejects.toMatchObject({ code: 'validation_failed' });
    await job.end();
  });

  test('for a time to come, and for an end before its beginning', async () => {
    const job = await hourlyJob(time);
    for (const [from, to] of [
      [0, 1],
      [0, -1],
    ] as const) {
      const refused = scheduler.backfill(job.jobId, { from: job.hour(from), to: job.hour(to) });
      await expect(refused).rejects.toMatchObject({ code: 'validation_failed' });
    }
    await job.end();
  });

  test('for a one-time job, and for one that has ended', async () => {
    const now = await time.now();
    const range = { from: new Date(now - HOUR).toISOString(), to: new Date(now).toISOString() };
    const once = await scheduler.submit({
      jobName: 'once',
      jobType: 'one-time',
      executionTime: new Date(now + HOUR).toISOString(),
      handler: 'work',
    });
    await expect(scheduler.backfill(once, range)).rejects.toMatchObject({ code: 'conflict' });
    const job = await hourlyJob(time);
    await scheduler.cancel(job.jobId);
    await expect(scheduler.backfill(job.jobId, range)).rejects.toMatchObject({ code: 'conflict' });
  });
});
