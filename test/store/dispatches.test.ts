import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { cancelJob, submitJob, triggerJob, type CommandPorts } from '../../src/commands/index.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { builtinDefinitions } from '../../src/handlers/definitions.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { markDispatched, takeUndispatched } from '../../src/store/dispatches.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { testVault } from '../support/encryption.js';

let database: TestDatabase;
let db: Database;
let ports: CommandPorts;
let now = Date.parse('2027-01-01T00:00:00Z');
const caller = { projectId: DEFAULT_PROJECT_ID, actor: 'test' };
const take = () => takeUndispatched(db, 10, { now, leaseUntil: now + 10_000 });
const isUndispatched = async (jobId: string) =>
  (await db.query(sql`select 1 from jobs where id = ${jobId} and observed_generation < generation`)).length === 1;
const submit = (executionTime: string, projectId = DEFAULT_PROJECT_ID) =>
  submitJob(ports, { ...caller, projectId }, { jobName: 'a job', jobType: 'one-time', executionTime });
const newProject = async (weight = 1) => {
  const id = randomUUID();
  await db.query(sql`insert into projects (id, slug, name, weight) values (${id}, ${id}, 'another', ${weight})`);
  return id;
};

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.url, maxConnections: 4, applicationName: 'test' });
  const definitions = new Map(builtinDefinitions.map((definition) => [definition.name, definition]));
  ports = { db, vault: testVault, clock: { now: () => now }, definitions, onCommitted: () => undefined };
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

describe('with jobs of several projects', () => {
  const far = '2027-06-01T00:00:00Z';
  const takeInTurn = (limit: number, after?: string) =>
    takeUndispatched(db, limit, { now, leaseUntil: now + 10_000 }, after);
  beforeEach(async () => {
    await db.query(sql`update jobs set observed_generation = generation`);
  });

  test('the projects take turns, whoever has the most, the soonest due, or came first', async () => {
    const [many, few] = [await newProject(), await newProject()];
    for (let i = 0; i < 40; i++) await submit('2027-02-01T00:00:00Z', many);
    for (let i = 0; i < 2; i++) await submit(far, few);
    const taken = (await takeInTurn(6)).map(({ projectId }) => projectId);
    expect(new Set(taken.slice(0, 2))).toEqual(new Set([many, few]));
    expect(new Set(taken.slice(2, 4))).toEqual(new Set([many, few]));
    expect(taken.slice(4)).toEqual([many, many]);
  });

  test('one of twice the weight has two turns for one', async () => {
    const [light, heavy] = [await newProject(), await newProject(2)];
    for (let i = 0; i < 8; i++) for (const project of [light, heavy]) await submit(far, project);
    const taken = await takeInTurn(9);
    expect(taken.filter(({ projectId }) => projectId === heavy)).toHaveLength(6);
    expect(taken.map(({ wish }) => wish.weight)).toEqual(
      taken.map(({ projectId }) => (projectId === heavy ? 2 : undefined)),
    );
  });

  test('of more than share a take, the next take begins after the last', async () => {
    const projects: string[] = [];
    for (let i = 0; i < 70; i++) projects.push(await newProject());
    for (const project of projects) await submit(far, project);
    const seen = new Set<string>();
    let last: string | undefined;
    for (let round = 0; round < 3; round++) {
      const taken = await takeInTurn(32, last);
      last = taken.at(-1)?.projectId;
      for (const { projectId } of taken) seen.add(projectId);
    }
    expect(seen.size).toBe(70);
  });

  test('however late the jobs of some are due, and whatever the weights, each has a turn in one round', async () => {
    const projects: string[] = [];
    for (let i = 0; i < 40; i++) projects.push(await newProject(i % 2 === 0 ? 5 : 1));
    for (const [i, project] of projects.entries()) {
      for (let job = 0; job < 3; job++) await submit(`2027-0${2 + (i % 7)}-01T00:00:00Z`, project);
    }
    const seen = new Set<string>();
    let last: string | undefined;
    // Two projects have four jobs a turn, so that twenty jobs are the turns of ten projects.
    for (let round = 0; round < 4; round++) {
      const taken = await takeInTurn(20, last);
      last = taken.at(-1)?.projectId;
      for (const { projectId } of taken) seen.add(projectId);
    }
    expect(seen).toEqual(new Set(projects));
  });
});
