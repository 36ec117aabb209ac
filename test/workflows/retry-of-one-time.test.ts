import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { cancelRun } from '../../src/commands/index.js';
import type { SubmitJob } from '../../src/contract/messages.js';
import { workflowIdOf } from '../../src/domain/ids.js';
import { eventually } from '../support/eventually.js';
import { gate, testHandler, type Gate } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import { CALLER, type Scheduler } from '../support/scheduler.js';
import { testVault } from '../support/encryption.js';

/** A one-time job that failed, and whose run is done again: the only way out of a final status; on the real server. */

let real: RealTime;
let scheduler: Scheduler;
let door: Gate | undefined;
let fails = true;
const work = testHandler(
  'work',
  async ({ signal }) => {
    await door?.wait(signal);
    if (fails) throw new Error('not yet');
  },
  { maxAttempts: 1 },
);

beforeAll(async () => {
  real = await realTime({ handlers: [work] });
  scheduler = real.scheduler;
});
beforeEach(() => {
  fails = true;
  door = undefined;
});
afterAll(() => real?.close());

const submit = (job: Partial<SubmitJob> = {}) =>
  scheduler.submit({ jobName: 'once', jobType: 'one-time', executionTime: 'now', handler: 'work', ...job });
const becomes = (jobId: string, status: string) =>
  eventually(async () => expect((await scheduler.job(jobId)).status).toBe(status));
const outcomes = async (jobId: string) => (await scheduler.ledger(jobId)).map((row) => row.outcome);
const lastRunOf = async (jobId: string) => (await scheduler.ledger(jobId)).at(-1)?.runId ?? '';
const retryLast = async (jobId: string) => scheduler.retry(jobId, await lastRunOf(jobId));
const refused = (what: Promise<unknown>) => expect(what).rejects.toMatchObject({ code: 'conflict' });
const failed = async (job: Partial<SubmitJob> = {}) => {
  const jobId = await submit(job);
  await becomes(jobId, 'failed');
  return jobId;
};

test('a one-time job that failed, and whose run is retried, ends as the retry does', async () => {
  const jobId = await failed();
  const [first] = await scheduler.ledger(jobId);
  fails = false;
  const runId = await retryLast(jobId);
  await becomes(jobId, 'completed');
  const rows = await scheduler.ledger(jobId);
  expect(rows).toEqual([first, expect.objectContaining({ runId, outcome: 'completed', retryOf: first?.runId })]);
  expect(await scheduler.job(jobId)).toMatchObject({ runCount: 2, failureCount: 1, lastRunId: runId });
  const workflow = scheduler.client.workflow.getHandle(workflowIdOf(jobId));
  await eventually(async () => expect((await workflow.describe()).status.name).toBe('COMPLETED'));
});

test('one that fails again can be retried again', async () => {
  const jobId = await failed();
  await retryLast(jobId);
  await eventually(async () => expect(await outcomes(jobId)).toEqual(['failed', 'failed']));
  await becomes(jobId, 'failed');
  fails = false;
  await retryLast(jobId);
  await becomes(jobId, 'completed');
  expect(await outcomes(jobId)).toEqual(['failed', 'failed', 'completed']);
});

test('at the very moment of its end a retry is not lost', async () => {
  // The workflow of the job may still be at its end when the retry comes.
  for (let time = 0; time < 5; time += 1) {
    fails = true;
    const jobId = await failed();
    fails = false;
    await retryLast(jobId);
    await becomes(jobId, 'completed');
  }
});

test('until it has ended, the job takes nothing else: it has no run but this one', async () => {
  const jobId = await failed();
  const first = await lastRunOf(jobId);
  door = gate();
  await retryLast(jobId);
  for (const _ of ['before it begins', 'while it runs']) {
    await refused(scheduler.retry(jobId, first));
    await refused(scheduler.trigger(jobId));
    await refused(scheduler.pause(jobId));
    await door.reached;
  }
  await becomes(jobId, 'running');
  fails = false;
  door.open();
  await becomes(jobId, 'completed');
});

describe('is cancelled with its retry', () => {
  const cancel = (jobId: string, runId: string) =>
    cancelRun(
      {
        db: scheduler.db,
        vault: testVault,
        clock: scheduler.clock,
        definitions: new Map(),
        onCommitted: scheduler.node.poke,
      },
      CALLER,
      jobId,
      runId,
      {},
    );

  test('while that runs', async () => {
    const jobId = await failed();
    door = gate();
    const runId = await retryLast(jobId);
    await door.reached;
    await cancel(jobId, runId);
    await becomes(jobId, 'cancelled');
    expect(await outcomes(jobId)).toEqual(['failed', 'cancelled']);
    await refused(scheduler.retry(jobId, runId));
  });

  test('while that waits', async () => {
    const concurrency = { key: 'cancelled', limit: 1 } as const;
    const jobId = await failed({ concurrency });
    door = gate();
    const holder = await submit({ concurrency });
    await door.reached;
    const runId = await retryLast(jobId);
    await cancel(jobId, runId);
    await becomes(jobId, 'cancelled');
    fails = false;
    door.open();
    await becomes(holder, 'completed');
  });
});

test('one that found no place, and finds none again, has failed again', async () => {
  const concurrency = { key: 'skipped', limit: 1 } as const;
  door = gate();
  const holder = await submit({ concurrency });
  await door.reached;
  const jobId = await failed({ concurrency: { ...concurrency, onLimit: 'skip' } });
  await retryLast(jobId);
  await eventually(async () => expect(await outcomes(jobId)).toEqual(['skipped_overlap', 'skipped_overlap']));
  await becomes(jobId, 'failed');
  fails = false;
  door.open();
  await becomes(holder, 'completed');
  await retryLast(jobId);
  await becomes(jobId, 'completed');
});

test('what has completed stays so', async () => {
  fails = false;
  const jobId = await submit();
  await becomes(jobId, 'completed');
  await refused(retryLast(jobId));
});

test('a recurring job that has ended does not come back', async () => {
  const jobId = await submit({ jobType: 'recurring', executionTime: undefined, frequency: '@hourly' });
  await scheduler.trigger(jobId);
  await eventually(async () => expect(await outcomes(jobId)).toEqual(['failed']));
  await scheduler.cancel(jobId);
  await refused(retryLast(jobId));
});

test('the job that follows it, and ended with it, can be retried in its turn', async () => {
  const first = await submit({ executionTime: new Date(scheduler.clock.now() + 2_000).toISOString() });
  const second = await submit({ executionTime: undefined, after: [{ job: first }] });
  await becomes(first, 'failed');
  await becomes(second, 'failed');
  expect(await outcomes(second)).toEqual(['skipped_condition']);
  fails = false;
  await retryLast(first);
  await becomes(first, 'completed');
  expect((await scheduler.job(second)).status).toBe('failed');
  await retryLast(second);
  await becomes(second, 'completed');
});
