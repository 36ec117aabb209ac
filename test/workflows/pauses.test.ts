import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { testHandler } from '../support/handlers.js';
import { HOUR, hourlyJob, MINUTE, nextHour } from '../support/recurring-job.js';
import type { Scheduler } from '../support/scheduler.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

/** Pauses with a reason and an end. What a pause does at each moment of a job is in moments-*.test.ts. */

let time: TimeTravel;
let scheduler: Scheduler;
const work = testHandler('work');

beforeAll(async () => {
  time = await timeTravel({ handlers: [work] });
  scheduler = time.scheduler;
});
afterAll(() => time?.close());

describe('a pause with an end', () => {
  test('keeps its reason and its end until it is over, and then has none', async () => {
    const job = await hourlyJob(time);
    const until = job.firstFire + 1.5 * HOUR;
    await scheduler.pause(job.jobId, { reason: 'The house is on fire.', until });
    expect(await scheduler.job(job.jobId)).toMatchObject({ pauseReason: 'The house is on fire.', pauseUntil: until });
    await time.passes('3 hours');
    expect(await scheduler.job(job.jobId)).toMatchObject({ status: 'pending', pauseReason: null, pauseUntil: null });
    expect((await job.ledger()).slice(0, 3)).toEqual(['1 skipped_paused', '2 skipped_paused', '3 completed']);
    expect(await scheduler.events(job.jobId)).toContain('job.resumed by scheduler');
    await job.end();
  });

  test('of a one-time job runs its fire that passed, when it ends', async () => {
    const at = await nextHour(time);
    const executionTime = new Date(at).toISOString();
    const jobId = await scheduler.submit({ jobName: 'once', jobType: 'one-time', executionTime, handler: 'work' });
    await scheduler.pause(jobId, { until: at + 3 * HOUR });
    await time.passes('2 hours');
    expect(await scheduler.ledger(jobId)).toEqual([]);
    await time.passes('2 hours');
    expect(await scheduler.ledger(jobId)).toEqual([
      expect.objectContaining({ at: executionTime, outcome: 'completed' }),
    ]);
  });

  test('that ends late, after an outage, skips what passed until its end and treats the rest as late', async () => {
    const job = await hourlyJob(time);
    const until = job.firstFire + 1.5 * HOUR;
    await scheduler.pause(job.jobId, { until });
    await scheduler.allDispatched();
    time.clock.advance(job.firstFire + 4 * HOUR + 10 * MINUTE - (await time.now()));
    await scheduler.endOfPause(job.jobId, until);
    await time.passes('20 minutes');
    expect(await job.ledger()).toEqual(['1 skipped_paused', '2 skipped_paused', '3 missed x2', '5 completed']);
    await job.end();
  });

  test('that is resumed by hand before its end is over for good', async () => {
    const job = await hourlyJob(time);
    await scheduler.pause(job.jobId, { until: job.firstFire + 2.5 * HOUR });
    await time.passes('1 hours');
    expect(await scheduler.resume(job.jobId, { catchUp: 'last' })).toEqual({ fires: 1, caughtUp: 1 });
    await scheduler.pause(job.jobId);
    await time.passes('5 hours');
    expect(await job.status()).toBe('paused');
    await job.end();
  });
});

describe('a paused job', () => {
  test('runs when it is triggered, as often as it is, one after another, and stays paused', async () => {
    const job = await hourlyJob(time);
    await scheduler.pause(job.jobId, { reason: 'a reason' });
    const { next } = await scheduler.job(job.jobId);
    for (let n = 0; n < 7; n += 1) await scheduler.trigger(job.jobId);
    await eventually(async () =>
      expect((await job.rows()).map((row) => row.outcome)).toEqual(Array<string>(7).fill('completed')),
    );
    expect(await scheduler.job(job.jobId)).toMatchObject({
      status: 'paused',
      pauseReason: 'a reason',
      next,
      runCount: 7,
    });
    await job.end();
  });

  test('that is cancelled has a row for each fire that passed', async () => {
    const job = await hourlyJob(time);
    await scheduler.pause(job.jobId);
    await time.passes('2 hours');
    await scheduler.cancel(job.jobId);
    expect(await job.ledger()).toEqual(['1 skipped_paused', '2 skipped_paused']);
    expect((await job.rows())[0]?.reason).toBe('The job was paused, then cancelled.');
  });

  test.each([
    ['none', ['1 skipped_paused', '2 skipped_paused', '3 skipped_paused']],
    ['last', ['1 skipped_paused', '2 skipped_paused', '3 completed']],
    ['all', ['1 completed', '2 completed', '3 completed']],
  ] as const)('resumed with %s has each fire that passed in its ledger once', async (catchUp, ledger) => {
    const job = await hourlyJob(time);
    await scheduler.pause(job.jobId);
    await time.passes('3 hours');
    await scheduler.resume(job.jobId, { catchUp });
    await job.ledgerBecomes([...ledger]);
    await job.end();
  });
});
