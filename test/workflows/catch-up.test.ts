import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testHandler } from '../support/handlers.js';
import { HOUR, hourlyJob, nextHour, type RecurringJob } from '../support/recurring-job.js';
import type { Scheduler } from '../support/scheduler.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

/** Outages: no worker runs anything for hours, and a job's catch-up policy says what becomes of its fires. */

let time: TimeTravel;
let scheduler: Scheduler;
const work = testHandler('work');

beforeAll(async () => {
  time = await timeTravel({ handlers: [work] });
  scheduler = time.scheduler;
});
afterAll(() => time?.close());

/** An outage that ends in the first half of the sixth hour of the job. */
async function outage(job: RecurringJob): Promise<void> {
  const until = job.firstFire + 5 * HOUR - (await time.now());
  await time.outage(`${Math.floor(until / 1_000) + 1_200} seconds`);
}

describe('after an outage in which six fires came due', () => {
  test('last: the last one runs, those before the window are one row with their count, and the schedule goes on', async () => {
    const job = await hourlyJob(time);
    await outage(job);
    await job.ledgerBecomes(['1 missed x5', '6 completed']);
    await time.passes('1 hours');
    expect(await job.ledger()).toEqual(['1 missed x5', '6 completed', '7 completed']);
    await job.end();
  });

  test('last, with a window of a day: each missed fire has a row of its own', async () => {
    const job = await hourlyJob(time, { catchUp: { window: 24 * HOUR } });
    await outage(job);
    await job.ledgerBecomes([...[1, 2, 3, 4, 5].map((at) => `${at} missed`), '6 completed']);
    await job.end();
  });

  test('all: those within the window run one after another, in their order', async () => {
    const job = await hourlyJob(time, { catchUp: { policy: 'all', window: 3 * HOUR } });
    await outage(job);
    await job.ledgerBecomes(['1 missed x3', '4 completed', '5 completed', '6 completed']);
    expect(job.ranBy(work)).toEqual([4, 5, 6]);
    await time.passes('1 hours');
    expect(job.ranBy(work)).toEqual([4, 5, 6, 7]);
    await job.end();
  });

  test('none: none of them runs, and the next one does at its time', async () => {
    const job = await hourlyJob(time, { catchUp: { policy: 'none', window: 3 * HOUR } });
    await outage(job);
    await job.ledgerBecomes(['1 missed x3', '4 missed', '5 missed', '6 missed']);
    await time.passes('1 hours');
    expect(job.ranBy(work)).toEqual([7]);
    await job.end();
  });

  test('all, with maxRuns: the oldest ones run, and the job is completed', async () => {
    const job = await hourlyJob(time, { catchUp: { policy: 'all', window: 24 * HOUR }, maxRuns: 2 });
    await outage(job);
    await job.becomes('completed');
    expect(await job.ledger()).toEqual(['1 completed', '2 completed']);
    expect(await scheduler.job(job.jobId)).toMatchObject({ runCount: 2, scheduleRunCount: 2 });
  });

  test.each(['buffer_all', 'allow_all'] as const)('%s and all: each of them runs once', async (overlap) => {
    const job = await hourlyJob(time, { overlap, catchUp: { policy: 'all', window: 24 * HOUR } });
    await outage(job);
    await job.ledgerBecomes([1, 2, 3, 4, 5, 6].map((at) => `${at} completed`));
    expect(job.ranBy(work).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
    await job.end();
  });
});

describe('when the schedule ended in the outage', () => {
  const twoFires = async () => ({ endAt: new Date((await nextHour(time)) + HOUR).toISOString() });

  test('a job whose last fire was missed is completed', async () => {
    const job = await hourlyJob(time, await twoFires());
    await outage(job);
    await job.becomes('completed');
    expect(await job.ledger()).toEqual(['1 missed x2']);
  });

  test('runs that wait are run all the same, and then it is completed', async () => {
    const job = await hourlyJob(time, await twoFires());
    const hold = time.clock.holdNext();
    const passing = time.passes('1 hours');
    await hold.reached;
    await scheduler.backfill(job.jobId, { from: job.hour(-1), to: job.hour(0) });
    time.clock.advance(5 * HOUR);
    hold.open();
    await passing;
    await job.becomes('completed');
    expect(await job.ledger()).toEqual(['-1 completed by backfill', '0 completed by backfill', '1 missed x2']);
  });
});
