import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { runWorkflowIdOf, workflowIdOf } from '../../src/domain/ids.js';
import { eventually } from '../support/eventually.js';
import { gate, testHandler, type Gate } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import type { Scheduler } from '../support/scheduler.js';

/**
 * A run that no worker takes counts as more urgent with time. On a real server, with short steps: no time passes on the
 * time-skipping one while a task waits for a worker.
 */

const life = { ageAfterMs: 500 };
const WITHIN_MS = 30_000;
const job = { jobName: 'a job', jobType: 'one-time', executionTime: 'now' } as const;

let real: RealTime;
let scheduler: Scheduler;

/** The priority keys with which a workflow has scheduled its runs, in order. */
async function keysOf(workflowId: string): Promise<number[]> {
  const { events } = await scheduler.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.activityType?.name === 'executeRun' ? [scheduled.priority?.priorityKey ?? 0] : [],
  );
}
const keysBecome = (workflowId: string, keys: number[]) =>
  eventually(async () => expect(await keysOf(workflowId)).toEqual(keys), WITHIN_MS);
const completes = (jobId: string) =>
  eventually(async () => expect((await scheduler.job(jobId)).status).toBe('completed'), WITHIN_MS);

describe('while no worker of the pool is there', () => {
  const work = testHandler('work');

  beforeAll(async () => {
    real = await realTime({ handlers: [work], role: 'scheduler', life });
    scheduler = real.scheduler;
  });
  afterAll(() => real?.close());

  test('each run rises class by class to the first and stays there, and then runs once', async () => {
    const submit = (priority: 'low' | 'medium' | 'high') => scheduler.submit({ ...job, handler: 'work', priority });
    const [low, medium, high] = [await submit('low'), await submit('medium'), await submit('high')];
    await keysBecome(workflowIdOf(low), [5, 3, 1]);
    await keysBecome(workflowIdOf(medium), [3, 1]);
    // So much later as another one takes for the whole way.
    const later = await submit('low');
    await keysBecome(workflowIdOf(later), [5, 3, 1]);

    const worker = await scheduler.join({ role: 'executor' });
    for (const jobId of [low, medium, high, later]) {
      await completes(jobId);
      expect(await scheduler.ledger(jobId)).toMatchObject([{ outcome: 'completed', attempts: 1 }]);
    }
    await worker.stop();
    expect(work.calls).toHaveLength(4);
    expect(await keysOf(workflowIdOf(low))).toEqual([5, 3, 1]);
    expect(await keysOf(workflowIdOf(high))).toEqual([1]);
  }, 60_000);

  test('a job that is cancelled at any step never runs', async () => {
    const jobId = await scheduler.submit({ ...job, handler: 'work', priority: 'low' });
    await eventually(async () => expect((await keysOf(workflowIdOf(jobId))).length).toBeGreaterThan(1));
    await scheduler.cancel(jobId);
    await scheduler.client.workflow.getHandle(workflowIdOf(jobId)).result();
    expect(await scheduler.ledger(jobId)).toMatchObject([{ outcome: 'cancelled', attempts: 0 }]);
    expect(work.calls.filter((call) => call.jobId === jobId)).toEqual([]);
  }, 60_000);
});

describe('with one place', () => {
  let door: Gate;
  const begun: string[] = [];
  const stopper = testHandler('stopper', ({ signal }) => door.wait(signal));
  const work = testHandler('work', async (_context, payload) => void begun.push(String(payload)));
  const flaky = testHandler('flaky', async ({ attempt }) => {
    if (attempt === 1) throw new Error('not yet');
  });

  beforeAll(async () => {
    real = await realTime({ handlers: [stopper, work, flaky], places: 1, life });
    scheduler = real.scheduler;
  });
  afterAll(() => real?.close());
  beforeEach(() => {
    door = gate();
  });

  const pending = async (jobId: string) => {
    const { raw } = await scheduler.client.workflow.getHandle(workflowIdOf(jobId)).describe();
    return raw.pendingActivities?.[0];
  };

  test('the backoff before a further attempt is no wait for a worker', async () => {
    const retry = { initialInterval: 2_000, maxInterval: 2_000 };
    const jobId = await scheduler.submit({ ...job, handler: 'flaky', priority: 'low', retry });
    await completes(jobId);
    expect(await keysOf(workflowIdOf(jobId))).toEqual([5]);
    expect(await scheduler.ledger(jobId)).toMatchObject([{ attempts: 2 }]);
  }, 60_000);

  test('a low run that has waited begins before later ones of high priority, also as a further attempt', async () => {
    const submit = (payload: string, priority: 'low' | 'high') =>
      scheduler.submit({ ...job, handler: 'work', payload, priority });
    const retry = { initialInterval: 1_000, maxInterval: 1_000 };
    const failed = await scheduler.submit({ ...job, handler: 'flaky', priority: 'low', retry });
    await eventually(async () => expect(await scheduler.ledger(failed)).toMatchObject([{ attempts: 1 }]));

    await scheduler.submit({ ...job, handler: 'stopper', priority: 'high' });
    await door.reached;
    // The worker takes one before the place is free.
    const taken = await submit('taken', 'high');
    await eventually(() => expect(scheduler.waitingForAPlace()).toBe(1));
    const low = await submit('low', 'low');
    await keysBecome(workflowIdOf(low), [5, 3, 1]);
    await keysBecome(workflowIdOf(failed), [5, 3, 1]);
    const later: string[] = [];
    for (let i = 0; i < 10; i++) later.push(await submit('later', 'high'));
    for (const jobId of later) await eventually(async () => expect(await pending(jobId)).toBeDefined());
    door.open();
    for (const jobId of [taken, failed, low, ...later]) await completes(jobId);
    expect(begun.slice(0, 2)).toEqual(['taken', 'low']);
    expect(await scheduler.ledger(low)).toMatchObject([{ outcome: 'completed', attempts: 1 }]);
    expect(await scheduler.ledger(failed)).toMatchObject([{ outcome: 'completed', attempts: 2 }]);
  }, 60_000);

  test('a run beside others of its job rises like any other', async () => {
    const jobId = await scheduler.submit({
      jobName: 'beside',
      jobType: 'recurring',
      frequency: 'every second',
      maxRuns: 3,
      handler: 'stopper',
      priority: 'low',
      overlap: 'allow_all',
    });
    // The first has the place, the second is taken by the worker, the third waits in the queue.
    const third = await eventually(async () => {
      const rows = await scheduler.ledger(jobId);
      expect(rows.map(({ outcome }) => outcome)).toEqual(['running', 'waiting', 'waiting']);
      return rows[2]?.runId ?? '';
    });
    await keysBecome(runWorkflowIdOf(third), [5, 3, 1]);
    door.open();
    await completes(jobId);
    const ended = (await scheduler.ledger(jobId)).map(({ outcome, attempts }) => ({ outcome, attempts }));
    expect(ended).toEqual(Array.from({ length: 3 }, () => ({ outcome: 'completed', attempts: 1 })));
  }, 60_000);
});
