import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { cancelRun } from '../../src/commands/index.js';
import type { SubmitJob } from '../../src/contract/messages.js';
import { eventually } from '../support/eventually.js';
import { gate, testHandler, type Gate } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import { CALLER, type Scheduler } from '../support/scheduler.js';
import { testVault } from '../support/encryption.js';

/** The end of one run, on the real server: its job goes on. */

let real: RealTime;
let scheduler: Scheduler;
let door: Gate;
const work = testHandler('work', ({ signal }) => door.wait(signal));
const flaky = testHandler('flaky', async () => {
  throw new Error('not yet');
});
// It heeds nothing, as a handler that hangs does.
const deaf = testHandler('deaf', () => new Promise(() => undefined));

beforeAll(async () => {
  real = await realTime({ handlers: [work, flaky, deaf] });
  scheduler = real.scheduler;
});
beforeEach(() => {
  door = gate();
});
afterAll(() => real?.close());

const submit = (job: Partial<SubmitJob> = { executionTime: 'now' }) =>
  scheduler.submit({ jobName: 'job', jobType: 'one-time', handler: 'work', ...job });
const hourly = { jobType: 'recurring', frequency: '@hourly' } as const;
const cancel = (jobId: string, runId: string, reason?: string) =>
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
    { reason },
  );
const rows = (jobId: string) => scheduler.ledger(jobId);
const runIdOf = async (jobId: string, index = 0) => (await rows(jobId))[index]?.runId ?? '';
const outcomes = async (jobId: string) => (await rows(jobId)).map((row) => row.outcome);
const becomes = (jobId: string, expected: string[]) =>
  eventually(async () => expect(await outcomes(jobId)).toEqual(expected), 20_000);

describe('a run that is cancelled', () => {
  test('under way, is told so; the ledger says who and why, and its job goes on', async () => {
    const jobId = await submit(hourly);
    await scheduler.trigger(jobId);
    await door.reached;
    await cancel(jobId, await runIdOf(jobId), 'The wrong server.');
    await becomes(jobId, ['cancelled']);
    expect((await rows(jobId))[0]?.reason).toBe('It was cancelled by test: The wrong server.');
    expect(await scheduler.events(jobId)).toContain('run.cancel_requested by test');
    door.open();
    await scheduler.trigger(jobId);
    await becomes(jobId, ['cancelled', 'completed']);
    expect((await scheduler.job(jobId)).status).toBe('pending');
    await scheduler.cancel(jobId);
  });

  test('twice, is cancelled once; and one that has ended is refused', async () => {
    const jobId = await submit(hourly);
    await scheduler.trigger(jobId);
    await door.reached;
    await cancel(jobId, await runIdOf(jobId));
    await cancel(jobId, await runIdOf(jobId));
    await becomes(jobId, ['cancelled']);
    await cancel(jobId, await runIdOf(jobId));
    expect((await scheduler.events(jobId)).filter((event) => event.startsWith('run.cancel_requested'))).toHaveLength(1);
    door.open();
    await scheduler.trigger(jobId);
    await becomes(jobId, ['cancelled', 'completed']);
    await expect(cancel(jobId, await runIdOf(jobId, 1))).rejects.toMatchObject({ code: 'conflict' });
    await scheduler.cancel(jobId);
  });

  test('of a fire, ends its one-time job as cancelled', async () => {
    const jobId = await submit();
    await door.reached;
    await cancel(jobId, await runIdOf(jobId));
    await becomes(jobId, ['cancelled']);
    expect((await scheduler.job(jobId)).status).toBe('cancelled');
  });

  test('between two attempts, makes no further one', async () => {
    const jobId = await submit({ ...hourly, handler: 'flaky', retry: { initialInterval: 60_000 } });
    await scheduler.trigger(jobId);
    await eventually(async () => expect(await scheduler.events(jobId)).toContain('run.attempt_failed by scheduler'));
    await cancel(jobId, await runIdOf(jobId));
    await becomes(jobId, ['cancelled']);
    await scheduler.cancel(jobId);
  });

  test('before it began, never begins', async () => {
    const jobId = await submit(hourly);
    await scheduler.trigger(jobId);
    await door.reached;
    const second = await scheduler.trigger(jobId);
    await cancel(jobId, second, 'Once is enough.');
    const row = (await rows(jobId)).find(({ runId }) => runId === second);
    expect(row).toMatchObject({
      outcome: 'cancelled',
      attempts: 0,
      reason: 'It was cancelled by test before it began: Once is enough.',
    });
    door.open();
    await becomes(jobId, ['completed', 'cancelled']);
    expect(work.calls.filter((call) => call.runId === second)).toEqual([]);
    await scheduler.cancel(jobId);
  });

  test('beside another one, leaves that one alone', async () => {
    const jobId = await submit({ ...hourly, overlap: 'allow_all' });
    const [first, second] = [await scheduler.trigger(jobId), await scheduler.trigger(jobId)];
    await eventually(() => expect(work.calls.filter((call) => call.jobId === jobId)).toHaveLength(2));
    await cancel(jobId, first);
    await eventually(async () =>
      expect((await rows(jobId)).find((row) => row.runId === first)?.outcome).toBe('cancelled'),
    );
    expect((await rows(jobId)).find((row) => row.runId === second)?.outcome).toBe('running');
    door.open();
    await becomes(jobId, ['cancelled', 'completed']);
    await scheduler.cancel(jobId);
  });

  test('is left behind after the grace when its handler does not heed the signal', async () => {
    const jobId = await submit({ ...hourly, handler: 'deaf' });
    await scheduler.trigger(jobId);
    await eventually(() => expect(deaf.calls.filter((call) => call.jobId === jobId)).toHaveLength(1));
    await cancel(jobId, await runIdOf(jobId));
    await becomes(jobId, ['cancelled']);
    await scheduler.cancel(jobId);
  });
});
