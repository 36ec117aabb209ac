import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import sql, { raw, type Sql } from 'sql-template-tag';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { openDatabase, type Database, type Transactional } from '../../src/store/database.js';
import { createTestDatabase } from '../support/database.js';
import { fillTables, tablesOf, type Table } from '../support/tables.js';

/** The wall behind the conditions of the statements: docs/decisions/0015-rows-of-one-project.md. */

const [OURS, THEIRS] = [DEFAULT_PROJECT_ID, '00000000-0000-7000-8000-000000000002'];

/** The tables that a project does not see as views of its own rows, and why; what it may do with them. */
const NOT_OPENED: Record<string, { why: string; privileges: string[] }> = {
  nodes: { why: 'the workers are no project’s', privileges: ['SELECT'] },
  follow_ups: { why: 'written and read by schedulers and workers', privileges: [] },
  audit_heads: {
    why: 'the ends of the chains: schedulers write them, npm run audit:verify reads them',
    privileges: [],
  },
  users: { why: 'may be members of several projects', privileges: [] },
  sessions: { why: 'a user’s', privileges: [] },
  memory: { why: 'what the installation remembers of itself', privileges: [] },
  rate_counts: { why: 'counted before it is known who calls', privileges: [] },
  _prisma_migrations: { why: 'Prisma’s own', privileges: [] },
};

let url: string;
let db: Database;
let tables: Table[];
let opened: Table[];
beforeAll(async () => {
  ({ url } = await createTestDatabase());
  db = openDatabase({ url, maxConnections: 1, applicationName: 'test' });
  await db.query(sql`insert into projects (id, slug, name) values (${THEIRS}, 'theirs', 'Theirs')`);
  tables = await tablesOf(db);
  opened = tables.filter(({ view }) => view !== null);
  await fillTables(url, opened, [OURS, THEIRS]);
});
afterAll(() => db.close());

test('a project reaches each table through a view of its own rows, or not at all', () => {
  const problems = tables.flatMap(({ name, projectColumn, columns, privileges, view }) => {
    const exception = NOT_OPENED[name];
    if (exception) {
      return view === null && privileges.toString() === exception.privileges.toString() ? [] : [`${name} is open`];
    }
    if (privileges.length > 0)
      return [`${name}: take ${privileges.join(', ')} on the table itself from carillon_project`];
    if (view === null) {
      return [
        `${name} is not reached by API calls. If it is to be, its migration needs: SELECT open_to_project('${name}', ` +
          `'SELECT, INSERT'); with what they do with it. If not, list it in NOT_OPENED of this test, with the reason.`,
      ];
    }
    const names = columns.map((column) => column.name);
    if (view.columns.toString() !== names.toString()) {
      return [`${name} has other columns than its view: SELECT open_to_project('${name}', ...) again in the migration`];
    }
    const ends = view.definition.endsWith(
      `FROM ${name}\n  WHERE (${projectColumn} = (current_setting('carillon.project_id'::text))::uuid);`,
    );
    return ends && view.options?.toString() === 'check_option=cascaded' ? [] : [`${name}: ${view.definition}`];
  });
  expect(problems).toEqual([]);
});

test('nothing else leads a project to the rows of another one', async () => {
  const others = await db.query(sql`select relname from pg_class c join pg_namespace n on n.oid = relnamespace
    where relkind in ('r', 'p', 'v', 'm', 'f') and nspname not in ('pg_catalog', 'information_schema')
      and has_any_column_privilege('carillon_project', c.oid, 'SELECT, INSERT, UPDATE')
      and not (nspname = 'project_rows' and relname = any(${opened.map((table) => table.name)})) order by relname`);
  // What runs with its owner's rights sees all: triggers only, which nobody calls, and with names that nobody can redirect.
  const functions = await db.query(sql`select proname from pg_proc
    where pronamespace in ('public'::regnamespace, 'project_rows'::regnamespace) and prosecdef
      and (prorettype <> 'trigger'::regtype or proconfig is distinct from array['search_path=public, pg_temp'])`);
  const [role] = await db.query(sql`select rolsuper, rolcanlogin, rolcreaterole,
      exists (select from pg_auth_members m where m.member = r.oid) as "isMember",
      has_schema_privilege(r.oid, 'public', 'CREATE') or has_schema_privilege(r.oid, 'project_rows', 'CREATE') as "mayCreate"
    from pg_roles r where rolname = 'carillon_project'`);
  expect({ others, functions, role }).toEqual({
    others: [{ relname: 'nodes' }],
    functions: [],
    role: { rolsuper: false, rolcanlogin: false, rolcreaterole: false, isMember: false, mayCreate: false },
  });
});

test('a statement without any condition sees the rows of its project only, in every table', async () => {
  for (const { name, projectColumn } of opened) {
    const projectsSeen = async (by: Transactional) => {
      const rows = await by.query<{ id: string }>(sql`select distinct ${raw(projectColumn)} as id from ${raw(name)}`);
      return rows.map(({ id }) => id).toSorted();
    };
    const seen = [
      await projectsSeen(db),
      await projectsSeen(db.forProject(OURS)),
      await projectsSeen(db.forProject(THEIRS)),
    ];
    expect({ [name]: seen }).toEqual({ [name]: [[OURS, THEIRS], [OURS], [THEIRS]] });
  }
});

