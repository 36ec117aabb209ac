import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testHandler } from '../support/handlers.js';
import { HOUR, hourlyJob, nextHour } from '../support/recurring-job.js';
import type { Scheduler } from '../support/scheduler.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

/** What ends a job: its maxRuns, and the end of its schedule. */

let time: TimeTravel;
let scheduler: Scheduler;
/** What happens in each next run. */
let inRun: (() => unknown)[] = [];
const work = testHandler('work', async () => inRun.shift()?.());

beforeAll(async () => {
  time = await timeTravel({ handlers: [work] });
  scheduler = time.scheduler;
});
afterAll(() => time?.close());
beforeEach(() => {
  inRun = [];
});

const takes = (hours: number) => () => time.clock.advance(hours * HOUR);

describe('maxRuns', () => {
  test('the job is completed after so many runs, and its twin goes on', async () => {
    const twin = await hourlyJob(time);
    const job = await hourlyJob(time, { maxRuns: 2 });
    await time.passes('4 hours');
    expect(await job.ledger()).toEqual(['1 completed', '2 completed']);
    expect(await scheduler.job(job.jobId)).toMatchObject({ status: 'completed', next: null });
    expect((await twin.ledger()).length).toBeGreaterThanOrEqual(3);
    await twin.end();
  });

  test('runs that fail count, fires that were skipped or paused or missed do not', async () => {
    const job = await hourlyJob(time, { maxRuns: 4, retry: { maxAttempts: 1 } });
    inRun = [
      () => {
        throw new Error('failed');
      },
      takes(1.5),
    ];
    await time.passes('3 hours');
    await job.ledgerBecomes(['1 failed', '2 completed', '3 skipped_overlap']);
    await scheduler.pause(job.jobId);
    await time.passes('1 hours');
    await scheduler.resume(job.jobId);
    await time.passes('1 hours');
    await time.outage('3 hours');
    await job.becomes('completed');
    const outcomes = (await job.rows()).map((row) => row.outcome);
    expect(outcomes.filter((outcome) => outcome === 'completed' || outcome === 'failed')).toHaveLength(4);
    expect(outcomes).toContain('skipped_paused');
    expect(outcomes).toContain('missed');
  });

  test('runs by hand, backfilled ones and retries do not count', async () => {
    const job = await hourlyJob(time, { maxRuns: 2 });
    await scheduler.trigger(job.jobId);
    await scheduler.backfill(job.jobId, { from: job.hour(-1), to: job.hour(0) });
    await time.passes('1 hours');
    const first = (await job.rows()).find((row) => row.trigger === 'schedule');
    await scheduler.retry(job.jobId, first?.runId ?? '');
    await time.passes('2 hours');
    await job.becomes('completed');
    const rows = await job.rows();
    expect(rows.filter((row) => row.trigger === 'schedule').map((row) => row.outcome)).toEqual([
      'completed',
      'completed',
    ]);
    expect(await scheduler.job(job.jobId)).toMatchObject({ scheduleRunCount: 2, runCount: 6 });
  });

  test('a run by hand after the last one still runs, and then the job is completed', async () => {
    const job = await hourlyJob(time, { maxRuns: 1 });
    inRun = [() => scheduler.trigger(job.jobId)];
    await time.passes('1 hours');
    await job.becomes('completed');
    expect((await job.rows()).map((row) => [row.trigger, row.outcome])).toEqual([
      ['schedule', 'completed'],
      ['manual', 'completed'],
    ]);
  });

  test('fires that wait for their turn are the last ones, and no fire after them is written', async () => {
    const job = await hourlyJob(time, { overlap: 'buffer_all', maxRuns: 3 });
    inRun = [takes(5.5)];
    await time.passes('1 hours');
    await job.becomes('completed');
    expect(await job.ledger()).toEqual(['1 completed', '2 completed', '3 completed']);
  });

  test.each(['none', 'last', 'all'] as const)(
    'a pause during the last run and a resume, %s, add no run',
    async (catchUp) => {
      const job = await hourlyJob(time, { maxRuns: 1 });
      inRun = [
        async () => {
          await scheduler.pause(job.jobId);
          time.clock.advance(3 * HOUR);
        },
      ];
      await time.passes('1 hours');
      await job.becomes('paused');
      expect(await scheduler.resume(job.jobId, { catchUp })).toEqual({ fires: 0, caughtUp: 0 });
      await job.becomes('completed');
      expect(await job.ledger()).toEqual(['1 completed']);
    },
  );

  test('a resume runs no more than are left of the fires that passed', async () => {
    const job = await hourlyJob(time, { maxRuns: 3 });
    await time.passes('1 hours');
    await scheduler.pause(job.jobId);
    await time.passes('4 hours');
    expect(await scheduler.resume(job.jobId, { catchUp: 'all' })).toEqual({ fires: 4, caughtUp: 2 });
    await job.becomes('completed');
    expect(await job.ledger()).toEqual(['1 completed', '2 completed', '3 completed']);
  });

  test('can be raised, lowered and taken away, but not lowered to the runs that there were', async () => {
    const job = await hourlyJob(time, { maxRuns: 3 });
    await time.passes('2 hours');
    for (const maxRuns of [1, 2]) {
      await expect(scheduler.update(job.jobId, { maxRuns })).rejects.toMatchObject({
        code: 'validation_failed',
        problems: [
          { pointer: '/maxRuns', message: 'is not above the 2 runs that the job has had: it would never run' },
        ],
      });
    }
    await scheduler.update(job.jobId, { maxRuns: 5 });
    await time.passes('2 hours');
    await scheduler.update(job.jobId, { maxRuns: null });
    await time.passes('2 hours');
    expect(await job.status()).toBe('pending');
    await scheduler.update(job.jobId, { maxRuns: 7 });
    await time.passes('3 hours');
    await job.becomes('completed');
    expect(await job.ledger()).toEqual([1, 2, 3, 4, 5, 6, 7].map((at) => `${at} completed`));
  });

  test('can be raised while the last run is under way, and the job goes on', async () => {
    const job = await hourlyJob(time, { maxRuns: 1 });
    inRun = [() => scheduler.update(job.jobId, { maxRuns: 2 })];
    await time.passes('3 hours');
    await job.becomes('completed');
    expect(await job.ledger()).toEqual(['1 completed', '2 completed']);
  });
});

