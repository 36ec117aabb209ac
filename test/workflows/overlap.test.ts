import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SubmitJob } from '../../src/contract/messages.js';
import { testHandler } from '../support/handlers.js';
import { HOUR, hourlyJob, MINUTE, type RecurringJob } from '../support/recurring-job.js';
import type { Scheduler } from '../support/scheduler.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

/** Fires that come due while a run of an hourly job is under way. What needs two runs at once is in side-by-side.test.ts. */

let time: TimeTravel;
let scheduler: Scheduler;
/** How long each next run takes, in milliseconds; those after them take no time. */
let lengths: number[] = [];
/** What happens at the end of each next run, while it is still under way. */
let atTheEnd: (() => Promise<unknown>)[] = [];

const work = testHandler('work', async () => {
  time.clock.advance(lengths.shift() ?? 0);
  await atTheEnd.shift()?.();
});

beforeAll(async () => {
  time = await timeTravel({ handlers: [work] });
  scheduler = time.scheduler;
});
afterAll(() => time?.close());
beforeEach(() => {
  lengths = [];
  atTheEnd = [];
});

/** A job whose first run takes three hours and a half: the fires of the hours 2, 3 and 4 come due meanwhile. */
async function overlapped(given: Partial<SubmitJob>): Promise<RecurringJob> {
  const job = await hourlyJob(time, given);
  lengths = [3.5 * HOUR];
  return job;
}

describe('fires that come due during a run', () => {
  test('skip: none of them runs, each has its row and its reason, and the next one runs', async () => {
    const job = await overlapped({ overlap: 'skip' });
    await time.passes('5 hours');
    await time.passes('1 hours');
    expect((await job.ledger()).slice(0, 5)).toEqual([
      '1 completed',
      '2 skipped_overlap',
      '3 skipped_overlap',
      '4 skipped_overlap',
      '5 completed',
    ]);
    expect((await job.rows())[1]).toMatchObject({ reason: 'The run before it had not ended.', attempts: 0 });
    await job.end();
  });

  test('buffer_one: the first of them runs at the end of that run, the others do not', async () => {
    const job = await overlapped({ overlap: 'buffer_one' });
    await time.passes('6 hours');
    expect((await job.ledger()).slice(0, 5)).toEqual([
      '1 completed',
      '2 completed',
      '3 skipped_overlap',
      '4 skipped_overlap',
      '5 completed',
    ]);
    expect(job.ranBy(work).slice(0, 3)).toEqual([1, 2, 5]);
    expect((await job.rows())[2]?.reason).toBe('The run before it had not ended, and no more fires may wait for it.');
    await job.end();
  });

  test('buffer_all: all of them run, one after another and in their order', async () => {
    const job = await overlapped({ overlap: 'buffer_all' });
    await time.passes('6 hours');
    expect(job.ranBy(work).slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set((await job.rows()).map((row) => row.outcome))).toEqual(new Set(['completed']));
    const { runCount, scheduleRunCount } = await scheduler.job(job.jobId);
    expect([runCount, scheduleRunCount]).toEqual([job.ranBy(work).length, job.ranBy(work).length]);
    await job.end();
  });

  test('buffer_all: at most a hundred wait, and the rest is skipped', async () => {
    const job = await hourlyJob(time, { overlap: 'buffer_all' });
    lengths = [130.5 * HOUR];
    atTheEnd = [async () => {}, () => scheduler.pause(job.jobId)];
    await time.passes('2 hours');
    await job.becomes('paused');
    const rows = await job.rows();
    const count = (outcome: string) => rows.filter((row) => row.outcome === outcome).length;
    expect(rows).toHaveLength(131);
    expect([count('completed'), count('waiting'), count('skipped_overlap')]).toEqual([2, 99, 30]);
    await job.end();
  });

  test('buffer_all: more fires come due while some wait, and none is lost nor run twice', async () => {
    const job = await hourlyJob(time, { overlap: 'buffer_all' });
    lengths = [2.5 * HOUR, 2 * HOUR, HOUR];
    await time.passes('9 hours');
    const ran = job.ranBy(work);
    expect(ran).toEqual(ran.map((_, index) => index + 1));
    expect(ran.length).toBeGreaterThanOrEqual(8);
    expect(new Set((await job.rows()).map((row) => row.attempts))).toEqual(new Set([1]));
    await job.end();
  });

  test.each(['buffer_one', 'buffer_all', 'skip'] as const)(
    '%s: a run that ends in time costs no fire',
    async (overlap) => {
      const job = await hourlyJob(time, { overlap });
      lengths = [59 * MINUTE];
      await time.passes('4 hours');
      expect((await job.ledger()).slice(0, 3)).toEqual(['1 completed', '2 completed', '3 completed']);
      await job.end();
    },
  );
});

describe('a fire that waits for its turn', () => {
  /** Fires 2, 3 and 4 wait, and the job is paused before the second of them begins. */
  async function pausedWhileFiresWait(given: Partial<SubmitJob> = {}): Promise<RecurringJob> {
    const job = await overlapped({ overlap: 'buffer_all', ...given });
    atTheEnd = [async () => {}, () => scheduler.pause(job.jobId)];
    await time.passes('2 hours');
    await job.ledgerBecomes(['1 completed', '2 completed', '3 waiting', '4 waiting']);
    return job;
  }

  test('goes on waiting while the job is paused, and runs once it is resumed', async () => {
    const job = await pausedWhileFiresWait();
    await time.passes('1 hours');
    expect((await job.ledger()).slice(0, 4)).toEqual(['1 completed', '2 completed', '3 waiting', '4 waiting']);
    await scheduler.resume(job.jobId);
    await time.passes('1 hours');
    expect((await job.ledger()).slice(0, 4)).toEqual(['1 completed', '2 completed', '3 completed', '4 completed']);
    expect(job.ranBy(work).slice(0, 4)).toEqual([1, 2, 3, 4]);
    await job.end();
  });

  test('is cancelled with its job', async () => {
    const job = await pausedWhileFiresWait();
    await scheduler.cancel(job.jobId);
    expect((await job.rows()).slice(2, 4)).toEqual([
      expect.objectContaining({ outcome: 'cancelled', reason: 'The job ended before this run began.' }),
      expect.objectContaining({ outcome: 'cancelled', reason: 'The job ended before this run began.' }),
    ]);
    await time.passes('2 hours');
    expect(job.ranBy(work)).toEqual([1, 2]);
  });

  test('runs after a resume though it is the last that maxRuns allows', async () => {
    const job = await pausedWhileFiresWait({ maxRuns: 4 });
    await scheduler.resume(job.jobId);
    await job.becomes('completed');
    expect(await job.ledger()).toEqual(['1 completed', '2 completed', '3 completed', '4 completed']);
  });

  test('runs before a run by hand that was asked for after it, and both before the next fire', async () => {
    const job = await overlapped({ overlap: 'buffer_all' });
    atTheEnd = [async () => {}, () => scheduler.trigger(job.jobId)];
    await time.passes('6 hours');
    expect(job.ranBy(work).slice(0, 6)).toEqual([1, 2, 3, 4, 4.5, 5]);
    await job.end();
  });
});
