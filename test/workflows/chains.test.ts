import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import type { SubmitJob } from '../../src/contract/messages.js';
import { readUpstream } from '../../src/store/run-facts.js';
import { eventually } from '../support/eventually.js';
import { testHandler } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import { CALLER, type Scheduler } from '../support/scheduler.js';

/** Jobs that follow other jobs, on the real server. */

let real: RealTime;
let scheduler: Scheduler;
const work = testHandler(
  'work',
  async (_context, payload) => {
    if (payload === 'fails') throw new Error('as told');
    return payload;
  },
  { maxAttempts: 1 },
);
const sum = testHandler('sum', async ({ upstream }) => (await upstream()).map((run) => [run.outcome, run.result]));

beforeAll(async () => {
  real = await realTime({ handlers: [work, sum] });
  scheduler = real.scheduler;
});
afterAll(() => real?.close());

/** A job that runs when a test says so. */
const source = (payload: unknown, job: Partial<SubmitJob> = {}) =>
  scheduler.submit({ jobName: 'source', jobType: 'recurring', frequency: '@yearly', handler: 'work', payload, ...job });
const follower = (after: NonNullable<SubmitJob['after']>, job: Partial<SubmitJob> = {}) =>
  scheduler.submit({ jobName: 'follower', jobType: 'recurring', handler: 'sum', after, ...job });
const rows = (jobId: string) => scheduler.ledger(jobId);
const outcomes = async (jobId: string) => (await rows(jobId)).map((row) => row.outcome);
const ledgerBecomes = (jobId: string, expected: string[]) =>
  eventually(async () => expect(await outcomes(jobId)).toEqual(expected), 20_000);
const becomes = (jobId: string, status: string) =>
  eventually(async () => expect((await scheduler.job(jobId)).status).toBe(status), 20_000);
const nothingIsLeftToTell = () =>
  eventually(async () => expect(await scheduler.db.query(sql`select 1 from follow_ups`)).toEqual([]), 20_000);
const runOnce = async (jobId: string) => {
  const runId = await scheduler.trigger(jobId);
  await eventually(async () =>
    expect((await rows(jobId)).find((row) => row.runId === runId)?.outcome).toMatch(/completed|failed/),
  );
  return runId;
};

describe('a job without a schedule', () => {
  test('runs once for each run of the one it follows that completed, with its result', async () => {
    const first = await source({ total: 3 });
    const second = await follower([{ job: first }]);
    const upstreamRun = await runOnce(first);
    await ledgerBecomes(second, ['completed']);
    await runOnce(first);
    await ledgerBecomes(second, ['completed', 'completed']);
    const [row] = await rows(second);
    expect(row).toMatchObject({ trigger: 'chain', result: [['completed', { total: 3 }]] });
    expect(await readUpstream(scheduler.db, row?.runId ?? '')).toMatchObject([{ jobId: first, runId: upstreamRun }]);
    expect((await scheduler.job(second)).status).toBe('pending');
  });

  test('does not run after one that failed, unless it says so', async () => {
    const first = await source('fails');
    const onSuccess = await follower([{ job: first }]);
    const onFailure = await follower([{ job: first, outcome: 'failed' }]);
    const onAny = await follower([{ job: first, outcome: 'any' }]);
    await runOnce(first);
    await ledgerBecomes(onFailure, ['completed']);
    await ledgerBecomes(onAny, ['completed']);
    await nothingIsLeftToTell();
    expect(await outcomes(onSuccess)).toEqual([]);
  });

  test('that follows two runs when both have ended a run since the last time', async () => {
    const [left, right] = [await source(1), await source(2)];
    const both = await follower([{ job: left }, { job: right }]);
    await runOnce(left);
    await runOnce(left);
    await nothingIsLeftToTell();
    expect(await outcomes(both)).toEqual([]);
    await runOnce(right);
    await ledgerBecomes(both, ['completed']);
    await runOnce(right);
    await nothingIsLeftToTell();
    expect(await outcomes(both)).toEqual(['completed']);
    await runOnce(left);
    await ledgerBecomes(both, ['completed', 'completed']);
    expect((await rows(both))[0]?.result).toEqual([
      ['completed', 1],
      ['completed', 2],
    ]);
  });

  test('that is for one time ends as its run ends', async () => {
    const first = await source(1);
    const once = await follower([{ job: first }], { jobType: 'one-time' });
    await runOnce(first);
    await becomes(once, 'completed');
    await runOnce(first);
    await nothingIsLeftToTell();
    expect(await outcomes(once)).toEqual(['completed']);
  });

  test('ends when what it follows has ended otherwise than it was to', async () => {
    const first = await source('fails', { jobType: 'recurring' });
    const once = await follower([{ job: first }], { jobType: 'one-time' });
    const again = await follower([{ job: first }]);
    await scheduler.cancel(first);
    await becomes(once, 'failed');
    await becomes(again, 'completed');
    expect(await rows(once)).toMatchObject([{ outcome: 'skipped_condition', attempts: 0 }]);
    expect((await rows(once))[0]?.reason).toContain(first);
  });

  test('that is paused is not run, and the ledger says so', async () => {
    const first = await source(1);
    const paused = await follower([{ job: first }]);
    await scheduler.pause(paused);
    await runOnce(first);
    await ledgerBecomes(paused, ['skipped_paused']);
    await scheduler.resume(paused);
    await runOnce(first);
    await ledgerBecomes(paused, ['skipped_paused', 'completed']);
  });

  test('is told by the next round when the process that ended the run died before it did', async () => {
    const first = await source(1);
    const runId = await runOnce(first);
    const second = await follower([{ job: first }]);
    await scheduler.db.query(sql`insert into follow_ups (project_id, job_id, run_id, outcome, at)
      values (${CALLER.projectId}, ${first}, ${runId}, 'completed', now())`);
    await ledgerBecomes(second, ['completed']);
  });

  test('goes on over a chain of three', async () => {
    const first = await source(1);
    const second = await follower([{ job: first }]);
    const third = await follower([{ job: second }]);
    await runOnce(first);
    await ledgerBecomes(third, ['completed']);
    expect((await rows(third))[0]?.result).toEqual([['completed', [['completed', 1]]]]);
  });
});

