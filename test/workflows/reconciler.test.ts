import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { workflowIdOf } from '../../src/domain/ids.js';
import { eventually } from '../support/eventually.js';
import { gate, type Gate } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import type { Scheduler } from '../support/scheduler.js';
import { everySecond, jobsOf, workAt } from './real-server-support.js';

/** What makes up for workflows that Temporal lost, or that went another way than the ledger. */

let real: RealTime;
let scheduler: Scheduler;
let door: Gate;
const { soon, submit, outcomes, becomes, describeWorkflow } = jobsOf(() => scheduler);

beforeAll(async () => {
  real = await realTime({ handlers: [workAt(() => door)] });
  scheduler = real.scheduler;
});
afterAll(() => real?.close());
beforeEach(() => {
  door = gate();
});

describe('a Temporal that lost its store', () => {
  test('is told again of every job that has not ended, also of those due in a year', async () => {
    const far = await submit({ executionTime: soon(365 * 86_400_000) });
    const changed = await submit({ executionTime: soon(365 * 86_400_000) });
    await scheduler.update(changed, { priority: 'high' });
    await scheduler.allDispatched();
    for (const jobId of [far, changed]) await scheduler.client.workflow.getHandle(workflowIdOf(jobId)).terminate();
    await scheduler.tellNewStore();
    await scheduler.allDispatched();
    for (const jobId of [far, changed]) {
      expect((await describeWorkflow(jobId)).status.name).toBe('RUNNING');
      await scheduler.cancel(jobId);
    }
  });
});

describe('the reconciler', () => {
  test('a job whose workflow was terminated goes on from the ledger', async () => {
    door.open();
    const jobId = await submit(everySecond);
    await eventually(async () => expect((await scheduler.ledger(jobId)).length).toBeGreaterThanOrEqual(2));
    await scheduler.client.workflow.getHandle(workflowIdOf(jobId)).terminate();
    const before = (await scheduler.ledger(jobId)).length;
    await eventually(async () => {
      await scheduler.reconcile(1_000);
      const after = (await scheduler.ledger(jobId)).filter((row) => row.outcome === 'completed');
      expect(after.length).toBeGreaterThanOrEqual(before + 2);
    }, 40_000);
    await scheduler.cancel(jobId);
  }, 60_000);

  test('a pause whose end has come ends, though its workflow was terminated', async () => {
    const jobId = await submit({ executionTime: soon(3_600_000) });
    await scheduler.pause(jobId, { until: scheduler.clock.now() + 1_000 });
    await scheduler.allDispatched();
    await scheduler.client.workflow.getHandle(workflowIdOf(jobId)).terminate();
    await eventually(async () => {
      await scheduler.reconcile(500);
      expect((await scheduler.job(jobId)).status).toBe('pending');
    });
    await scheduler.cancel(jobId);
  });

  test('a job whose workflow was made to complete goes on', async () => {
    door.open();
    const jobId = await submit({ executionTime: soon(4_000) });
    await scheduler.allDispatched();
    const { projectId: _, ...job } = await scheduler.job(jobId);
    const forged = { ...job, status: 'cancelled', generation: 2, nextFire: null, openRuns: [], priorityKey: 3 };
    await scheduler.client.workflow.getHandle(workflowIdOf(jobId)).signal('update', forged);
    await eventually(async () => expect((await describeWorkflow(jobId)).status.name).toBe('COMPLETED'));
    await eventually(async () => {
      await scheduler.reconcile(1_000);
      expect(await outcomes(jobId)).toEqual(['completed']);
    }, 40_000);
  }, 60_000);

  test('a job whose workflow goes its way is left alone', async () => {
    const jobId = await submit();
    await door.reached;
    await scheduler.reconcile(0);
    await scheduler.allDispatched();
    door.open();
    await becomes(jobId, 'completed');
    expect(await scheduler.ledger(jobId)).toEqual([expect.objectContaining({ outcome: 'completed', attempts: 1 })]);
  });
});

describe('a job that was cancelled when its workflow had been terminated', () => {
  test('has its open run ended by the reconciler', async () => {
    const jobId = await submit();
    await door.reached;
    await scheduler.client.workflow.getHandle(workflowIdOf(jobId)).terminate();
    await scheduler.cancel(jobId);
    await scheduler.allDispatched();
    await eventually(async () => {
      await scheduler.reconcile(500);
      expect(await outcomes(jobId)).toEqual(['cancelled']);
    }, 40_000);
  }, 60_000);
});
