import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import sql from 'sql-template-tag';
import { projectRoot } from '../../src/platform/embedded/dev-config.js';
import { openDatabase } from '../../src/store/database.js';
import { readJob } from '../../src/store/job-reads.js';
import { readQuotas, setQuotas } from '../../src/store/quotas.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** The migrations on a database in which a release before them has left jobs and runs. */

const folder = path.join(projectRoot, 'prisma/migrations');
const [first = '', ...later] = readdirSync(folder)
  .filter((name) => /^\d/.test(name))
  .toSorted();
const ROLE = '20261125080000_rows_of_one_project';
const PROJECT = '00000000-0000-7000-8000-000000000001';
const [recurring, once] = [randomUUID(), randomUUID()];

let server: TestDatabase;
let admin: pg.Client;
let database: pg.Client;
let url: string;

beforeAll(async () => {
  server = await createTestDatabase();
  const name = `with_data_${randomUUID().slice(0, 8)}`;
  url = Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  await admin.query(`create database ${name} template template0`);
  database = new pg.Client({ connectionString: url });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await admin?.query(`drop database ${new URL(url).pathname.slice(1)}`);
  await admin?.end();
  await server?.drop();
});

const apply = (name: string, to = database) => to.query(readFileSync(path.join(folder, name, 'migration.sql'), 'utf8'));

test('jobs and runs of a release before them go on', async () => {
  await apply(first);
  await database.query(`insert into jobs (id, project_id, name, type, handler, priority, tags, frequency, timezone, timeout_ms,
      retry, dispatch_after, settled_until, next_run_at, run_count, created_by, created_at, updated_at) values
    ('${recurring}', '${PROJECT}', 'tick', 'recurring', 'log', 'medium', '{a}', 'every 1 hour', 'UTC', 1000,
      '{"maxAttempts":1,"initialIntervalMs":0,"backoffCoefficient":1,"maxIntervalMs":0}', now(), '2027-01-01T02:00:00Z',
      '2027-01-01T03:00:00Z', 3, 'k', now(), now()),
    ('${once}', '${PROJECT}', 'once', 'one-time', 'log', 'low', '{}', null, 'UTC', 1000, '{}', now(), now(), null, 1, 'k', now(), now())`);
  await database.query(`insert into runs (id, project_id, job_id, trigger, fire_at, scheduled_for, outcome, generation, attempts)
    select gen_random_uuid(), '${PROJECT}', '${recurring}', trigger::run_trigger, at::timestamptz, coalesce(at, '2027-01-01T00:30:00Z')::timestamptz,
      outcome::run_outcome, 1, attempts from (values
        ('schedule', '2027-01-01T00:00:00Z', 'completed', 1), ('schedule', '2027-01-01T01:00:00Z', 'skipped_overlap', 0),
        ('schedule', '2027-01-01T02:00:00Z', 'failed', 3), ('manual', null, 'completed', 1)) as r(trigger, at, outcome, attempts)`);
  for (const name of later) await apply(name);

  const db = openDatabase({ url, maxConnections: 1, applicationName: 'test' });
  try {
    const found = await readJob(db, PROJECT, recurring);
    const next = Date.parse('2027-01-01T03:00:00Z');
    expect(found?.job).toMatchObject({
      frequency: 'every 1 hour',
      schedule: {},
      calendars: [],
      overlap: 'skip',
      catchUp: { policy: 'last', windowMs: 3_600_000 },
      next: { fireAt: next, runAt: next },
      settleAt: null,
      // Two fires began; a skipped one, and a run by hand, are none of those that maxRuns counts.
      scheduleRunCount: 2,
    });
    expect((await readJob(db, PROJECT, once))?.job).toMatchObject({ frequency: null, next: null, scheduleRunCount: 0 });
    const [runs] = await db.query<{ parallel: number; put_off: number }>(
      sql`select count(*) filter (where parallel)::int as parallel, count(effective_at)::int as put_off from runs`,
    );
    expect(runs).toEqual({ parallel: 0, put_off: 0 });

    await setQuotas(db, PROJECT, { openJobs: 10 }, next);
    expect((await readQuotas(db, PROJECT, next))?.openJobs).toEqual({ limit: 10, used: 2 });

    expect((await readJob(db.forProject(PROJECT), PROJECT, recurring))?.job.id).toBe(recurring);
    expect(await readJob(db.forProject(randomUUID()), PROJECT, recurring)).toBeUndefined();
  } finally {
    await db.close();
  }
});

test('a database user who may not make roles is told what an administrator has to do, and then all is done', async () => {
  const name = `plain_${randomUUID().slice(0, 8)}`;
  const as = Object.assign(new URL(url), { username: name, password: 'secret', pathname: `/${name}` });
  await admin.query(`create role ${name} login password 'secret'`);
  await admin.query(`create database ${name} template template0 owner ${name}`);
  const client = new pg.Client({ connectionString: as.href });
  const db = openDatabase({ url: as.href, maxConnections: 1, applicationName: 'test' });
  try {
    await client.connect();
    for (const one of [first, ...later].filter((migration) => migration < ROLE)) await apply(one, client);
    const refused = await apply(ROLE, client).catch((error: unknown) => error as pg.DatabaseError);
    expect(refused).toMatchObject({
      code: '42501',
      message: expect.stringContaining(`${name} may not act as the role`),
    });

    const [, remedy = ''] = /As an administrator: ([^;]+);/.exec((refused as pg.DatabaseError).hint ?? '') ?? [];
    await admin.query(remedy);
    for (const one of later.filter((migration) => migration >= ROLE)) await apply(one, client);

    // Quotas are counted for the project by its triggers, though it may not write the counts.
    await setQuotas(db, PROJECT, { openJobs: 1 }, Date.now());
    const insert = (id: string) =>
      db.forProject(PROJECT)
        .query(sql`insert into jobs (id, project_id, name, type, handler, priority, timezone, timeout_ms,
          retry, dispatch_after, settled_until, created_by, created_at, updated_at)
        values (${id}, ${PROJECT}, 'a', 'one-time', 'log', 'low', 'UTC', 1000, '{}', now(), now(), 'k', now(), now())`);
    const id = randomUUID();
    await insert(id);
    await expect(insert(randomUUID())).rejects.toMatchObject({ code: 'quota_exceeded' });
    expect(await db.forProject(PROJECT).query(sql`select id from jobs`)).toEqual([{ id }]);
    expect(await db.forProject(randomUUID()).query(sql`select id from jobs`)).toEqual([]);
  } finally {
    await db.close();
    await client.end();
    await admin.query(`drop database ${name} with (force)`);
    await admin.query(`drop role ${name}`);
  }
});

test('an index that is built without locking the table stands alone in its migration', () => {
  const texts = later.map((name) =>
    readFileSync(path.join(folder, name, 'migration.sql'), 'utf8').replaceAll(/^--.*$/gm, ''),
  );
  const concurrent = texts.filter((text) => /concurrently/i.test(text));
  expect(concurrent).not.toHaveLength(0);
  for (const text of concurrent) {
    expect(text.split(';').filter((statement) => statement.trim() !== '')).toHaveLength(1);
  }
});
