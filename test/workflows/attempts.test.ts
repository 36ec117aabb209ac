import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SubmitJob } from '../../src/contract/messages.js';
import { HandlerError } from '../../src/handlers/handler.js';
import { readPastAttempts, readRunRecord } from '../../src/store/run-reads.js';
import { eventually } from '../support/eventually.js';
import { gate, testHandler } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import { CALLER, type Scheduler } from '../support/scheduler.js';

/** What the ledger keeps of the attempts of a run, and what bounds them, on the real server. */

let real: RealTime;
let scheduler: Scheduler;
const flaky = testHandler('flaky', async ({ attempt }) => {
  if (attempt < 3) throw new HandlerError('busy', `not at ${attempt}`);
  return attempt;
});
const hanging = testHandler('hanging', ({ signal }) => gate().wait(signal));
const report = gate();
const reporting = testHandler('reporting', async ({ progress, signal }) => {
  progress(0.25, 'a quarter');
  await report.wait(signal);
});
const held = gate();
let calledAt = 0;
const holding = testHandler('holding', ({ signal }) => {
  calledAt = scheduler.clock.now();
  return held.wait(signal);
});
const counting = testHandler('counting', async ({ previousResult }) => Number((await previousResult()) ?? 0) + 1);

beforeAll(async () => {
  real = await realTime({ handlers: [flaky, hanging, reporting, holding, counting] });
  scheduler = real.scheduler;
});
afterAll(() => real?.close());

const submit = (job: Partial<SubmitJob>) =>
  scheduler.submit({
    jobName: 'job',
    ...(job.frequency === undefined ? { jobType: 'one-time', executionTime: 'now' } : { jobType: 'recurring' }),
    ...job,
  });
const becomes = (jobId: string, status: string) =>
  eventually(async () => expect((await scheduler.job(jobId)).status).toBe(status), 20_000);
const run = async (jobId: string) => {
  const [row] = await scheduler.ledger(jobId);
  return readRunRecord(scheduler.db, { projectId: CALLER.projectId, jobId, runId: row?.runId ?? '' });
};

describe('the ledger', () => {
  test('keeps each attempt with its own times, error and node', async () => {
    const jobId = await submit({ handler: 'flaky', retry: { initialInterval: 10 } });
    await becomes(jobId, 'completed');
    const whole = await run(jobId);
    const past = await readPastAttempts(scheduler.db, whole?.id ?? '');
    expect(past).toMatchObject([
      { attempt: 1, outcome: 'failed', error: { code: 'busy', message: 'not at 1' }, node: scheduler.node.name },
      { attempt: 2, outcome: 'failed', error: { code: 'busy', message: 'not at 2' }, node: scheduler.node.name },
    ]);
    const times = [
      whole?.startedAt,
      whole?.handlerStartedAt,
      past[0]?.finishedAt,
      past[1]?.startedAt,
      past[1]?.finishedAt,
      whole?.attemptStartedAt,
    ];
    expect(times).toEqual(times.toSorted((a, b) => Number(a) - Number(b)));
    expect(times).not.toContain(null);
    expect(past[0]?.startedAt).toBe(whole?.startedAt);
  });

  test('tells one instant at which a run started, while it is under way and when it has ended', async () => {
    const jobId = await submit({ handler: 'holding' });
    await held.reached;
    const during = await run(jobId);
    expect(during).toMatchObject({ outcome: 'running', startedAt: expect.any(Number), handlerStartedAt: null });
    held.open();
    await becomes(jobId, 'completed');
    const ended = await run(jobId);
    expect(ended?.startedAt).toBe(during?.startedAt);
    const { startedAt, handlerStartedAt } = ended ?? {};
    const times = [startedAt, handlerStartedAt, calledAt];
    expect(times).toEqual(times.toSorted((a, b) => Number(a) - Number(b)));
  });

  test('tells how far a run says it is', async () => {
    const jobId = await submit({ handler: 'reporting' });
    await eventually(async () =>
      expect((await run(jobId))?.progress).toMatchObject({ fraction: 0.25, message: 'a quarter' }),
    );
    report.open();
    await becomes(jobId, 'completed');
  });
});

describe('a run', () => {
  test('is not tried again after an error that its job names', async () => {
    const jobId = await submit({ handler: 'flaky', retry: { nonRetryable: ['busy'] } });
    await becomes(jobId, 'failed');
    expect(await scheduler.ledger(jobId)).toMatchObject([
      { attempts: 1, reason: 'Attempt 1 of 3 failed (busy), and is not tried again.' },
    ]);
  });

  test('is tried again after an error that its job does not name', async () => {
    const jobId = await submit({ handler: 'flaky', retry: { nonRetryable: ['idle'], initialInterval: 10 } });
    await becomes(jobId, 'completed');
  });

  test('past its deadline is timed out in the middle of an attempt, and not tried again', async () => {
    const jobId = await submit({ handler: 'hanging', deadline: 300, retry: { initialInterval: 10 } });
    await becomes(jobId, 'failed');
    expect(await scheduler.ledger(jobId)).toMatchObject([
      { outcome: 'timed_out', attempts: 1, reason: 'Attempt 1 of 3 failed (deadline), and is not tried again.' },
    ]);
  });

  test('whose next attempt would come after its deadline fails at once', async () => {
    const jobId = await submit({
      handler: 'flaky',
      deadline: 60_000,
      retry: { initialInterval: 3_600_000, maxInterval: 3_600_000 },
    });
    await becomes(jobId, 'failed');
    const [row] = await scheduler.ledger(jobId);
    expect(row).toMatchObject({ outcome: 'failed', attempts: 1 });
    expect(row?.reason).toContain('after the deadline of the run');
  });

  test('is given the result of the run before it', async () => {
    const jobId = await submit({ frequency: '@hourly', handler: 'counting' });
    for (const count of [1, 2, 3]) {
      await scheduler.trigger(jobId);
      await eventually(async () =>
        expect((await scheduler.ledger(jobId)).map((row) => row.result)).toEqual(
          Array.from({ length: count }, (_, index) => index + 1),
        ),
      );
    }
    await scheduler.cancel(jobId);
  });
});
