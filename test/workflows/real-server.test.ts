import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { workflowIdOf } from '../../src/domain/ids.js';
import { eventually } from '../support/eventually.js';
import { gate, type Gate } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import type { Scheduler } from '../support/scheduler.js';
import { everySecond, flaky, jobsOf, workAt } from './real-server-support.js';

/** What needs a real Temporal server: workers are told of a cancel, and time passes as it does. */

let real: RealTime;
let scheduler: Scheduler;
let door: Gate;
const { soon, submit, outcomes, becomes, describeWorkflow } = jobsOf(() => scheduler);

beforeAll(async () => {
  real = await realTime({ handlers: [workAt(() => door), flaky] });
  scheduler = real.scheduler;
});
afterAll(() => real?.close());
beforeEach(() => {
  door = gate();
});

test('a failed attempt of a scheduled run is followed after its backoff, not at the next fire', async () => {
  const jobId = await submit({
    jobType: 'recurring',
    frequency: 'every hour',
    executionTime: soon(200),
    handler: 'flaky',
    retry: { initialInterval: 50, maxInterval: 50 },
  });
  await eventually(async () =>
    expect(await scheduler.ledger(jobId)).toEqual([expect.objectContaining({ outcome: 'completed', attempts: 3 })]),
  );
  await scheduler.cancel(jobId);
});

describe('cancelling what a worker has taken', () => {
  test('a run that is held never begins', async () => {
    const jobId = await submit({ executionTime: soon(1_400) });
    await scheduler.allDispatched();
    await scheduler.cancel(jobId);
    await eventually(async () => expect((await describeWorkflow(jobId)).status.name).toBe('COMPLETED'));
    expect(await outcomes(jobId)).toEqual([]);
  });

  test('a run under way is stopped, and the ledger says why', async () => {
    const jobId = await submit();
    await door.reached;
    await scheduler.cancel(jobId);
    expect((await scheduler.job(jobId)).status).toBe('cancelled');
    await eventually(async () =>
      expect(await scheduler.ledger(jobId)).toEqual([
        expect.objectContaining({ outcome: 'cancelled', reason: 'The job was cancelled.' }),
      ]),
    );
  });

  test('its twin that is left alone completes', async () => {
    const jobId = await submit();
    door.open();
    await becomes(jobId, 'completed');
    expect(await scheduler.ledger(jobId)).toEqual([expect.objectContaining({ outcome: 'completed', result: 'done' })]);
  });
});

describe('overlap', () => {
  test('a fire that comes due while the run before is under way is skipped, and the ledger says so', async () => {
    const jobId = await submit(everySecond);
    await door.reached;
    const reachedAt = scheduler.clock.now();
    await eventually(() => expect(scheduler.clock.now()).toBeGreaterThan(reachedAt + 2_100));
    door.open();
    await eventually(async () => expect((await scheduler.ledger(jobId)).length).toBeGreaterThanOrEqual(4));
    await scheduler.cancel(jobId);
    const [first, second, third, fourth] = await scheduler.ledger(jobId);
    expect([first?.outcome, second?.outcome, third?.outcome]).toEqual([
      'completed',
      'skipped_overlap',
      'skipped_overlap',
    ]);
    expect(fourth?.outcome).not.toBe('skipped_overlap');
  });
});

