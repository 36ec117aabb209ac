import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { changeQuotas } from '../../src/commands/index.js';
import type { SubmitJob } from '../../src/contract/messages.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import type { QuotaChanges } from '../../src/domain/quotas.js';
import { testVault } from '../support/encryption.js';
import { eventually } from '../support/eventually.js';
import { testHandler } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import type { Scheduler } from '../support/scheduler.js';

/** How many runs of a key, or of a project, are under way at once; on the real server. */

let real: RealTime;
let scheduler: Scheduler;
let doors = new Map<string, () => void>();
let begun: string[] = [];
let most = 0;
let atWork = 0;
const work = testHandler('work', async ({ signal, log }, payload) => {
  const name = String(payload);
  log('info', name);
  begun.push(name);
  atWork += 1;
  most = Math.max(most, atWork);
  try {
    if (name.startsWith('quick')) return;
    await new Promise<void>((resolve, reject) => {
      doors.set(name, resolve);
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  } finally {
    atWork -= 1;
  }
});

beforeAll(async () => {
  real = await realTime({ handlers: [work] });
  scheduler = real.scheduler;
});
beforeEach(() => {
  doors = new Map();
  begun = [];
  most = 0;
});
afterEach(async () => {
  await limitProject(null);
  for (const open of doors.values()) open();
});
afterAll(() => real?.close());

const limitProject = (limit: number | null) =>
  scheduler.db.query(sql`update projects set max_running_runs = ${limit} where id = ${DEFAULT_PROJECT_ID}`);
const setQuotas = (quotas: QuotaChanges, projectId = DEFAULT_PROJECT_ID) =>
  changeQuotas(
    { ...scheduler, vault: testVault, definitions: new Map(), onCommitted: () => undefined },
    projectId,
    quotas,
  );
let keys = 0;
const newKey = () => `key ${(keys += 1)}`;
const submit = (name: string, job: Partial<SubmitJob> = {}) =>
  scheduler.submit({
    jobName: name,
    jobType: 'one-time',
    executionTime: 'now',
    handler: 'work',
    payload: name,
    ...job,
  });
const begins = (name: string) => eventually(() => expect(doors.has(name)).toBe(true), 20_000);
const becomes = (jobId: string, status: string) =>
  eventually(async () => expect((await scheduler.job(jobId)).status).toBe(status), 20_000);
const row = async (jobId: string) => (await scheduler.ledger(jobId))[0];
const waits = (jobId: string) =>
  eventually(async () => expect(await row(jobId)).toMatchObject({ outcome: 'waiting', attempts: 0 }), 20_000);
const end = (name: string) => doors.get(name)?.();

describe('runs of a key', () => {
  test('beyond its limit wait, and begin in the order in which they came', async () => {
    const concurrency = { key: newKey(), limit: 1 } as const;
    const first = await submit('a', { concurrency });
    await begins('a');
    const others: string[] = [];
    for (const name of ['b', 'c', 'd']) {
      others.push(await submit(name, { concurrency }));
      await waits(others.at(-1) ?? '');
    }
    for (const name of ['a', 'b', 'c', 'd']) {
      await begins(name);
      end(name);
    }
    for (const jobId of [first, ...others]) await becomes(jobId, 'completed');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    expect(most).toBe(1);
  });

  test('of another key are not held back', async () => {
    await submit('held', { concurrency: { key: newKey(), limit: 1 } });
    await begins('held');
    await submit('free', { concurrency: { key: newKey(), limit: 1 } });
    await begins('free');
  });

  test('are skipped at the limit when their job says so', async () => {
    const key = newKey();
    await submit('holder', { concurrency: { key, limit: 1 } });
    await begins('holder');
    const jobId = await submit('skipped', { concurrency: { key, limit: 1, onLimit: 'skip' } });
    await becomes(jobId, 'failed');
    expect(await row(jobId)).toMatchObject({ outcome: 'skipped_overlap', attempts: 0 });
    expect((await row(jobId))?.reason).toContain(JSON.stringify(key));
    expect(begun).toEqual(['holder']);
  });

  test('cancel the one that has been at it longest when their job says so', async () => {
    const key = newKey();
    const holder = await submit('holder', { concurrency: { key, limit: 1 } });
    await begins('holder');
    const jobId = await submit('newer', { concurrency: { key, limit: 1, onLimit: 'cancel_running' } });
    await begins('newer');
    expect(await row(holder)).toMatchObject({ outcome: 'cancelled' });
    expect((await row(holder))?.reason).toContain('takes its place');
    end('newer');
    await becomes(jobId, 'completed');
  });

  test('that wait are ended with their job, and hold nobody up', async () => {
    const concurrency = { key: newKey(), limit: 1 } as const;
    await submit('holder', { concurrency });
    await begins('holder');
    const second = await submit('second', { concurrency });
    await waits(second);
    const third = await submit('third', { concurrency });
    await waits(third);
    await scheduler.cancel(second);
    expect(await row(second)).toMatchObject({ outcome: 'cancelled' });
    end('holder');
    await begins('third');
    expect(begun).toEqual(['holder', 'third']);
  });

  test('that wait can be paused and changed, but not put off to another time', async () => {
    const concurrency = { key: newKey(), limit: 1 } as const;
    await submit('holder', { concurrency });
    await begins('holder');
    const second = await submit('second', { concurrency });
    await waits(second);
    await expect(scheduler.update(second, { executionTime: '2099-01-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'conflict',
    });
    await scheduler.update(second, { payload: 'changed' });
    await scheduler.pause(second);
    end('holder');
    const third = await submit('quick', { concurrency });
    await becomes(third, 'completed');
    expect(await row(second)).toMatchObject({ outcome: 'waiting' });
    await scheduler.resume(second);
    await begins('changed');
    end('changed');
    await becomes(second, 'completed');
    expect(await scheduler.ledger(second)).toHaveLength(1);
  });

  test('begin when the limit is raised', async () => {
    const concurrency = { key: newKey(), limit: 1 } as const;
    await submit('holder', { concurrency });
    await begins('holder');
    const jobId = await scheduler.submit({
      ...{ jobName: 'more', jobType: 'recurring', frequency: '@yearly', handler: 'work', payload: 'more', concurrency },
    });
    await scheduler.trigger(jobId);
    await waits(jobId);
    await scheduler.update(jobId, { concurrency: { ...concurrency, limit: 2 } });
    await begins('more');
    end('more');
    await scheduler.cancel(jobId);
  });

  test('never are more than the limit, and each runs once, when many come at once', async () => {
    const concurrency = { key: newKey(), limit: 3 } as const;
    const names = Array.from({ length: 24 }, (_, index) => `quick ${index}`);
    const jobs = await Promise.all(names.map((name) => submit(name, { concurrency })));
    for (const jobId of jobs) await becomes(jobId, 'completed');
    expect(begun.toSorted()).toEqual(names.toSorted());
    expect(most).toBeLessThanOrEqual(3);
    for (const jobId of jobs) expect(await scheduler.ledger(jobId)).toHaveLength(1);
  }, 90_000);
});

describe('the runs of a project', () => {
  test('beyond its limit wait, whatever their jobs and keys', async () => {
    await limitProject(2);
    await submit('one');
    await submit('two', { concurrency: { key: newKey(), limit: 5 } });
    await begins('one');
    await begins('two');
    const third = await submit('three');
    await waits(third);
    end('two');
    await begins('three');
    end('one');
    end('three');
    await becomes(third, 'completed');
    expect(most).toBe(2);
  });

  test('beyond a quota wait, too, and what has ended makes room for other jobs', async () => {
    await setQuotas({ runningRuns: 1, openJobs: 1_000 });
    const openJobs = async () => (await setQuotas({})).openJobs.used ?? NaN;
    const before = await openJobs();
    const first = await submit('only');
    await begins('only');
    const second = await submit('after it');
    await waits(second);
    end('only');
    await begins('after it');
    end('after it');
    for (const jobId of [first, second]) await becomes(jobId, 'completed');
    expect([most, await openJobs()]).toEqual([1, before]);
    await setQuotas({ runningRuns: null, openJobs: null });
  });

  test('go on when the project has logged as much as it may, and a line says that others are left out', async () => {
    const projectId = randomUUID();
    await scheduler.db.query(sql`insert into projects (id, slug, name) values (${projectId}, 'quiet', 'Quiet')`);
    await setQuotas({ logBytesPerDay: 0 }, projectId);
    const job = {
      jobName: 'quiet',
      jobType: 'one-time',
      executionTime: 'now',
      handler: 'work',
      payload: 'quick',
    } as const;
    const jobId = await scheduler.submit(job, { projectId, actor: 'test' });
    await becomes(jobId, 'completed');
    const logs = await scheduler.db.query(sql`select message from run_logs where job_id = ${jobId}`);
    expect(logs).toEqual([{ message: expect.stringContaining('Lines are left out from here on') }]);
  });
});
