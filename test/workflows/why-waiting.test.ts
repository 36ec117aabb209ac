import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { explainJob, explainWaitingRun } from '../../src/commands/index.js';
import type { SubmitJob } from '../../src/contract/messages.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { readRunRecord } from '../../src/store/run-reads.js';
import { eventually } from '../support/eventually.js';
import { gate, testHandler, type Gate } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import { CALLER, type Scheduler } from '../support/scheduler.js';

/** What is told of runs that really wait, on the real server. */

let real: RealTime;
let scheduler: Scheduler;
let door: Gate;
const work = testHandler('work', ({ signal }) => door.wait(signal));
const failing = testHandler('failing', async () => {
  throw new Error('not yet');
});

beforeAll(async () => {
  real = await realTime({ handlers: [work, failing] });
  scheduler = real.scheduler;
});
beforeEach(() => {
  door = gate();
});
afterEach(async () => {
  await limitProject(null);
  door.open();
  for (const jobId of submitted.splice(0)) await scheduler.cancel(jobId).catch(() => undefined);
});
afterAll(() => real?.close());

const submitted: string[] = [];
const submit = async (job: Partial<SubmitJob> = { executionTime: 'now' }) => {
  const jobId = await scheduler.submit({ jobName: 'job', jobType: 'one-time', handler: 'work', ...job });
  submitted.push(jobId);
  return jobId;
};
const limitProject = (limit: number | null) =>
  scheduler.db.query(sql`update projects set max_running_runs = ${limit} where id = ${DEFAULT_PROJECT_ID}`);
const yearly = { jobType: 'recurring', frequency: '@yearly' } as const;
const rowOf = (jobId: string) =>
  eventually(async () => {
    const [row] = await scheduler.ledger(jobId);
    if (!row) throw new Error('there is no run yet');
    return row.runId;
  });
const why = async (jobId: string, runId: string) => {
  const run = await readRunRecord(scheduler.db, { projectId: DEFAULT_PROJECT_ID, jobId, runId });
  if (!run) throw new Error('no such run');
  return explainWaitingRun(scheduler, DEFAULT_PROJECT_ID, run);
};
const isTold = (jobId: string, runId: string, expected: object) =>
  eventually(async () => expect(await why(jobId, runId)).toMatchObject(expected));

/** Of the last days. */
const backfill = (jobId: string) => {
  const now = scheduler.clock.now();
  const from = new Date(now - 2.5 * 86_400_000).toISOString();
  return scheduler.backfill(jobId, { from, to: new Date(now).toISOString() });
};

test('a place of a key: who holds it, and the place in the line', async () => {
  const concurrency = { key: 'database', limit: 1 } as const;
  const holder = await submit({ executionTime: 'now', concurrency });
  await door.reached;
  const held = { code: 'concurrency', heldBy: [await rowOf(holder)] };
  const first = await submit({ executionTime: 'now', concurrency });
  await isTold(first, await rowOf(first), { ...held, position: 1 });
  const second = await submit({ executionTime: 'now', concurrency });
  await isTold(second, await rowOf(second), { ...held, position: 2, sentence: expect.stringContaining('"database"') });
});

test('a place of the project', async () => {
  await limitProject(1);
  await submit();
  await door.reached;
  const jobId = await submit();
  await isTold(jobId, await rowOf(jobId), { code: 'project_limit', position: 1 });
});

test('its turn among the runs of its job', async () => {
  const jobId = await submit(yearly);
  const first = await scheduler.trigger(jobId);
  await door.reached;
  const second = await scheduler.trigger(jobId);
  const third = await scheduler.trigger(jobId);
  expect(await why(jobId, first)).toBeNull();
  expect(await why(jobId, second)).toMatchObject({ code: 'behind', heldBy: [first], position: 1 });
  expect(await why(jobId, third)).toMatchObject({ code: 'behind', heldBy: [first], position: 2 });
});

test('a backfill lets every other run of its job go first', async () => {
  const jobId = await submit({ jobType: 'recurring', frequency: 'daily' });
  const byHand = await scheduler.trigger(jobId);
  await door.reached;
  await backfill(jobId);
  const later = await scheduler.trigger(jobId);
  const rows = (await scheduler.ledger(jobId)).filter((row) => row.trigger === 'backfill');
  const told = await Promise.all([later, ...rows.map((row) => row.runId)].map((runId) => why(jobId, runId)));
  expect(told.map((one) => one?.position)).toEqual([1, ...rows.map((_row, index) => index + 2)]);
  expect(told.every((one) => one?.heldBy?.[0] === byHand)).toBe(true);
});

test('the jobs that it follows: which, and how long', async () => {
  const first = await submit({ ...yearly, jobName: 'Load' });
  const jobId = await submit({ executionTime: 'now', after: [{ job: first }], waitAtMost: 3_600_000 });
  await isTold(jobId, await rowOf(jobId), {
    code: 'condition',
    until: expect.any(Number),
    sentence: expect.stringContaining('"Load" (completed)'),
  });
});

test('its next attempt: when it begins; explain tells it of the fire', async () => {
  const jobId = await submit({ executionTime: 'now', handler: 'failing', retry: { initialInterval: 3_600_000 } });
  await isTold(jobId, await rowOf(jobId), { code: 'retry', until: expect.any(Number) });
  const at = Date.parse((await scheduler.ledger(jobId))[0]?.at ?? '');
  const explained = await explainJob(scheduler, CALLER, jobId, at);
  expect(explained).toMatchObject({ code: 'under_way', waiting: { code: 'retry' } });
});

describe('a worker', () => {
  test('of its pool, where there is none', async () => {
    const jobId = await submit(yearly);
    await scheduler.db.query(sql`update jobs set pool = 'gpu' where id = ${jobId}`);
    const runId = await scheduler.trigger(jobId);
    await isTold(jobId, runId, { code: 'no_worker', pool: 'gpu' });
  });

  test('of a fire that is due and has no row', async () => {
    const jobId = await submit({ executionTime: new Date(scheduler.clock.now() + 3_600_000).toISOString() });
    await scheduler.db.query(sql`update jobs set pool = 'gpu' where id = ${jobId}`);
    await scheduler.update(jobId, { executionTime: new Date(scheduler.clock.now() + 200).toISOString() });
    const { next } = await scheduler.job(jobId);
    await eventually(async () => {
      const explained = await explainJob(scheduler, CALLER, jobId, next?.fireAt ?? 0);
      expect(explained).toMatchObject({ code: 'overdue', waiting: { code: 'no_worker', pool: 'gpu' } });
      expect(explained.sentence).toContain('No worker of the pool "gpu"');
    });
  });
});

test('the end of the pause of its job, but not what somebody asks for', async () => {
  const jobId = await submit({ jobType: 'recurring', frequency: 'daily' });
  await scheduler.pause(jobId, { reason: 'Moving' });
  await backfill(jobId);
  expect(await why(jobId, await rowOf(jobId))).toMatchObject({
    code: 'paused',
    sentence: 'The job is paused (Moving) until it is resumed.',
  });
  const byHand = await scheduler.trigger(jobId);
  await door.reached;
  expect(await why(jobId, byHand)).toBeNull();
});