describe('an operator, through Temporal itself', () => {
  const signal = (jobId: string, name: string) => scheduler.client.workflow.getHandle(workflowIdOf(jobId)).signal(name);

  test('pauses, triggers, resumes and cancels a job, and it shows in the API', async () => {
    door.open();
    const jobId = await submit({ jobType: 'recurring', frequency: 'every hour', executionTime: soon(3_600_000) });
    await scheduler.allDispatched();
    await signal(jobId, 'pause');
    await becomes(jobId, 'paused');
    await signal(jobId, 'trigger');
    await eventually(async () => expect(await outcomes(jobId)).toEqual(['completed']));
    await signal(jobId, 'resume');
    await becomes(jobId, 'pending');
    await signal(jobId, 'cancel');
    await becomes(jobId, 'cancelled');
    expect(await scheduler.events(jobId)).toEqual([
      'job.submitted by test',
      'job.paused by operator',
      'job.triggered by operator',
      'run.started by scheduler',
      'run.finished by scheduler',
      'job.resumed by operator',
      'job.cancelled by operator',
    ]);
  });

  test('cancels a job by cancelling its workflow', async () => {
    const jobId = await submit({ executionTime: soon(3_600_000) });
    await scheduler.allDispatched();
    await scheduler.client.workflow.getHandle(workflowIdOf(jobId)).cancel();
    await becomes(jobId, 'cancelled');
  });

  test('a signal that is not legal changes nothing', async () => {
    door.open();
    const jobId = await submit({ executionTime: soon(2_000) });
    await scheduler.allDispatched();
    await signal(jobId, 'resume');
    await becomes(jobId, 'completed');
    expect(await outcomes(jobId)).toEqual(['completed']);
  });

  test('an update that is no wish changes nothing', async () => {
    door.open();
    const jobId = await submit({ executionTime: soon(2_500) });
    await scheduler.allDispatched();
    const handle = scheduler.client.workflow.getHandle(workflowIdOf(jobId));
    for (const forged of [null, 'garbage', { generation: 99 }, { generation: 2, status: 'cancelled', nextFire: 'x' }]) {
      await handle.signal('update', forged);
    }
    await becomes(jobId, 'completed');
    expect(await outcomes(jobId)).toEqual(['completed']);
  });

  test('finds jobs by their search attributes', async () => {
    const jobId = await submit({ executionTime: soon(3_600_000) });
    const other = await submit({ executionTime: soon(3_600_000) });
    await scheduler.pause(jobId);
    const found = async (query: string) => {
      const ids: string[] = [];
      for await (const { workflowId } of scheduler.client.workflow.list({ query })) ids.push(workflowId);
      return ids;
    };
    await eventually(async () => {
      expect(await found(`CarillonJobId = '${jobId}' AND CarillonJobStatus = 'paused'`)).toEqual([workflowIdOf(jobId)]);
      expect(await found(`CarillonJobId = '${other}' AND CarillonHandler = 'work'`)).toEqual([workflowIdOf(other)]);
    });
    await scheduler.cancel(jobId);
    await scheduler.cancel(other);
  });
});

describe('attempts', () => {
  test('an attempt that fails is tried again, and the ledger counts one run with its attempts', async () => {
    const jobId = await submit({ handler: 'flaky', retry: { initialInterval: 10, maxAttempts: 3 } });
    await becomes(jobId, 'completed');
    expect(await scheduler.ledger(jobId)).toEqual([
      expect.objectContaining({ outcome: 'completed', attempts: 3, result: 3 }),
    ]);
  });

  test('a run whose attempts are spent fails, and so does its one-time job, also in Temporal', async () => {
    const jobId = await submit({ handler: 'flaky', retry: { initialInterval: 10, maxAttempts: 2 } });
    await becomes(jobId, 'failed');
    expect(await scheduler.ledger(jobId)).toEqual([
      expect.objectContaining({ outcome: 'failed', attempts: 2, reason: 'Attempt 2 of 2 failed (handler_error).' }),
    ]);
    await eventually(async () => expect((await describeWorkflow(jobId)).status.name).toBe('FAILED'));
  });

  test('an attempt that takes too long is timed out', async () => {
    const jobId = await submit({ timeout: 200, retry: { maxAttempts: 1 } });
    await becomes(jobId, 'failed');
    expect(await outcomes(jobId)).toEqual(['timed_out']);
  });

  test('a cancel between two attempts ends the run', async () => {
    const jobId = await submit({ handler: 'flaky', retry: { initialInterval: 60_000, maxAttempts: 3 } });
    await eventually(async () => expect(await scheduler.events(jobId)).toContain('run.attempt_failed by scheduler'));
    await scheduler.cancel(jobId);
    await eventually(async () => expect(await outcomes(jobId)).toEqual(['cancelled']));
  });
});