describe('startAt and endAt', () => {
  test('nothing fires before the one nor after the other, both inclusive, and then the job is completed', async () => {
    const first = await nextHour(time);
    const at = (hours: number) => new Date(first + hours * HOUR).toISOString();
    const job = await hourlyJob(time, { startAt: at(2), endAt: at(4) });
    expect((await scheduler.job(job.jobId)).next?.fireAt).toBe(first + 2 * HOUR);
    await time.passes('7 hours');
    expect(await job.ledger()).toEqual(['3 completed', '4 completed', '5 completed']);
    expect(await job.status()).toBe('completed');
  });

  test('an endAt that is moved while the last run is under way lets the job go on', async () => {
    const first = await nextHour(time);
    const job = await hourlyJob(time, { endAt: new Date(first).toISOString() });
    inRun = [() => scheduler.update(job.jobId, { endAt: job.hour(2) })];
    await time.passes('3 hours');
    await job.becomes('completed');
    expect(await job.ledger()).toEqual(['1 completed', '2 completed']);
  });

  test('a schedule that ended in a pause: the job is completed when it is resumed', async () => {
    const first = await nextHour(time);
    const job = await hourlyJob(time, { endAt: new Date(first + HOUR).toISOString() });
    await scheduler.pause(job.jobId);
    await time.passes('4 hours');
    expect(await job.status()).toBe('paused');
    await scheduler.resume(job.jobId);
    expect(await job.status()).toBe('completed');
    expect(await job.ledger()).toEqual(['1 skipped_paused', '2 skipped_paused']);
  });
});