test('a project changes, deletes and adds no row of another one, in any table', async () => {
  for (const { name, projectColumn, columns: all, view } of opened) {
    const table = raw(name);
    const columns = all.filter((column) => column.name !== projectColumn);
    const theirRows = sql`select to_jsonb(t) as row from public.${table} t where ${raw(projectColumn)} = ${THEIRS}`;
    const before = await db.query<{ row: Record<string, unknown> }>(theirRows);
    /** What came of a statement without a condition: undone afterwards. */
    const attempt = async (statement: Sql) => {
      let left = before;
      const error = await db
        .forProject(OURS)
        .transaction(async (tx) => {
          await tx.query(statement);
          await tx.query(sql`reset role`);
          left = await tx.query<{ row: Record<string, unknown> }>(theirRows);
          throw new Error('undo it');
        })
        .catch((cause: unknown) => cause as { code?: string; message: string });
      expect(left).toEqual(before);
      return error.code ?? error.message;
    };
    const column = raw(view?.changeable[0] ?? projectColumn);
    expect({
      [name]: {
        change: await attempt(sql`update ${table} set ${column} = ${column}`),
        delete: await attempt(sql`delete from ${table}`),
        give: await attempt(sql`update ${table} set ${raw(projectColumn)} = ${THEIRS}`),
        add: await attempt(
          sql`insert into ${table} select * from jsonb_populate_record(null::${table}, ${likeOf(columns, before)})`,
        ),
        pass: await attempt(sql`select * from public.${table}`),
      },
    }).toEqual({
      [name]: {
        change: view?.changeable.length ? 'undo it' : NO_PRIVILEGE,
        delete: view?.privileges.includes('DELETE') ? 'undo it' : NO_PRIVILEGE,
        give: view?.changeable.includes(projectColumn) ? AGAINST_CHECK_OPTION : NO_PRIVILEGE,
        add: view?.privileges.includes('INSERT') ? AGAINST_CHECK_OPTION : NO_PRIVILEGE,
        pass: NO_PRIVILEGE,
      },
    });
  }
});

/** A row like the first one, with ids of its own. */
function likeOf(columns: Table['columns'], [first]: readonly { row: Record<string, unknown> }[]): string {
  const ids = columns.flatMap(({ name, type }): [string, unknown][] => {
    if (type === 'uuid' || type === 'text') return [[name, randomUUID()]];
    return type === 'bigint' && name === 'id' ? [[name, 1_000_000]] : [];
  });
  return JSON.stringify({ ...first?.row, ...Object.fromEntries(ids) });
}

test('a project’s upsert does not change the row of another one that is in its way', async () => {
  const ours = db.forProject(OURS);
  const upsert = (id: string) =>
    ours.query(sql`insert into redrives (run_id, job_id, project_id, due_at, actor, requested_at)
      values (${id}, ${id}, ${OURS}, now(), 'us', now()) on conflict (run_id) do update set actor = excluded.actor`);
  const [theirs] = await db.query<{ id: string }>(sql`select run_id as id from redrives where project_id = ${THEIRS}`);
  await expect(upsert(theirs?.id ?? '')).rejects.toMatchObject({ code: AGAINST_CHECK_OPTION });
  const [own] = await ours.query<{ id: string }>(sql`select run_id as id from redrives`);
  await upsert(own?.id ?? '');
  expect(await ours.query(sql`select actor from redrives`)).toEqual([{ actor: 'us' }]);
});

const NO_PRIVILEGE = '42501';
const AGAINST_CHECK_OPTION = '44000';

const whoAmI = sql`select current_user::text as role, nullif(current_setting('carillon.project_id', true), '') as project,
  (select count(*)::int from projects) as projects, current_setting('search_path') as path, pg_backend_pid() as pid`;
const asSystem = expect.objectContaining({ role: 'carillon', project: null, projects: 2, path: '"$user", public' });
const asProject = (project: string) =>
  expect.objectContaining({ role: 'carillon_project', project, projects: 1, path: 'project_rows, public' });

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
  expect(new Set(answers.map((one) => one?.pid)).size).toBe(1);
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
    const ask = async ({ of, expected }: (typeof handles)[number], index: number) => {
      const [answer] = await (index % 2 === 0
        ? of.query(whoAmI)
        : of.transaction(async (tx) => {
            const rows = await tx.query(whoAmI);
            // One that ends in an error among those that do not.
            if (index % 5 === 0) await tx.query(sql`select 1 / 0`).catch(() => undefined);
            return rows;
          }));
      expect(answer).toEqual(expected);
    };
    const work = Array.from({ length: 100 }).flatMap((_, index) => handles.map((one) => ask(one, index)));
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
  await expect(db.forProject(`${OURS}\0`).query(whoAmI)).rejects.toThrow('invalid message format');
  const [after] = await db.query<{ pid: number }>(whoAmI);
  expect(after).toEqual(asSystem);
  expect(after?.pid).not.toBe(before?.pid);
});

test('a statement for a project fails where the project is not told', async () => {
  await expect(db.forProject('').query(sql`select * from jobs`)).rejects.toThrow('invalid input syntax for type uuid');
  const untold = db.transaction(async (tx) => {
    await tx.query(sql`set local role carillon_project`);
    await tx.query(sql`select * from project_rows.jobs`);
  });
  await expect(untold).rejects.toThrow(/carillon\.project_id|invalid input syntax for type uuid/);
});

test('a prepared statement is another one for the system and for each project', async () => {
  const count = sql`select count(*)::int as count from jobs`;
  const handles = [db, db.forProject(OURS), db, db.forProject(THEIRS), db];
  const counts = [];
  for (const handle of handles) counts.push((await handle.query<{ count: number }>(count, 'count-jobs'))[0]?.count);
  expect(counts).toEqual([2, 1, 2, 1, 2]);
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
