import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import sql, { raw, type Sql } from 'sql-template-tag';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { openDatabase, type Database, type Transactional } from '../../src/store/database.js';
import { createTestDatabase } from '../support/database.js';
import { fillTables, tablesOf, type Table } from '../support/tables.js';

/** Row-level security: the wall behind the conditions of the statements. docs/decisions/0015-row-level-security.md. */

const [OURS, THEIRS] = [DEFAULT_PROJECT_ID, '00000000-0000-7000-8000-000000000002'];

/** The tables whose rows belong to no project, and why; what the role may do with them. */
const OF_NO_PROJECT: Record<string, { why: string; privileges: string[] }> = {
  nodes: { why: 'workers are the whole instance’s', privileges: ['SELECT'] },
  users: { why: 'may be members of several projects', privileges: [] },
  sessions: { why: 'a user’s', privileges: [] },
  memory: { why: 'what the installation remembers of itself', privileges: [] },
  rate_counts: { why: 'counted before it is known who calls', privileges: [] },
  _prisma_migrations: { why: 'Prisma’s own', privileges: [] },
};

let url: string;
let db: Database;
let tables: Table[];
beforeAll(async () => {
  ({ url } = await createTestDatabase());
  db = openDatabase({ url, maxConnections: 1, applicationName: 'test' });
  await db.query(sql`insert into projects (id, slug, name) values (${THEIRS}, 'theirs', 'Theirs')`);
  tables = await tablesOf(db);
  await fillTables(url, ofProjects(), [OURS, THEIRS]);
});
afterAll(() => db.close());

const ofProjects = () => tables.filter(({ name }) => !(name in OF_NO_PROJECT));
const rowsOf = (of: Transactional, { name, projectColumn }: Table) =>
  of.query<{ project: string }>(sql`select ${raw(`"${projectColumn}"::text`)} as project from ${raw(name)}`);
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { code?: string }).code,
  );

test('every table is closed to other projects, or known to belong to none', () => {
  const problems = tables.flatMap(({ name, projectColumn, policies, isEnabled, privileges }) => {
    const exception = OF_NO_PROJECT[name];
    if (exception)
      return privileges.toString() === exception.privileges.toString() ? [] : [`${name}: ${privileges.join()}`];
    const own = `(${projectColumn} = (current_setting('carillon.project_id'::text))::uuid)`;
    const [policy] = policies;
    const isClosed =
      isEnabled && policies.length === 1 && policy?.using === own && policy.check === own && policy.command === '*';
    if (isClosed) return [];
    return [
      `${name} is not closed to other projects. Its migration needs the line: ` +
        `SELECT restrict_to_project('${name}', 'SELECT, INSERT'); with what API calls do with it. ` +
        `A table without a project_id goes into OF_NO_PROJECT of this test, with the reason.`,
    ];
  });
  expect(problems).toEqual([]);
});

test('nothing else leads past the policies', async () => {
  // What runs with its owner's rights sees all: triggers only, which nobody calls, and with names that nobody can redirect.
  const functions = await db.query(sql`select proname from pg_proc
    where pronamespace = 'public'::regnamespace and prosecdef
      and (prorettype <> 'trigger'::regtype or proconfig is distinct from array['search_path=public, pg_temp'])`);
  const views = await db.query(sql`select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('v', 'm') and has_table_privilege('carillon_project', oid, 'SELECT')`);
  const [role] = await db.query(sql`select rolsuper, rolbypassrls, rolcanlogin, rolcreaterole,
      exists (select from pg_auth_members m where m.member = r.oid) as is_member
    from pg_roles r where rolname = 'carillon_project'`);
  expect({ functions, views, role }).toEqual({
    functions: [],
    views: [],
    role: { rolsuper: false, rolbypassrls: false, rolcanlogin: false, rolcreaterole: false, is_member: false },
  });
});

test('a statement without any condition sees the rows of its project only, in every table', async () => {
  for (const table of ofProjects()) {
    const seen = await Promise.all([db, db.forProject(OURS), db.forProject(THEIRS)].map((of) => rowsOf(of, table)));
    const projects = seen.map((rows) => [...new Set(rows.map((row) => row.project))].toSorted());
    expect({ [table.name]: projects }).toEqual({ [table.name]: [[OURS, THEIRS], [OURS], [THEIRS]] });
  }
});

test('a project changes, deletes and adds no row of another one, in any table', async () => {
  const ours = db.forProject(OURS);
  const theirRows = ({ name, projectColumn }: Table) =>
    sql`select to_jsonb(t) as row from ${raw(name)} t where ${raw(projectColumn)} = ${THEIRS}`;
  const undone = (statement: Sql) =>
    codeOf(
      ours.transaction(async (tx) => {
        await tx.query(statement);
        await tx.query(sql`reset role`);
        const left = await tx.query(theirRows(at));
        if (JSON.stringify(left) === JSON.stringify(before))
          throw Object.assign(new Error(), { code: 'touched nothing' });
      }),
    );
  let at: Table;
  let before: { row: unknown }[];
  for (at of ofProjects()) {
    const { name, projectColumn, columns, privileges } = at;
    before = await db.query<{ row: unknown }>(theirRows(at));
    const may = (privilege: string) => privileges.includes(privilege);
    const column = raw(columns.find((one) => one.isUpdatable)?.name ?? projectColumn);
    expect({
      [name]: {
        update: await undone(sql`update ${raw(name)} set ${column} = ${column}`),
        delete: await undone(sql`delete from ${raw(name)}`),
        give: await codeOf(ours.query(sql`update ${raw(name)} set ${raw(projectColumn)} = ${THEIRS}`)),
        insert: await codeOf(
          ours.query(
            sql`insert into ${raw(name)} select * from jsonb_populate_record(null::${raw(name)}, ${before[0]?.row})`,
          ),
        ),
      },
    }).toEqual({
      [name]: {
        update: may('UPDATE') || columns.some((one) => one.isUpdatable) ? 'touched nothing' : '42501',
        delete: may('DELETE') ? 'touched nothing' : '42501',
        give: '42501',
        insert: '42501',
      },
    });
  }
});

