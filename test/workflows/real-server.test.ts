import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SubmitJob } from '../../src/contract/messages.js';
import { workflowIdOf } from '../../src/domain/ids.js';
import { eventually } from '../support/eventually.js';
import { gate, testHandler, type Gate } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import type { Scheduler } from '../support/scheduler.js';

let real: RealTime;
let scheduler: Scheduler;
let door: Gate;

const work = testHandler('work', async ({ signal }) => {
  await door.wait(signal);
  return 'done';
});
const flaky = testHandler('flaky', async ({ attempt }) => {
  if (attempt < 3) throw new Error('not yet');
  return attempt;
});

beforeAll(async () => {
  real = await realTime({ handlers: [work, flaky] });
  scheduler = real.scheduler;
});
afterAll(() => real?.close());
beforeEach(() => {
  door = gate();
});

const soon = (ms: number) => new Date(scheduler.clock.now() + ms).toISOString();
const submit = (job: Partial<SubmitJob> = {}) =>
  scheduler.submit({ jobName: 'a job', jobType: 'one-time', executionTime: 'now', handler: 'work', ...job });
const outcomes = async (jobId: string) => (await scheduler.ledger(jobId)).map((row) => row.outcome);
const becomes = (jobId: string, status: string) =>
  eventually(async () => expect((await scheduler.job(jobId)).status).toBe(status));
const everySecond = { jobType: 'recurring', frequency: 'every second' } as const;
const describeWorkflow = (jobId: string) => scheduler.client.workflow.getHandle(workflowIdOf(jobId)).describe();

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
