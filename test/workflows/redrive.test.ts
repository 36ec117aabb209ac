import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { redriveRuns } from '../../src/commands/index.js';
import { RedriveRuns } from '../../src/contract/redrive.js';
import { eventually } from '../support/eventually.js';
import { testHandler } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import { CALLER } from '../support/scheduler.js';

let real: RealTime;
let fails = true;
const work = testHandler(
  'work',
  async () => {
    if (fails) throw new Error('not yet');
  },
  { maxAttempts: 1 },
);
beforeAll(async () => {
  real = await realTime({ handlers: [work] });
});
afterAll(() => real?.close());

test('after an outage of what they call, all jobs that failed are done again, one-time and recurring, each once', async () => {
  const { scheduler } = real;
  const from = new Date(scheduler.clock.now() - 60_000).toISOString();
  const once = await Promise.all(
    Array.from({ length: 10 }, () =>
      scheduler.submit({ jobName: 'once', jobType: 'one-time', executionTime: 'now', handler: 'work' }),
    ),
  );
  const hourly = await scheduler.submit({
    ...{ jobName: 'hourly', jobType: 'recurring', frequency: '@yearly', handler: 'work' },
  });
  await scheduler.trigger(hourly);
  const jobs = [...once, hourly];
  const become = (outcomes: string[]) =>
    eventually(async () => {
      for (const jobId of jobs) expect((await scheduler.ledger(jobId)).map((row) => row.outcome)).toEqual(outcomes);
    });
  await become(['failed']);
  fails = false;
  expect(await redriveRuns(scheduler, CALLER, RedriveRuns.parse({ from, perMinute: 6_000 }))).toMatchObject({
    ...{ count: 11, notRetryable: 0 },
  });
  // The rounds of the node itself put them to work.
  await become(['failed', 'completed']);
  for (const jobId of once) expect((await scheduler.job(jobId)).status).toBe('completed');
  expect((await scheduler.job(hourly)).status).toBe('pending');
});