describe('a job with a schedule', () => {
  const now = { jobType: 'one-time', executionTime: 'now', waitAtMost: 60_000 } as const;

  test('runs at its time when the other has run by then', async () => {
    const first = await source(7);
    await runOnce(first);
    const second = await follower([{ job: first }], now);
    await becomes(second, 'completed');
    expect((await rows(second))[0]).toMatchObject({ trigger: 'schedule', result: [['completed', 7]] });
  });

  test('waits for the other, and runs when that has run', async () => {
    const first = await source(7);
    const second = await follower([{ job: first }], now);
    await ledgerBecomes(second, ['waiting']);
    await runOnce(first);
    await becomes(second, 'completed');
    expect((await rows(second))[0]?.result).toEqual([['completed', 7]]);
  });

  test('does not run when the other has not by the end of its wait', async () => {
    const first = await source('fails');
    const second = await follower([{ job: first }], { ...now, waitAtMost: 1_500 });
    await runOnce(first);
    await becomes(second, 'failed');
    expect(await rows(second)).toMatchObject([{ outcome: 'skipped_condition', attempts: 0 }]);
    expect((await rows(second))[0]?.reason).toContain(first);
  });

  test('takes no run from before the time that counts', async () => {
    const first = await source(7);
    await runOnce(first);
    await scheduler.db.query(
      sql`update runs set finished_at = finished_at - interval '2 hours' where job_id = ${first}`,
    );
    const second = await follower([{ job: first, since: 3_600_000 }], now);
    await ledgerBecomes(second, ['waiting']);
    const third = await follower([{ job: first, since: 3 * 3_600_000 }], now);
    await becomes(third, 'completed');
    await scheduler.cancel(second);
    expect(await outcomes(second)).toEqual(['cancelled']);
  });
});

describe('refused is', () => {
  const refusal = (message: string) =>
    expect.objectContaining({
      code: 'validation_failed',
      problems: [expect.objectContaining({ message: expect.stringContaining(message) as unknown })],
    });

  test('a job that is not there, or has ended', async () => {
    const none = '0198c0de-7a1b-7c3d-8e4f-1234567890ab';
    await expect(follower([{ job: none }])).rejects.toEqual(refusal('no job'));
    const ended = await source(1);
    await scheduler.cancel(ended);
    await expect(follower([{ job: ended }])).rejects.toEqual(refusal('is cancelled'));
  });

  test('a circle', async () => {
    const first = await source(1);
    const second = await follower([{ job: first }]);
    const third = await follower([{ job: second }]);
    await expect(scheduler.update(first, { after: [{ job: third }] })).rejects.toEqual(refusal('circle'));
    await expect(scheduler.update(second, { after: [{ job: second }] })).rejects.toEqual(refusal('circle'));
    await scheduler.update(third, { after: [{ job: first }] });
  });

  test('what only a job with a schedule can have', async () => {
    const first = await source(1);
    await expect(follower([{ job: first, since: 'midnight' }])).rejects.toEqual(refusal('for a job with a schedule'));
    await expect(follower([{ job: first }], { waitAtMost: 1_000 })).rejects.toEqual(
      refusal('for a job with a schedule'),
    );
    await expect(follower([{ job: first }], { maxRuns: 3 })).rejects.toEqual(refusal('needs a schedule'));
    const second = await follower([{ job: first }]);
    await expect(scheduler.update(second, { after: null })).rejects.toEqual(refusal('has no schedule'));
    await expect(scheduler.update(second, { frequency: '@daily' })).rejects.toEqual(refusal('needs a schedule'));
  });
});
