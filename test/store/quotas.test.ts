import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { createLogQuota } from '../../src/activities/log-quota.js';
import { changeQuotas, grantPlaces } from '../../src/commands/index.js';
import { readQuotas, takeLogBytes } from '../../src/store/quotas.js';
import { commandsBench, NEW_YEAR, type CommandsBench } from '../support/commands-bench.js';
import { eventually } from '../support/eventually.js';
import { insertOpenRun, readOpenRun } from '../support/lines.js';

const DAY_MS = 86_400_000;
const NO_QUOTAS = {
  openJobs: null,
  submissionsPerDay: null,
  runningRuns: null,
  payloadBytes: null,
  logBytesPerDay: null,
};

let bench: CommandsBench;
let projectId: string;
beforeAll(async () => {
  bench = await commandsBench();
  ({ projectId } = bench.caller);
});
beforeEach(async () => {
  bench.now = NEW_YEAR;
  await changeQuotas(bench.ports, projectId, NO_QUOTAS);
});
afterAll(() => bench?.close());

const set = (quotas: Parameters<typeof changeQuotas>[2]) => changeQuotas(bench.ports, projectId, quotas);
const uses = async () => {
  const quotas = await readQuotas(bench.db, projectId, bench.now);
  if (!quotas) throw new Error('the project is not there');
  return quotas;
};
const end = (jobId: string) => sql`update jobs set status = 'completed' where id = ${jobId}`;

test('who has ended a job and waits for another keeps nobody from ending that one', async () => {
  const [one, two] = [await bench.submit(), await bench.submit()];
  await set({ openJobs: 1_000 });
  const before = (await uses()).openJobs.used ?? 0;
  let waiting: Promise<unknown> = Promise.resolve();
  const isWaiting = sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await bench.db.transaction(async (second) => {
    await second.query(end(two));
    waiting = bench.db.transaction(async (first) => {
      await first.query(end(one));
      await first.query(sql`select 1 from jobs where id = ${two} for update`);
    });
    await eventually(async () => expect(await bench.db.query(isWaiting)).not.toEqual([]));
  });
  await waiting;
  expect((await uses()).openJobs.used).toBe(before - 2);
});

test('a job that is opened again counts again, and is not refused', async () => {
  const jobId = await bench.submit();
  await set({ openJobs: 0 });
  const before = (await uses()).openJobs.used ?? 0;
  await bench.db.query(end(jobId));
  expect((await uses()).openJobs.used).toBe(before - 1);
  await bench.db.query(sql`update jobs set status = 'pending' where id = ${jobId}`);
  expect((await uses()).openJobs.used).toBe(before);
});

test('a statement that adds nothing new to a job does not touch the count', async () => {
  const jobId = await bench.submit();
  await set({ openJobs: 1_000 });
  const version = sql`select xmin::text from project_usage where project_id = ${projectId}`;
  const before = await bench.db.query(version);
  await bench.db.query(sql`update jobs set status = 'running', name = 'other' where id = ${jobId}`);
  expect(await bench.db.query(version)).toEqual(before);
});

test('of the two limits of runs under way the smaller one counts', async () => {
  const limitOf = async (own: number | null, quota: number | null) => {
    await bench.db.query(sql`update projects set max_running_runs = ${own} where id = ${projectId}`);
    await set({ runningRuns: quota });
    return (await bench.job(jobId)).projectLimit;
  };
  const jobId = await bench.submit();
  expect(await limitOf(5, 3)).toBe(3);
  expect(await limitOf(3, 5)).toBe(3);
  expect(await limitOf(null, 4)).toBe(4);
  expect(await limitOf(6, null)).toBe(6);
  expect(await limitOf(null, null)).toBeNull();
});

test('a quota of runs under way that is raised lets in those that wait', async () => {
  await set({ runningRuns: 1 });
  await insertOpenRun(bench, await bench.submit(), { outcome: 'running' });
  const runId = await insertOpenRun(bench, await bench.submit(), { waitsFor: 'project' });
  await grantPlaces(bench.ports, { projectId, key: null });
  expect((await readOpenRun(bench, runId)).isAdmitted).toBe(false);
  await set({ runningRuns: 2 });
  expect((await readOpenRun(bench, runId)).isAdmitted).toBe(true);
});

test('logs get what is left of the day, also those that ask at once, and more on the next day of UTC', async () => {
  await set({ logBytesPerDay: 1_000 });
  const take = (bytes: number) => takeLogBytes(bench.db, projectId, bytes, bench.now);
  expect(await take(300)).toBe(300);
  const granted = await Promise.all(Array.from({ length: 8 }, () => take(100)));
  expect(granted.reduce((sum: number, bytes) => sum + (bytes ?? 0), 0)).toBe(700);
  expect(await take(1)).toBe(0);
  expect((await uses()).logBytesPerDay).toEqual({ limit: 1_000, used: 1_000 });
  bench.now += DAY_MS;
  expect((await uses()).logBytesPerDay.used).toBe(0);
  expect(await take(1_500)).toBe(1_000);
});

test('a project without a quota logs all it wants, and is asked for seldom', async () => {
  let asked = 0;
  const db: Pick<typeof bench.db, 'query'> = {
    query(statement, name) {
      asked += 1;
      return bench.db.query(statement, name);
    },
  };
  const quota = createLogQuota({ db, now: () => bench.now });
  for (let batch = 0; batch < 10; batch++) expect(await quota.take(projectId, 1_000_000)).toBe(1_000_000);
  expect(asked).toBe(1);
});
