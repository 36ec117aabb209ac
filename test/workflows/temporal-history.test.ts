import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { workflowIdOf } from '../../src/domain/ids.js';
import { eventually } from '../support/eventually.js';
import { gate, type Gate } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import type { Scheduler } from '../support/scheduler.js';
import { everySecond, flaky, jobsOf, workAt } from './real-server-support.js';

/** What Temporal keeps of jobs. */

let real: RealTime;
let scheduler: Scheduler;
let door: Gate;
const { soon, submit, becomes } = jobsOf(() => scheduler);

beforeAll(async () => {
  real = await realTime({ handlers: [workAt(() => door), flaky] });
  scheduler = real.scheduler;
});
afterAll(() => real?.close());
beforeEach(() => {
  door = gate();
});

describe('what Temporal is told', () => {
  test('a one-time job that succeeds costs at most 16 events, and each further fire at most 12', async () => {
    door.open();
    const once = await submit({ executionTime: soon(2_500) });
    const often = await submit(everySecond);
    await becomes(once, 'completed');
    await eventually(async () => expect((await scheduler.ledger(often)).length).toBeGreaterThanOrEqual(6));
    await scheduler.cancel(often);
    const events = async (jobId: string) => {
      const handle = scheduler.client.workflow.getHandle(workflowIdOf(jobId));
      await handle.result().catch(() => undefined);
      return (await handle.fetchHistory()).events?.length ?? 0;
    };
    const fires = (await scheduler.ledger(often)).filter((row) => row.outcome === 'completed').length;
    expect(await events(once)).toBeLessThanOrEqual(16);
    // The last turn is the cancel's signal and its own search attribute.
    expect(await events(often)).toBeLessThanOrEqual(16 + 12 * (fires - 1) + 8);
  });

  test('a run waits five minutes for a worker before it counts as more urgent, the most urgent without end', async () => {
    door.open();
    const waits: (number | undefined)[] = [];
    for (const priority of ['low', 'high'] as const) {
      const jobId = await submit({ priority });
      await becomes(jobId, 'completed');
      const { events } = await scheduler.client.workflow.getHandle(workflowIdOf(jobId)).fetchHistory();
      const scheduled = events?.find((event) => event.activityTaskScheduledEventAttributes);
      const { scheduleToStartTimeout } = scheduled?.activityTaskScheduledEventAttributes ?? {};
      waits.push(scheduleToStartTimeout?.seconds?.toNumber());
    }
    expect(waits[0]).toBe(300);
    expect(waits[1] ?? 0).toBe(0);
  });

  test('nor does what an unexpected error says', async () => {
    const jobId = await submit({ jobType: 'recurring', frequency: 'every hour', executionTime: soon(2_000) });
    await scheduler.breakFrequency(jobId, 'canary-91ab');
    const history = () => scheduler.client.workflow.getHandle(workflowIdOf(jobId)).describe();
    await eventually(async () => {
      const text = JSON.stringify((await history()).raw.pendingActivities);
      expect(text).toContain('the log of the worker says why');
      expect(text).not.toContain('canary');
    });
    await scheduler.cancel(jobId);
    await becomes(jobId, 'cancelled');
  });

  test('no payload, name or failure text of a handler enters its history', async () => {
    const canary = 'canary-7f3a91';
    const jobId = await submit({
      jobName: canary,
      handler: 'flaky',
      payload: { secret: canary },
      tags: [canary],
      retry: { maxAttempts: 1 },
    });
    await becomes(jobId, 'failed');
    const handle = scheduler.client.workflow.getHandle(workflowIdOf(jobId));
    await handle.result().catch(() => undefined);
    const history = await handle.fetchHistory();
    const text = JSON.stringify(history, (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
    );
    expect(text).toContain(jobId);
    expect(text).not.toContain(canary);
    expect(text).not.toContain('not yet');
  });
});
