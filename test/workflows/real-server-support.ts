import { expect } from '@jest/globals';
import type { SubmitJob } from '../../src/contract/messages.js';
import { workflowIdOf } from '../../src/domain/ids.js';
import { eventually } from '../support/eventually.js';
import { testHandler, type Gate } from '../support/handlers.js';
import type { Scheduler } from '../support/scheduler.js';

/** Waits at the door of the test that runs. */
export const workAt = (door: () => Gate) =>
  testHandler('work', async ({ signal }) => {
    await door().wait(signal);
    return 'done';
  });
/** Succeeds at its third attempt. */
export const flaky = testHandler('flaky', async ({ attempt }) => {
  if (attempt < 3) throw new Error('not yet');
  return attempt;
});

export const everySecond = { jobType: 'recurring', frequency: 'every second' } as const;

/** What the tests do with jobs; `scheduler` is asked for when a test runs. */
export const jobsOf = (scheduler: () => Scheduler) => ({
  soon: (ms: number) => new Date(scheduler().clock.now() + ms).toISOString(),
  submit: (job: Partial<SubmitJob> = {}) =>
    scheduler().submit({ jobName: 'a job', jobType: 'one-time', executionTime: 'now', handler: 'work', ...job }),
  outcomes: async (jobId: string) => (await scheduler().ledger(jobId)).map((row) => row.outcome),
  becomes: (jobId: string, status: string) =>
    eventually(async () => expect((await scheduler().job(jobId)).status).toBe(status)),
  describeWorkflow: (jobId: string) => scheduler().client.workflow.getHandle(workflowIdOf(jobId)).describe(),
});
