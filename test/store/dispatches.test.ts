import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { cancelJob, submitJob, triggerJob, type CommandPorts } from '../../src/commands/index.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { builtinDefinitions } from '../../src/handlers/definitions.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { markDispatched, takeUndispatched } from '../../src/store/dispatches.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let db: Database;
let ports: CommandPorts;
let now = Date.parse('2027-01-01T00:00:00Z');
const caller = { projectId: DEFAULT_PROJECT_ID, actor: 'test' };
const take = () => takeUndispatched(db, 10, { now, leaseUntil: now + 10_000 });
const isUndispatched = async (jobId: string) =>
  (await db.query(sql`select 1 from jobs where id = ${jobId} and observed_generation < generation`)).length === 1;
const submit = (executionTime: string) =>
  submitJob(ports, caller, { jobName: 'a job', jobType: 'one-time', executionTime });

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.url, maxConnections: 4, applicationName: 'test' });
  const definitions = new Map(builtinDefinitions.map((definition) => [definition.name, definition]));
  ports = { db, clock: { now: () => now }, definitions, onCommitted: () => undefined };
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test('jobs are taken soonest due first, and by one dispatcher only until its lease ends', async () => {
  const later = await submit('2027-03-01T00:00:00Z');
  const sooner = await submit('2027-02-01T00:00:00Z');
  expect((await take()).map((job) => job.jobId)).toEqual([sooner.jobId, later.jobId]);
  expect(await take()).toEqual([]);
  now += 10_000;
  const again = await take();
  expect(again.map((job) => job.jobId)).toEqual([sooner.jobId, later.jobId]);
  await markDispatched(db, again, now);
  expect(await isUndispatched(sooner.jobId)).toBe(false);
});

test('a start that arrives after the cancel that overtook it has the cancel told again', async () => {
  const { jobId } = await submit('2027-02-01T00:00:00Z');
  const first = await take();
  await cancelJob(ports, caller, jobId);
  const second = await take();
  await markDispatched(db, second, now);
  expect(await isUndispatched(jobId)).toBe(false);
  await markDispatched(db, first, now);
  expect(await isUndispatched(jobId)).toBe(true);
  const third = await take();
  expect(third.map((job) => [job.jobId, job.wish.status])).toEqual([[jobId, 'cancelled']]);
  await markDispatched(db, third, now);
  expect(await isUndispatched(jobId)).toBe(false);
});

test('at most a hundred runs asked for by hand wait, and a wish names the first few', async () => {
  const { jobId } = await submit('2027-02-01T00:00:00Z');
  const runIds: string[] = [];
  for (let run = 0; run < 100; run++) runIds.push((await triggerJob(ports, caller, jobId, {})).runId);
  await expect(triggerJob(ports, caller, jobId, {})).rejects.toMatchObject({ code: 'conflict' });
  const [job] = await take();
  expect(job?.wish.openRuns).toEqual(runIds.slice(0, 5));
  await cancelJob(ports, caller, jobId);
  const outcomes = await db.query(sql`select distinct outcome from runs where job_id = ${jobId}`);
  expect(outcomes).toEqual([{ outcome: 'cancelled' }]);
  const finished = await db.query(sql`select 1 from events where job_id = ${jobId} and type = 'run.finished'`);
  expect(finished).toHaveLength(100);
});
