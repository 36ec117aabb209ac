import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { triggerJob } from '../../src/commands/index.js';
import { testVault } from '../support/encryption.js';
import { eventually } from '../support/eventually.js';
import { gate, testHandler, type Gate } from '../support/handlers.js';
import { hourlyJob, nextHour } from '../support/recurring-job.js';
import { CALLER, type Scheduler } from '../support/scheduler.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

/** A run that is done again: a run of its own, beside the first one's row. */

let time: TimeTravel;
let scheduler: Scheduler;
let door: Gate | undefined;
let fails = true;
const work = testHandler(
  'work',
  async ({ signal }, payload) => {
    await door?.wait(signal);
    if (fails) throw new Error('not yet');
    return payload;
  },
  { maxAttempts: 1 },
);

beforeAll(async () => {
  time = await timeTravel({ handlers: [work] });
  scheduler = time.scheduler;
});
afterAll(() => time?.close());

describe('a retry', () => {
  test('of a failed run has its time and tells of it, and leaves its row as it was', async () => {
    fails = true;
    const job = await hourlyJob(time, { payload: { first: true } });
    await time.passes('1 hours');
    const [first] = await job.rows();
    fails = false;
    const runId = await scheduler.retry(job.jobId, first?.runId ?? '');
    await job.ledgerBecomes(['1 failed', '1 completed by retry']);
    const rows = await job.rows();
    expect(rows[0]).toEqual(first);
    expect(rows[1]).toMatchObject({ runId, retryOf: first?.runId, at: first?.at, result: { first: true } });
    expect(await scheduler.job(job.jobId)).toMatchObject({ runCount: 2, scheduleRunCount: 1, failureCount: 1 });
    await job.end();
  });

  test('of a run by hand gets the payload which that one was given', async () => {
    fails = false;
    const job = await hourlyJob(time, { payload: 'of the job' });
    const definitions = new Map([['work', work.definition]]);
    const { db, clock, node } = scheduler;
    const ports = { db, vault: testVault, clock, definitions, onCommitted: node.poke };
    const { runId } = await triggerJob(ports, CALLER, job.jobId, { payload: 'of its own' });
    await eventually(async () => expect((await job.rows())[0]?.outcome).toBe('completed'));
    await scheduler.retry(job.jobId, runId);
    await eventually(async () =>
      expect((await job.rows()).map((row) => [row.trigger, row.outcome, row.result])).toEqual([
        ['manual', 'completed', 'of its own'],
        ['retry', 'completed', 'of its own'],
      ]),
    );
    await job.end();
  });

  test('begins while the job is paused, and leaves the schedule where it was', async () => {
    fails = false;
    const job = await hourlyJob(time);
    await time.passes('1 hours');
    await scheduler.pause(job.jobId);
    const { next } = await scheduler.job(job.jobId);
    await scheduler.retry(job.jobId, (await job.rows())[0]?.runId ?? '');
    await job.ledgerBecomes(['1 completed', '1 completed by retry']);
    expect(await scheduler.job(job.jobId)).toMatchObject({ status: 'paused', next });
    await job.end();
  });

  test('of a retry, and of the same run again, is one more each time', async () => {
    fails = false;
    const job = await hourlyJob(time);
    await time.passes('1 hours');
    const first = (await job.rows())[0]?.runId ?? '';
    const second = await scheduler.retry(job.jobId, first);
    await job.ledgerBecomes(['1 completed', '1 completed by retry']);
    await scheduler.retry(job.jobId, second);
    await scheduler.retry(job.jobId, first);
    await job.ledgerBecomes(['1 completed', ...Array<string>(3).fill('1 completed by retry')]);
    expect((await job.rows()).map((row) => row.retryOf)).toEqual([null, first, second, first]);
    await job.end();
  });
});

describe('is refused', () => {
  const refused = (jobId: string, runId: string) =>
    expect(scheduler.retry(jobId, runId)).rejects.toMatchObject({ code: 'conflict' });

  test('of a run that is under way, and of one that waits', async () => {
    fails = false;
    door = gate();
    const job = await hourlyJob(time);
    const passing = time.passes('1 hours');
    await door.reached;
    const waiting = await scheduler.trigger(job.jobId);
    await refused(job.jobId, (await job.rows())[0]?.runId ?? '');
    await refused(job.jobId, waiting);
    door.open();
    door = undefined;
    await passing;
    await job.end();
  });

  test('of a row that tells of many fires', async () => {
    const job = await hourlyJob(time);
    await scheduler.pause(job.jobId);
    await time.passes('101 hours');
    await scheduler.resume(job.jobId);
    await refused(job.jobId, (await job.rows())[0]?.runId ?? '');
    await job.end();
  });

  test('of a run of a job that has ended, and of one that there is not', async () => {
    fails = false;
    const executionTime = new Date(await nextHour(time)).toISOString();
    const once = await scheduler.submit({ jobName: 'once', jobType: 'one-time', executionTime, handler: 'work' });
    await time.passes('1 hours');
    await refused(once, (await scheduler.ledger(once))[0]?.runId ?? '');
    const job = await hourlyJob(time);
    await expect(scheduler.retry(job.jobId, '01900000-0000-7000-8000-000000000001')).rejects.toMatchObject({
      code: 'run_not_found',
    });
    await job.end();
  });
});