const whoAmI = sql`select current_user::text as role, nullif(current_setting('carillon.project_id', true), '') as project,
  (select count(*)::int from projects) as projects, pg_backend_pid() as pid`;
const asSystem = expect.objectContaining({ role: 'carillon', project: null, projects: 2 });
const asProject = (project: string) => expect.objectContaining({ role: 'carillon_project', project, projects: 1 });

test('one connection acts in turn for the system and for projects, and for none longer than it is asked to', async () => {
  const answers = [];
  for (const handle of [db, db.forProject(OURS), db.forProject(THEIRS), db, db, db.forProject(THEIRS)]) {
    answers.push(
      (await handle.query<{ pid: number }>(whoAmI))[0],
      (await handle.transaction((tx) => tx.query(whoAmI)))[0],
    );
  }
  const expected = [asSystem, asProject(OURS), asProject(THEIRS), asSystem, asSystem, asProject(THEIRS)];
  expect(answers).toEqual(expected.flatMap((one) => [one, one]));
  expect(new Set(answers.map((one) => (one as { pid: number }).pid)).size).toBe(1);
});

test('Prisma works for the system, also on a connection that worked for a project before', async () => {
  await db.forProject(OURS).query(whoAmI);
  expect(await db.prisma.project.count()).toBe(2);
  await db.forProject(OURS).query(whoAmI);
  expect(await db.prisma.$transaction((tx) => tx.project.count())).toBe(2);
});

test('connections that are shared at the same time are never mixed up', async () => {
  const busy = openDatabase({ url, maxConnections: 4, applicationName: 'test' });
  try {
    const handles = [
      { of: busy, expected: asSystem },
      { of: busy.forProject(OURS), expected: asProject(OURS) },
      { of: busy.forProject(THEIRS), expected: asProject(THEIRS) },
    ];
    const work = Array.from({ length: 300 }, async (_, index) => {
      const { of, expected } = handles[(index * 7 + (index >> 3)) % 3] ?? { of: busy, expected: asSystem };
      const fails = index % 5 === 0;
      const [answer] = await (index % 2 === 0
        ? of.query(whoAmI)
        : of.transaction(async (tx) => {
            const rows = await tx.query(whoAmI);
            if (fails) await tx.query(sql`select 1 / 0`).catch(() => undefined);
            return rows;
          }));
      expect(answer).toEqual(expected);
    });
    await Promise.all(work);
  } finally {
    await busy.close();
  }
});

test('an error in the middle of a transaction leaves no trace of the project that it was for', async () => {
  const failing = db.forProject(OURS).transaction(async (tx) => {
    await tx.query(sql`update projects set weight = 2`);
    await tx.query(sql`select 1 / 0`);
  });
  await expect(failing).rejects.toThrow('division by zero');
  expect(await db.query(whoAmI)).toEqual([asSystem]);
  await expect(db.forProject(THEIRS).query(sql`select 1 / 0`)).rejects.toThrow('division by zero');
  expect(await db.forProject(OURS).query(whoAmI)).toEqual([asProject(OURS)]);
  expect(await db.query(sql`select distinct weight from projects`)).toEqual([{ weight: 1 }]);
});

test('a connection of which it is not known whom it acts for is closed', async () => {
  const [before] = await db.query<{ pid: number }>(whoAmI);
  // Postgres takes no zero byte: the change of the project fails.
  await expect(db.forProject(`${OURS}\0`).query(whoAmI)).rejects.toThrow(/./);
  const [after] = await db.query<{ pid: number }>(whoAmI);
  expect(after).toEqual(asSystem);
  expect(after?.pid).not.toBe(before?.pid);
});

test('a project’s statement fails where the project is not told', async () => {
  await expect(db.forProject('').query(sql`select * from jobs`)).rejects.toThrow('invalid input syntax for type uuid');
  await expect(
    db.transaction(async (tx) => {
      await tx.query(sql`set local role carillon_project`);
      await tx.query(sql`select * from jobs`);
    }),
  ).rejects.toThrow(/carillon\.project_id|invalid input syntax for type uuid/);
});

test('whom a connection acts for is changed where it differs only', async () => {
  const ours = db.forProject(OURS);
  await db.query(whoAmI);
  const sent = jest.spyOn(pg.Client.prototype, 'query');
  try {
    for (let count = 0; count < 5; count += 1) await ours.query(whoAmI);
    await db.query(whoAmI);
    await db.query(whoAmI);
    const changes = sent.mock.calls.filter(([given]) => /role/.test(given)).map(([given]) => given);
    expect(changes).toEqual([
      expect.stringContaining('set role carillon_project'),
      expect.stringContaining('reset role'),
    ]);
  } finally {
    sent.mockRestore();
  }
});

test('a database user who is not granted the role is told so', async () => {
  const user = `user_${randomUUID().slice(0, 8)}`;
  await db.query(sql`create role ${raw(user)} login password 'secret'`);
  const other = openDatabase({
    url: Object.assign(new URL(url), { username: user, password: 'secret' }).href,
    maxConnections: 1,
    applicationName: 'test',
  });
  try {
    await expect(other.forProject(OURS).query(whoAmI)).rejects.toThrow(/may not act as the role carillon_project/);
    expect(await other.query(sql`select 1 as one`)).toEqual([{ one: 1 }]);
  } finally {
    await other.close();
    await db.query(sql`drop role ${raw(user)}`);
  }
});
